import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type BodyBudget, readBody } from './body.ts'
import {
  DRAIN_MS,
  MAX_CONNECTIONS,
  MAX_HEADER_BYTES,
  MAX_PROGRESS_MS,
  MAX_RUNNING,
  MAX_RUNNING_URGENT,
  RECEIVE_MS,
  STOP_MS,
} from './constants.ts'
import { ApiError } from './errors.ts'
import { internalFailure, toFailure } from './failure.ts'
import { listenPrivately } from './listen.ts'
import { checkParams, isMethod, isStreamed, isUrgent } from './methods.ts'
import { withPatience } from './patience.ts'
import { createReply, LINES, type Reply } from './reply.ts'
import type { ApiServer, ApiServerComponents, ApiServerInit } from './types.ts'
import { usualPatience } from './usual-patience.ts'
import type { Implementation, Method, Params, Progress, Result } from './vocabulary.ts'

/** Serves the methods of vocabulary.ts as `POST /v1/METHOD` over a Unix socket or a Windows pipe. See specs/api.md. */
export function createApiServer(components: ApiServerComponents, init: ApiServerInit): ApiServer {
  const { implementation, log = () => {} } = components
  const stopping = new AbortController()
  const budget: BodyBudget = { bytes: 0 }
  let running = 0

  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: RECEIVE_MS,
      requestTimeout: RECEIVE_MS,
      connectionsCheckingInterval: RECEIVE_MS / 2,
    },
    (request, response) => void respond(request, response),
  )
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', (_, socket) => socket.destroy())

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // whatever happens to a connection is also told to whoever reads or writes it
    request.on('error', () => {})
    response.on('error', () => {})
    const reply = createReply(request, response)
    try {
      reply.done(await answer(request, response, reply))
    } catch (error) {
      const known = toFailure(error)
      if (known === undefined) log(`${request.url?.slice(0, 64)} failed`, error)
      const { status, failure } = known ?? internalFailure()
      if (!request.complete) cut(request, response)
      reply.fail(status, failure)
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<unknown> {
    const method = methodOf(request)
    if (stopping.signal.aborted) throw stopping.signal.reason
    if (running >= (isUrgent(method) ? MAX_RUNNING_URGENT : MAX_RUNNING))
      throw new ApiError('TOO_BUSY', `The daemon runs ${running} requests already.`, 'try again in a moment')
    // taken before the body is read: waiting for a slow sender costs as much as running
    running += 1
    let handler: Promise<unknown> | undefined
    try {
      const params = await readBody(request, budget)
      const wrong = checkParams(method, params)
      if (wrong !== undefined) throw new ApiError('BAD_REQUEST', `${method}: ${wrong}.`, 'see specs/api.md')
      if (isStreamed(method) && reply.onItem === undefined) throw onlyInLines(method)
      const call = (signal: AbortSignal, renew: () => void) => {
        const { onProgress, onItem } = reply
        const report = (progress: Progress) => {
          renew()
          onProgress?.(progress)
        }
        const give = async (item: unknown) => {
          signal.throwIfAborted()
          await onItem?.(item, signal)
          renew()
        }
        const options = { signal, onItem: give, ...(onProgress === undefined ? {} : { onProgress: report }) }
        handler = invoke(implementation, method, params as Params<Method>, options)
        return handler
      }
      return await attend(call, method, params as Params<Method>, response)
    } finally {
      // a handler that does not heed its signal keeps its place until it ends, or places would mean nothing
      const leave = () => {
        running -= 1
      }
      if (handler === undefined) leave()
      else handler.then(leave, leave)
    }
  }

  async function attend(
    call: (signal: AbortSignal, renew: () => void) => Promise<unknown>,
    what: Method,
    params: Params<Method>,
    response: ServerResponse,
  ): Promise<unknown> {
    const gone = new AbortController()
    const leave = () => {
      if (!response.writableFinished) gone.abort(new ApiError('CANCELLED', 'The caller went away.'))
    }
    const halt = () => gone.abort(stopping.signal.reason)
    response.once('close', leave)
    if (response.closed) leave()
    stopping.signal.addEventListener('abort', halt, { once: true })
    try {
      // whoever names a time means that time; else something that moves may go on
      const time =
        params.timeoutMs === undefined
          ? { timeoutMs: usualPatience(what), renewableMs: MAX_PROGRESS_MS }
          : { timeoutMs: params.timeoutMs }
      return await withPatience(call, { ...time, gone: gone.signal, what })
    } finally {
      response.off('close', leave)
      stopping.signal.removeEventListener('abort', halt)
    }
  }

  let stopped: Promise<void> | undefined

  return {
    path: init.socketPath,
    start: () => listenPrivately(server, init.socketPath),
    stop: () => {
      stopped ??= new Promise((resolve) => {
        stopping.abort(new ApiError('STOPPING', 'The daemon is stopping.', 'start it again with amigo up'))
        const force = setTimeout(() => server.closeAllConnections(), STOP_MS)
        server.close(() => {
          clearTimeout(force)
          resolve()
        })
        server.closeIdleConnections()
      })
      return stopped
    },
  }
}

/** The method a request asks for. Throws BAD_REQUEST or NO_SUCH_METHOD. */
function methodOf(request: IncomingMessage): Method {
  const [, version, word, ...rest] = (request.url ?? '').split('/')
  if (version !== 'v1' || word === undefined || rest.length > 0 || !isMethod(word))
    throw new ApiError(
      'NO_SUCH_METHOD',
      'The daemon has no such method.',
      'is the daemon of the same version as this program?',
    )
  if (request.method !== 'POST') throw new ApiError('BAD_REQUEST', 'Methods are called with POST.')
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json')
    throw new ApiError('BAD_REQUEST', 'The body must be sent as Content-Type: application/json.')
  return word
}

async function invoke<M extends Method>(
  implementation: Implementation,
  method: M,
  params: Params<M>,
  options: { signal: AbortSignal; onItem: (item: unknown) => Promise<void>; onProgress?: (progress: Progress) => void },
): Promise<Result<M>> {
  return implementation[method](params, options as never)
}

function onlyInLines(method: Method): ApiError {
  return new ApiError('BAD_REQUEST', `${method} answers in lines.`, `send Accept: ${LINES}`)
}

/** Lets the answer out while the rest of a refused body is thrown away, for a short while; then ends the connection. */
function cut(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close')
  request.resume()
  const timer = setTimeout(() => request.destroy(), DRAIN_MS)
  request.once('close', () => clearTimeout(timer))
}
