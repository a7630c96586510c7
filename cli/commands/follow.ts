import { CliError } from '../errors.ts'
import { counted } from '../format.ts'
import { say, table } from '../text.ts'
import type { Command } from '../types.ts'

export const follow: Command = {
  name: 'follow',
  summary: 'keep up with somebody: what is new there is told to this node at once',
  args: [{ name: 'NAME', help: 'a user, or a service of one', optional: true }],
  flags: [
    { name: 'list', help: 'those that this node follows' },
    { name: 'stop', help: 'follow NAME no longer' },
  ],
  examples: [`follow '~k51...'`, 'follow --list', `follow --stop '~k51...'`],

  async run({ request, words, flags }) {
    const [name] = words
    if (flags.has('list')) {
      if (name !== undefined) throw new CliError('USAGE', 'follow --list takes no NAME.', 'leave one of them out')
      const { follows } = await request('following', {})
      const rows = follows.map(({ name, services, expires }): [string, string] => [
        name,
        `${counted(services, 'service')}, known until ${expires ?? 'nobody said'}`,
      ])
      return { value: { follows }, human: rows.length > 0 ? table(rows) : [say`Nobody.`] }
    }
    if (name === undefined)
      throw new CliError('USAGE', 'follow needs the NAME of a user.', 'amigo follow --list shows those you follow')
    const done = await request('follow', { name, stop: flags.has('stop') }, { doing: `looking up ${name}` })
    return { value: done, human: [done.following ? say`Following ${name}.` : say`No longer following ${name}.`] }
  },
}
