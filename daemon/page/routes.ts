/** The table of routes: the first that matches answers. */
import { type Answer, htmlAnswer, redirectAnswer, svgAnswer } from './answer.ts'
import { RENDER_MS, SOURCE_MS } from './constants.ts'
import { within } from './deadline.ts'
import { PageError } from './errors.ts'
import { exploreAnswer, isExplorer } from './explorer-routes.ts'
import { identicon } from './identicon.ts'
import type { MarkdownThread } from './markdown-thread.ts'
import { nodePage } from './node-page.ts'
import { toProblem } from './problems.ts'
import { isServiceName } from './service-name.ts'
import { type Face, servicePage } from './service-page.ts'
import type { PageSource } from './types.ts'

export interface RouteComponents {
  source: PageSource
  markdown: MarkdownThread
  log: (line: string) => void
  /** how long `render` may take, in milliseconds; @default RENDER_MS */
  renderMs?: number
}

export interface Route {
  matches(segments: readonly string[]): boolean
  answer(segments: readonly string[], components: RouteComponents, options: { signal: AbortSignal }): Promise<Answer>
}

export const routes: readonly Route[] = [
  {
    matches: ([first, ...rest]) => first === '' && rest.length === 0,
    async answer(_segments, { source }, { signal }) {
      const [node, services] = await described(signal, () => Promise.all([source.node(), source.services()]))
      return htmlAnswer(200, nodePage(node, services))
    },
  },
  {
    matches: ([first, ...rest]) => first === 'icon.svg' && rest.length === 0,
    async answer(_segments, { source }, { signal }) {
      return svgAnswer(identicon((await described(signal, () => source.node())).peerId))
    },
  },
  { matches: isExplorer, answer: exploreAnswer },
  {
    // relative links of the contract need the slash at the end
    matches: ([name, ...rest]) => isServiceName(name) && rest.length === 0,
    answer: async ([name]) => redirectAnswer(`/${name}/`),
  },
  {
    matches: ([name, ...rest]) => isServiceName(name) && rest.length > 0,
    async answer([name, ...rest], components, { signal }) {
      const { source } = components
      const path = rest.join('/')
      const [node, services, functions] = await described(signal, () =>
        Promise.all([source.node(), source.services(), source.functions(name!)]),
      )
      const service = services.find((candidate) => candidate.name === name)
      if (service === undefined || functions === undefined) throw new PageError('NO_SUCH_SERVICE', 'no such service')
      const face = await faceOf(name!, path, components, { signal })
      const status = 'problem' in face ? face.problem.status : 200
      return htmlAnswer(status, servicePage({ node, service, functions, path, face }))
    },
  },
]

/** Asks the node about itself. */
function described<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  return within({ ms: SOURCE_MS, signal, late: () => new PageError('NODE_TOO_SLOW', 'the node is slow') }, ask)
}

/** Has the contract render its page. Whatever it does, the rest of the page is shown. */
async function faceOf(
  name: string,
  path: string,
  components: RouteComponents,
  options: { signal: AbortSignal },
): Promise<Face> {
  const { source, markdown, log, renderMs = RENDER_MS } = components
  const late = () => new PageError('RENDER_TOO_SLOW', 'the contract is slow')
  try {
    return await within({ ms: renderMs, signal: options.signal, late }, async ({ signal }) => {
      const text = await source.render(name, `/${path}`, { signal })
      return text === undefined
        ? { none: true }
        : { markup: await markdown.render(text, { service: name, path }, { signal }) }
    })
  } catch (error) {
    options.signal.throwIfAborted()
    const problem = toProblem(error)
    log(`page of ${name} failed: ${problem.code}`)
    return { problem }
  }
}
