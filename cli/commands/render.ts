import { CliError } from '../errors.ts'
import { findFunction } from '../invoke.ts'
import { splitPagePath } from '../page-path.ts'
import { linesOf } from '../text.ts'
import type { Command } from '../types.ts'

export const render: Command = {
  name: 'render',
  summary: "show a service's page as Markdown",
  args: [{ name: 'NAME[/PATH]', help: 'the service, and the place in its page' }],
  flags: [],
  examples: ['render alice/guestbook', 'render local.land/_/forum/thread/3'],

  async run(context) {
    const { name, path } = splitPagePath(context.words[0] ?? '')
    const { params } = await findFunction(context, name, 'render')
    const args = params.length === 0 ? [] : [`/${path}`]
    const { result } = await context.request('query', { name, method: 'render', args }, { doing: 'rendering' })
    if (typeof result !== 'string')
      throw new CliError('NOT_MARKDOWN', `The render function of ${name} gave no text`, 'Its author has to mend it')
    return { value: { markdown: result }, human: linesOf(result) }
  },
}
