import { CliError } from '../errors.ts'
import { say } from '../text.ts'
import type { Command } from '../types.ts'

export const page: Command = {
  name: 'page',
  summary: 'say which of my services is my page, or show which is',
  args: [{ name: 'NAME', optional: true, help: 'a service of mine that renders, or a CID' }],
  flags: [{ name: 'none', help: 'have no page' }],
  examples: ['page local.land/_/home', 'page', 'page --none'],

  async run({ flags, request, words }) {
    const [name] = words
    const remove = flags.has('none')
    if (remove && name !== undefined) throw new CliError('USAGE', '--none takes no NAME.', 'leave one of them out')
    const said = await request('page', { ...(name === undefined ? {} : { name }), ...(remove ? { remove } : {}) })
    if (said.page === null) return { value: said, human: [say`${said.name} has no page.`] }
    return {
      value: said,
      human: [say`The page of ${said.name} is ${said.page}`],
      notes: [say`Others see it with amigo render ${said.name}`],
    }
  },
}
