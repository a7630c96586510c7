/** `/NAME/-/...`: what the node shows of a service besides the page that its contract renders. */
import { type Answer, htmlAnswer, redirectAnswer } from './answer.ts'
import { statePartLine } from './command.ts'
import { commitPage } from './commit-page.ts'
import { EXPLORE_MS } from './constants.ts'
import { within } from './deadline.ts'
import { PageError } from './errors.ts'
import { functionsPage } from './functions-page.ts'
import { graphPage } from './graph-page.ts'
import { historyPage } from './history-page.ts'
import type { SafeHtml } from './html.ts'
import { type Problem, stateProblem, toProblem } from './problems.ts'
import { EXPLORER, problemFrame, type ServiceFrame, serviceFrame, type Tab } from './service-frame.ts'
import { isServiceName } from './service-name.ts'
import { statePage } from './state-page.ts'
import type { PageNode, PageService, PageSource } from './types.ts'

export interface ExplorerComponents {
  source: PageSource
  log: (line: string) => void
}

interface Asked {
  source: PageSource
  node: PageNode
  service: PageService
  /** the segment behind the tab's */
  word: string | undefined
  signal: AbortSignal
}

interface View {
  tab: Tab
  /** how many segments may stand behind the tab's */
  words: readonly number[]
  title: string
  main(asked: Asked): Promise<SafeHtml>
  /** what went wrong, where it means something else than elsewhere. @default toProblem */
  problem?(error: unknown, asked: Pick<Asked, 'node' | 'service'>): Problem
}

/** A CID in any base that we write; it goes back into links as it is. */
const CID = /^[A-Za-z0-9]{1,128}$/

const VIEWS: readonly View[] = [
  {
    tab: 'functions',
    words: [0],
    title: 'Functions',
    async main({ source, node, service }) {
      const [functions, rules] = await Promise.all([source.functions(service.name), source.rules(service.name)])
      return functionsPage({ node, service, functions: functions ?? [], rules })
    },
  },
  {
    tab: 'state',
    words: [0],
    title: 'State',
    main: async ({ source, node, service, signal }) =>
      statePage(node, service, there(await source.state(service.name, { signal }), 'NO_SUCH_SERVICE')),
    problem: (error, { node, service }) => stateProblem(error, statePartLine(node.command, service.address)),
  },
  {
    tab: 'history',
    words: [0, 1],
    title: 'History',
    main: async ({ source, service, word, signal }) =>
      historyPage(service, there(await source.history(service.name, word, { signal }), 'NO_SUCH_COMMIT'), word),
  },
  {
    tab: 'graph',
    words: [0],
    title: 'Graph',
    main: async ({ source, node, service, signal }) =>
      graphPage(node, service, there(await source.graph(service.name, { signal }), 'NO_SUCH_SERVICE')),
  },
  {
    tab: 'commit',
    words: [1],
    title: 'Commit',
    main: async ({ source, node, service, word, signal }) =>
      commitPage(node, service, there(await source.commit(service.name, word!, { signal }), 'NO_SUCH_COMMIT')),
  },
]

/** Whether a path, in segments, is of the explorer of a service. */
export const isExplorer = ([name, dash]: readonly string[]): boolean => isServiceName(name) && dash === EXPLORER

/**
 * The answer to a path of the explorer, in segments. What fails inside a tab is shown there, with the tabs around it.
 *
 * @param options.signal ends when nobody waits for the answer
 * @throws PageError NO_SUCH_PAGE, NO_SUCH_SERVICE, NO_SUCH_COMMIT, NODE_TOO_SLOW
 */
export async function exploreAnswer(
  [name, , tab, ...words]: readonly string[],
  { source, log }: ExplorerComponents,
  options: { signal: AbortSignal },
): Promise<Answer> {
  if ((tab === undefined || tab === '') && words.length === 0) return redirectAnswer(`/${name}/${EXPLORER}/functions`)
  const view = VIEWS.find((candidate) => candidate.tab === tab && candidate.words.includes(words.length))
  if (view === undefined) throw new PageError('NO_SUCH_PAGE', 'no such page')
  const [word] = words
  if (word !== undefined && !CID.test(word)) throw new PageError('NO_SUCH_COMMIT', 'no such commit')
  const late = () => new PageError('NODE_TOO_SLOW', 'the node is slow')
  return within({ ms: EXPLORE_MS, late, ...options }, async ({ signal }) => {
    const [node, services] = await Promise.all([source.node(), source.services()])
    const service = there(
      services.find((candidate) => candidate.name === name),
      'NO_SUCH_SERVICE',
    )
    const href = `/${name}/${EXPLORER}/${[view.tab, ...words].join('/')}`
    const frame: Omit<ServiceFrame, 'main'> = { node, service, tab: view.tab, place: { name: view.title, href } }
    if (view.tab === 'commit') frame.commit = word!
    try {
      const main = await view.main({ source, node, service, word, signal })
      return htmlAnswer(200, serviceFrame({ ...frame, main }))
    } catch (error) {
      signal.throwIfAborted()
      const problem = view.problem?.(error, { node, service }) ?? toProblem(error)
      if (problem.status === 500) log(`${view.tab} of ${name} failed: ${problem.code}`)
      return htmlAnswer(problem.status, problemFrame(frame, problem))
    }
  })
}

function there<T>(found: T | undefined, code: 'NO_SUCH_SERVICE' | 'NO_SUCH_COMMIT'): T {
  if (found === undefined) throw new PageError(code, 'not on this node')
  return found
}
