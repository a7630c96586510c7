import { request as httpRequest, type IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { CLIENT_GRACE_MS, DEFAULT_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_BODY_BYTES } from './constants.ts'
import { ApiError } from './errors.ts'
import { assertOwnFolder } from './private-folder.ts'
import { socketPathFor } from './socket-path.ts'
import type { Client } from './types.ts'

/** Speaks to the daemon of a home. Cheap: nothing is opened before the first request, nothing stays open after it. */
export function createClient(init: { home: string }): Client {
  const socketPath = socketPathFor(init.home)

  async function send(method: string, body: Uint8Array, signal: AbortSignal): Promise<unknown> {
    if (!socketPath.startsWith('\\\\')) await assertOwnFolder(dirname(socketPath))
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      const outgoing = httpRequest({ socketPath, path: `/v1/${method}`, method: 'POST', agent: false, signal, headers })
      outgoing.once('response', resolve)
      // stays: errors after the answer began are told to the answer, too
      outgoing.on('error', reject)
      outgoing.end(body)
    })
    const answer = parse(await readAnswer(response))
    if (response.statusCode === 200) return answer
    throw failureOf(answer)
  }

  return {
    async request(method, params, options = {}) {
      const timeoutMs = options.timeoutMs ?? params.timeoutMs ?? DEFAULT_TIMEOUT_MS
      const body = Buffer.from(JSON.stringify({ ...params, timeoutMs }))
      if (body.length > MAX_BODY_BYTES)
        throw new ApiError(
          'BODY_TOO_LARGE',
          `The request is larger than ${MAX_BODY_BYTES} bytes.`,
          'send less at a time',
        )
      const patience = AbortSignal.timeout(timeoutMs + CLIENT_GRACE_MS)
      const signal = options.signal === undefined ? patience : AbortSignal.any([patience, options.signal])
      try {
        return (await send(method, body, signal)) as never
      } catch (error) {
        if (error instanceof ApiError) throw error
        if (options.signal?.aborted) throw new ApiError('CANCELLED', 'The request was given up.')
        if (patience.aborted) throw silent(timeoutMs)
        throw connectionFailure(error as NodeJS.ErrnoException)
      }
    },
  }
}

async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new ApiError('BAD_ANSWER', 'The answer of the daemon is too large.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notOurs()
  }
}

function failureOf(answer: unknown): ApiError {
  const { code, message, hint } = (answer as { error?: Record<string, unknown> } | null)?.error ?? {}
  if (typeof code !== 'string' || typeof message !== 'string' || typeof hint !== 'string') return notOurs()
  return new ApiError(code, message, hint)
}

function notOurs(): ApiError {
  return new ApiError('BAD_ANSWER', 'What answers on the socket of the daemon does not speak its language.')
}

function silent(timeoutMs: number): ApiError {
  return new ApiError(
    'DAEMON_SILENT',
    `The daemon took the request and said nothing for ${timeoutMs + CLIENT_GRACE_MS} ms.`,
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
