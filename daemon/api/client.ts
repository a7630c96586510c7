import { request as httpRequest, type IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { callFailure } from './call-failure.ts'
import { CLIENT_GRACE_MS, MAX_BODY_BYTES } from './constants.ts'
import { ApiError } from './errors.ts'
import { assertOwnFolder } from './private-folder.ts'
import { readAnswer } from './read-answer.ts'
import { LINES } from './reply.ts'
import { socketPathFor } from './socket-path.ts'
import type { Client } from './types.ts'
import { usualPatience } from './usual-patience.ts'
import type { Progress } from './vocabulary.ts'

const JSON_TYPE = 'application/json'

/** Who is told what comes before the answer. */
interface Hearing {
  onProgress: ((progress: Progress) => void) | undefined
  onItem: ((item: unknown) => Promise<void>) | undefined
}

/** Speaks to the daemon of a home. Cheap: nothing is opened before the first request, nothing stays open after it. */
export function createClient(init: { home: string }): Client {
  const socketPath = socketPathFor(init.home)

  async function send(
    method: string,
    body: Uint8Array,
    signal: AbortSignal,
    { onProgress, onItem }: Hearing,
  ): Promise<unknown> {
    if (!socketPath.startsWith('\\\\')) await assertOwnFolder(dirname(socketPath))
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const accept = onProgress === undefined && onItem === undefined ? JSON_TYPE : `${LINES}, ${JSON_TYPE}`
      const headers = { accept, 'content-type': JSON_TYPE, 'content-length': body.length }
      const outgoing = httpRequest({ socketPath, path: `/v1/${method}`, method: 'POST', agent: false, signal, headers })
      outgoing.once('response', resolve)
      // stays: errors after the answer began are told to the answer, too
      outgoing.on('error', reject)
      outgoing.end(body)
    })
    return readAnswer(response, { onProgress: onProgress ?? (() => {}), onItem: onItem ?? (() => {}) })
  }

  return {
    async request(method, params, options = {}) {
      const timeoutMs = options.timeoutMs ?? params.timeoutMs
      const body = Buffer.from(JSON.stringify({ ...params, ...(timeoutMs === undefined ? {} : { timeoutMs }) }))
      if (body.length > MAX_BODY_BYTES) throw callFailure(method, tooLarge())
      const waitMs = (timeoutMs ?? usualPatience(method)) + CLIENT_GRACE_MS
      const patience = new AbortController()
      const timer = setTimeout(() => patience.abort(silent(waitMs)), waitMs)
      const { onProgress, onItem } = options
      let enough: { why: unknown } | undefined
      const told = async (item: unknown): Promise<void> => {
        try {
          await onItem?.(item as never)
        } catch (why) {
          enough = { why }
          throw why
        }
        if (timeoutMs === undefined) timer.refresh()
      }
      const report = (progress: Progress) => {
        // the daemon measures in the same way: a time that was named is not lengthened by progress
        if (timeoutMs === undefined) timer.refresh()
        onProgress?.(progress)
      }
      const signals = options.signal === undefined ? [patience.signal] : [patience.signal, options.signal]
      try {
        const hearing = { onProgress: onProgress && report, onItem: onItem && told }
        return (await send(method, body, AbortSignal.any(signals), hearing)) as never
      } catch (error) {
        if (enough) throw enough.why
        throw callFailure(method, failureOf(error, options.signal, patience.signal))
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function failureOf(error: unknown, given: AbortSignal | undefined, patience: AbortSignal): ApiError {
  if (error instanceof ApiError) return error
  if (given?.aborted) return new ApiError('CANCELLED', 'The request was given up.')
  return patience.aborted ? patience.reason : connectionFailure(error as NodeJS.ErrnoException)
}

function silent(waitMs: number): ApiError {
  return new ApiError(
    'DAEMON_SILENT',
    `The daemon took the request and said nothing for ${waitMs} ms.`,
    'it may hang: amigo status tells, amigo down stops it',
  )
}

/** What the system's errors mean here. All others: the connection stood and broke. */
const CONNECTION: { readonly [code: string]: () => ApiError } = {
  ENOENT: noDaemon,
  ECONNREFUSED: noDaemon,
  ENOTDIR: noDaemon,
  ENOTSOCK: noDaemon,
  EACCES: denied,
  EPERM: denied,
  EAGAIN: () => new ApiError('TOO_BUSY', 'The daemon accepts no connection now.', 'try again in a moment'),
}

function connectionFailure(error: NodeJS.ErrnoException): ApiError {
  return (CONNECTION[error.code ?? ''] ?? lost)()
}

function noDaemon(): ApiError {
  return new ApiError('NO_DAEMON', 'No daemon is running for this home.', 'start it with amigo up')
}

function denied(): ApiError {
  return new ApiError('DAEMON_DENIED', 'This account may not speak to the daemon.', 'use the account that started it')
}

function lost(): ApiError {
  return new ApiError(
    'DAEMON_LOST',
    'The daemon went away before it answered: whether the request took effect is unknown.',
    'look at amigo status, then at daemon.log in its home',
  )
}

function tooLarge(): ApiError {
  return new ApiError('BODY_TOO_LARGE', `The request is larger than ${MAX_BODY_BYTES} bytes.`, 'send less at a time')
}
