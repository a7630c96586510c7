import type { IncomingMessage, ServerResponse } from 'node:http'
import { MAX_DOING_CHARS, PROGRESS_EVERY_MS } from './constants.ts'
import type { ApiFailure, Progress } from './vocabulary.ts'

/** Lines of JSON: progress while it goes on, and the answer as the last. https://github.com/ndjson/ndjson-spec */
export const LINES = 'application/x-ndjson'

/** What goes back for one request. Exactly one of `done` and `fail` ends it. */
export interface Reply {
  /** there if the caller asked for it; what comes too fast, or faster than it is read, is left out */
  onProgress?: (progress: Progress) => void
  /** there if the caller reads lines: resolves when it can take more, rejects when it is gone */
  onItem?: (item: unknown, signal: AbortSignal) => Promise<void>
  /** Throws on what JSON cannot hold, so that the caller hears of it. */
  done(value: unknown): void
  fail(status: number, failure: ApiFailure): void
}

/**
 * One JSON value with its status; but from the first report of progress or item on, lines: `{"progress"}`, `{"item"}`, and at last `{"result"}` or
 * `{"error"}`. The status is 200 then, as nothing is known yet when it is sent.
 */
export function createReply(request: IncomingMessage, response: ServerResponse): Reply {
  let waiting: Progress | undefined
  let pause: NodeJS.Timeout | undefined
  let ended = false

  function beginLines(): void {
    if (!response.headersSent) response.writeHead(200, { 'content-type': LINES, 'cache-control': 'no-store' })
  }

  function write(progress: Progress): void {
    beginLines()
    // whoever does not read gets no more to read
    if (!response.writableNeedDrain) response.write(`${JSON.stringify({ progress })}\n`)
    pause = setTimeout(() => {
      pause = undefined
      const latest = waiting
      waiting = undefined
      if (latest !== undefined && !ended && !response.destroyed) write(latest)
    }, PROGRESS_EVERY_MS)
  }

  function end(status: number, plain: unknown, line: unknown): void {
    const body = response.headersSent ? `${JSON.stringify(line)}\n` : JSON.stringify(plain)
    ended = true
    clearTimeout(pause)
    if (!response.headersSent)
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.end(body)
  }

  const wants = (request.headers.accept ?? '').split(',').some((type) => type.split(';')[0]?.trim() === LINES)
  return {
    ...(wants && {
      onProgress(progress) {
        if (ended || response.destroyed) return
        const { doing, done, total } = progress
        const bounded = { doing: doing.slice(0, MAX_DOING_CHARS), done, ...(total === undefined ? {} : { total }) }
        if (pause === undefined) write(bounded)
        else waiting = bounded
      },
      async onItem(item, signal) {
        beginLines()
        const isTaken = !response.destroyed && response.write(`${JSON.stringify({ item })}\n`)
        if (!isTaken && !response.destroyed) await drained(response, signal)
      },
    }),
    done: (value) => end(200, value ?? null, { result: value ?? null }),
    fail: (status, failure) => end(status, failure, failure),
  }
}

/** Resolves when more can be written, or nothing any more; rejects when nobody waits for that. */
async function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  response.once('drain', resolve)
  response.once('close', resolve)
  try {
    if (signal.aborted) onAbort()
    await promise
  } finally {
    signal.removeEventListener('abort', onAbort)
    response.off('drain', resolve)
    response.off('close', resolve)
  }
}
