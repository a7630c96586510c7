import { CliError } from '../errors.ts'
import { span } from '../format.ts'
import { say, styled, table } from '../text.ts'
import type { Command, Flags } from '../types.ts'

export const register: Command = {
  name: 'register',
  summary: 'claim a username on this network; or renew one, pass it on, give it up',
  args: [{ name: 'USERNAME', help: '2 to 32 characters of a-z, 0-9 and single dashes inside' }],
  flags: [
    { name: 'renew', help: 'hold it for another year from now' },
    { name: 'transfer', value: 'USER', help: 'give it to another user' },
    { name: 'release', help: 'give it up: whoever comes first may have it' },
  ],
  examples: ['register alice', 'register alice --renew', 'register alice --transfer bob.amigos.net'],

  async run({ flags, request, words }) {
    const [username = ''] = words
    const user = flags.text('transfer')
    const action = actionOf(flags)
    const params = { username, ...(action === undefined ? {} : { action }), ...(user === undefined ? {} : { user }) }
    const done = await request('register', params, { doing: `asking the hub about ${username}` })
    const { name, key, expires, registrar, witnesses, seenBy } = done
    const left = expires === null ? '' : ` (${span((Date.parse(expires) - Date.now()) / 1000)})`
    const held = [
      ['  user', key ?? '-'],
      ['  until', `${expires}${left}`],
      ['  signed by', witnesses === 0 ? registrar : `${registrar} and ${witnesses} of its witnesses`],
      ['  seen by', `${seenBy} ${seenBy === 1 ? 'node' : 'nodes'}`],
    ]
    const head = key === null ? say`Nobody has ${styled('bold', name)} any more` : say`${styled('bold', name)}`
    return {
      value: done,
      human: [head, ...(key === null ? [] : table(held))],
      notes: action === undefined ? [say`Next: amigo publish DIR, and it is ${name}/NAME`] : [],
    }
  },
}

type Action = 'renew' | 'transfer' | 'release'

function actionOf(flags: Flags): Action | undefined {
  const given = (['renew', 'transfer', 'release'] as const).filter((flag) => flags.has(flag))
  if (given.length <= 1) return given[0]
  throw new CliError('USAGE', `--${given.join(' and --')} do not go together.`, 'say one of them')
}
