import type { IncomingMessage } from 'node:http'
import { MAX_ANSWER_BYTES } from './constants.ts'
import { ApiError } from './errors.ts'
import { outcomeOf } from './failure.ts'
import { LINES } from './reply.ts'
import type { Progress } from './vocabulary.ts'

const LINE_FEED = 0x0a

/** Told what comes before the answer; nothing more is read until `onItem` resolved. */
interface Hearing {
  onProgress(progress: Progress): void
  onItem(item: unknown): Promise<void> | void
}

/**
 * Reads what the daemon answers, one JSON value or lines of them, and hands on what it says of its progress, and items.
 * Rejects with the failure that it answers, or with BAD_ANSWER; with a system's error if it breaks off.
 */
export async function readAnswer(response: IncomingMessage, { onProgress, onItem }: Hearing): Promise<unknown> {
  const isLines = response.headers['content-type'] === LINES
  let last: unknown
  for await (const text of isLines ? readLines(response) : readWhole(response)) {
    last = parse(text)
    const progress = isLines ? progressIn(last) : undefined
    const isItem = isLines && isRecord(last) && 'item' in last
    if (progress === undefined && !isItem) break
    if (progress !== undefined) onProgress(progress)
    else await onItem((last as Record<string, unknown>)['item'])
    last = undefined
  }
  if (!isLines && response.statusCode === 200) return last
  if (last === undefined) throw Object.assign(new Error('the answer broke off'), { code: 'ECONNRESET' })
  if (isLines && isRecord(last) && 'result' in last) return last['result']
  throw failureIn(last)
}

async function* readWhole(response: IncomingMessage): AsyncGenerator<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  yield Buffer.concat(chunks, size).toString('utf8')
}

async function* readLines(response: IncomingMessage): AsyncGenerator<string> {
  let chunks: Uint8Array[] = []
  let size = 0
  for await (let chunk of response as AsyncIterable<Uint8Array>) {
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED)) {
      yield Buffer.concat([...chunks, chunk.subarray(0, end)]).toString('utf8')
      chunks = []
      size = 0
      chunk = chunk.subarray(end + 1)
    }
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
}

function progressIn(line: unknown): Progress | undefined {
  const progress = isRecord(line) ? line['progress'] : undefined
  if (!isRecord(progress)) return undefined
  const { doing, done, total } = progress
  if (typeof doing !== 'string' || typeof done !== 'number') throw notOurs()
  return { doing, done, ...(typeof total === 'number' ? { total } : {}) }
}

function failureIn(answer: unknown): ApiError {
  const error = isRecord(answer) ? answer['error'] : undefined
  const { code, message, hint } = isRecord(error) ? error : {}
  if (typeof code !== 'string' || typeof message !== 'string' || typeof hint !== 'string') return notOurs()
  return new ApiError(code, message, hint, outcomeOf(error as object).outcome)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notOurs()
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function notOurs(): ApiError {
  return new ApiError('BAD_ANSWER', 'What answers on the socket of the daemon does not speak its language.')
}

function tooLarge(): ApiError {
  return new ApiError('BAD_ANSWER', 'The answer of the daemon is too large.')
}
