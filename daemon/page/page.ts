import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { MAX_REQUESTS } from './constants.ts'
import { PageError } from './errors.ts'
import { type Listeners, listen } from './listen.ts'
import { createMarkdownThread } from './markdown-thread.ts'
import { isForOurs, respond } from './respond.ts'
import type { RouteComponents } from './routes.ts'
import type { PageSource } from './types.ts'

export interface PageComponents {
  source: PageSource
  log?: (line: string) => void
  /** answers what is asked of paths below `/-/`, once the host is known to be ours. @default there is no such page */
  programs?: (request: IncomingMessage, response: ServerResponse, options: { signal: AbortSignal }) => Promise<void>
}

export interface PageInit {
  /** 0 takes any free port */
  port: number
  /** loopback, and nothing else; ::1 is listened on as well where there is one */
  host?: '127.0.0.1'
  /** how long a contract may take to render, in milliseconds; @default 5000 */
  renderMs?: number
}

export interface Page {
  /** Rejects with PageError PORT_IN_USE, PORT_REFUSED or LISTEN_FAILED. Starting twice is starting once. */
  start(): Promise<void>
  /** Ends the requests in progress and frees the port. May be called at any time, any number of times. */
  stop(): Promise<void>
  /** `http://127.0.0.1:PORT/`; throws NOT_STARTED before `start` and after `stop` */
  readonly url: string
}

interface Running {
  listeners: Listeners
  end(): Promise<void>
}

/** The node's own web page: HTML made here, for this machine only. See specs/page.md. */
export function createPage({ source, log = () => {}, programs }: PageComponents, { port, renderMs }: PageInit): Page {
  let starting: Promise<Running> | undefined
  let running: Running | undefined

  async function run(): Promise<Running> {
    const stopping = new AbortController()
    const markdown = createMarkdownThread()
    const components: RouteComponents = { source, markdown, log, ...(renderMs !== undefined && { renderMs }) }
    const listeners = await listen(
      port,
      createListener(() => listeners.port, components, programs, stopping.signal),
    )
    return {
      listeners,
      async end() {
        stopping.abort(new PageError('PAGE_BUSY', 'the page is being stopped'))
        await listeners.close()
        await markdown.stop()
      },
    }
  }

  return {
    async start() {
      starting ??= run()
      const mine = starting
      try {
        const started = await mine
        // unless it was stopped meanwhile
        if (starting === mine) running = started
      } catch (error) {
        if (starting === mine) starting = undefined
        throw error
      }
    },
    async stop() {
      const ending = starting
      starting = running = undefined
      await (await ending?.catch(() => undefined))?.end()
    },
    get url() {
      if (running === undefined) throw new PageError('NOT_STARTED', 'the page is not being served', 'start it first')
      return `http://127.0.0.1:${running.listeners.port}/`
    },
  }
}

const FOR_PROGRAMS = '/-/'

function createListener(
  port: () => number,
  components: RouteComponents,
  programs: PageComponents['programs'],
  stopping: AbortSignal,
): RequestListener {
  let requests = 0
  return (request, response) => {
    const gone = new AbortController()
    response.on('close', () => gone.abort())
    response.on('error', () => {})
    if (requests >= MAX_REQUESTS) gone.abort(new PageError('PAGE_BUSY', 'too many requests at once'))
    requests++
    const options = { signal: AbortSignal.any([stopping, gone.signal]) }
    const answered = async (): Promise<void> => {
      const isAsked = programs !== undefined && request.url?.startsWith(FOR_PROGRAMS)
      if (isAsked && (await isForOurs(request, port(), components, options))) await programs(request, response, options)
      else await respond(request, response, port(), components, options)
    }
    answered()
      .catch(() => response.destroy())
      .finally(() => requests--)
  }
}
