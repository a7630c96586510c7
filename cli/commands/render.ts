import { CliError } from '../errors.ts'
import { listFunctions } from '../invoke.ts'
import { splitPagePath } from '../page-path.ts'
import { serviceName } from '../service-name.ts'
import { shellWord } from '../shell-word.ts'
import { staleNote } from '../stale.ts'
import { linesOf } from '../text.ts'
import type { Command, Context } from '../types.ts'
import { isCopy } from './query.ts'

export const render: Command = {
  name: 'render',
  summary: "show a service's page as Markdown",
  args: [{ name: 'NAME[/PATH]', help: 'the service, and the place in its page; or a user' }],
  flags: [],
  examples: [`render '~k51.../guestbook'`, 'render local.land/_/guestbook'],

  async run(context) {
    const { name: word, path } = splitPagePath(context.words[0] ?? '')
    const name = await pageOf(context, serviceName(word))
    const params = (await listFunctions(context, name)).find((fn) => fn.name === 'render')?.params
    if (params === undefined)
      throw new CliError(
        'NO_SUCH_FUNCTION',
        `${name} exports no render(path), so it has no page.`,
        `see what it exports: amigo call ${shellWord(name)}`,
      )
    const args = params.length === 0 ? [] : [`/${path}`]
    const { result, trust } = await context.request('query', { name, method: 'render', args }, { doing: 'rendering' })
    if (typeof result !== 'string')
      throw new CliError('NOT_MARKDOWN', `The render function of ${name} gave no text.`, 'its author has to mend it')
    return { value: { markdown: result }, human: linesOf(result), notes: staleNote({ stale: isCopy(trust) }) }
  },
}

/** A user is shown by the service that the user's home names (`amigo page`). */
async function pageOf(context: Context, name: string): Promise<string> {
  if (!/^(?:~[^/]+|[^/]+\.[^/]+)$/.test(name)) return name
  const { kind, page } = await context.request('resolve', { name }, { doing: `looking up ${name}` })
  if (kind !== 'user') return name
  if (page !== undefined) return page
  const hint = 'its user says so with `page NAME`; until then: amigo render USER/SERVICE'
  throw new CliError('NO_SUCH_PAGE', `${name} has said of no service that it is the page.`, hint)
}
