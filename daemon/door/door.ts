/** The way in for programs in browsers: `POST /-/v1/METHOD` on the page's port, for the origins that this node's user named. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type BodyBudget, readBody } from '../api/body.ts'
import { ApiError } from '../api/errors.ts'
import { internalFailure, toFailure } from '../api/failure.ts'
import { withPatience } from '../api/patience.ts'
import { createReply, LINES, type Reply } from '../api/reply.ts'
import { MAX_PROGRAM_BODY_BYTES, MAX_PROGRAM_REQUESTS, MAX_REFUSED_TOLD, PREFLIGHT_S } from './constants.ts'
import { type Verdict, verdictOn } from './gate.ts'
import { type DoorMethod, METHODS } from './methods.ts'
import type { ProgramSource } from './types.ts'

export interface DoorComponents {
  source: ProgramSource
  log: (line: string) => void
}

export interface DoorInit {
  /** like `http://localhost:5173`; without any, nobody is let in */
  origins: readonly string[]
}

/** Answers one request, whatever happens. The host that it names was checked. */
export type Door = (
  request: IncomingMessage,
  response: ServerResponse,
  options: { signal: AbortSignal },
) => Promise<void>

const METHOD = /^\/-\/v1\/([a-z]+)$/

export function createDoor({ source, log }: DoorComponents, { origins }: DoorInit): Door {
  const allowed = new Set(origins)
  const told = new Set<string>()
  const budget: BodyBudget = { bytes: 0 }
  let running = 0

  /** So that whoever writes a program learns why it is not let in. */
  const tell = (origin: string): void => {
    if (told.has(origin) || told.size >= MAX_REFUSED_TOLD) return
    told.add(origin)
    const shown = JSON.stringify(origin.slice(0, 128))
    log(`a program of ${shown} asked and was refused: amigo up --allow-origin lets programs of an origin in`)
  }

  async function answer(request: IncomingMessage, reply: Reply, { signal }: { signal: AbortSignal }): Promise<unknown> {
    const [, word = ''] = METHOD.exec(request.url ?? '') ?? []
    const method = METHODS.get(word)
    if (method === undefined)
      throw new ApiError('NO_SUCH_METHOD', 'The node has no such method.', 'see specs/client.md')
    if (running >= MAX_PROGRAM_REQUESTS)
      throw new ApiError('TOO_BUSY', `${running} requests of programs are being answered.`, 'try again in a moment')
    running++
    try {
      const params = await readBody(request, budget, MAX_PROGRAM_BODY_BYTES)
      const wrong = method.check(params, '')
      if (wrong !== undefined) throw new ApiError('BAD_REQUEST', `${word}: ${wrong}.`, 'see specs/client.md')
      return await attend(method, params as never, reply, { word, signal })
    } finally {
      running--
    }
  }

  function attend(
    method: DoorMethod,
    params: never,
    reply: Reply,
    { word, signal }: { word: string; signal: AbortSignal },
  ): Promise<unknown> {
    const work = (inTime: AbortSignal, renew: () => void): Promise<unknown> => {
      const onItem = async (item: unknown): Promise<void> => {
        inTime.throwIfAborted()
        await reply.onItem?.(item, inTime)
        renew()
      }
      return method.answer(source, params, { signal: inTime, onItem })
    }
    const renewableMs = Number.POSITIVE_INFINITY
    return withPatience(work, { timeoutMs: method.patience, renewableMs, gone: signal, what: word })
  }

  return async (request, response, options) => {
    const origins = request.headersDistinct.origin ?? []
    const contentType = request.headers['content-type']
    const verdict = verdictOn({ method: request.method ?? '', origins, contentType }, allowed)
    for (const [name, value] of Object.entries(headersFor(verdict, origins[0] ?? ''))) response.setHeader(name, value)
    if (verdict === 'preflight') {
      response.writeHead(204).end()
      return
    }
    // what it waits for may be long in coming
    request.socket.setTimeout(0)
    // items come in lines, whether or not they were asked for
    request.headers.accept = LINES
    const { onProgress: _, ...reply } = createReply(request, response)
    try {
      if (verdict !== 'request') {
        if (verdict === 'CROSS_SITE') tell(origins[0] ?? '')
        throw REFUSALS[verdict]()
      }
      reply.done(await answer(request, reply, options))
    } catch (error) {
      if (response.destroyed) return
      const known = toFailure(error)
      if (known === undefined) log(`a program's request failed: ${String(error)}`)
      const { status, failure } = known ?? internalFailure()
      if (!request.complete) response.setHeader('Connection', 'close')
      reply.fail(status, failure)
    }
  }
}

/** Of the origins that are let in alone; whoever is not let in cannot even read why. */
function headersFor(verdict: Verdict, origin: string): Record<string, string> {
  const always = { Vary: 'Origin', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }
  if (verdict === 'CROSS_SITE') return { ...always, 'Cross-Origin-Resource-Policy': 'same-origin' }
  const allowed = { ...always, 'Access-Control-Allow-Origin': origin, 'Cross-Origin-Resource-Policy': 'cross-origin' }
  if (verdict !== 'preflight') return allowed
  return {
    ...allowed,
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': 'content-type',
    'Access-Control-Max-Age': String(PREFLIGHT_S),
    // what some browsers ask before a page of the network may reach this machine (WICG, Private Network Access)
    'Access-Control-Allow-Private-Network': 'true',
  }
}

const REFUSALS = {
  METHOD_NOT_ALLOWED: () => new ApiError('METHOD_NOT_ALLOWED', 'Programs ask by POST.', 'see specs/client.md'),
  BAD_REQUEST: () =>
    new ApiError('BAD_REQUEST', 'The request is not of the type application/json.', 'see specs/client.md'),
  CROSS_SITE: () =>
    new ApiError(
      'CROSS_SITE',
      'This node lets no programs of this origin in.',
      'amigo up --allow-origin names those it does',
    ),
}
