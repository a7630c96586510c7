/** Follows a service for as long as somebody wants it, whatever becomes of the connection meanwhile. */
import type { Answer } from './connection.ts'
import { AmigoError, notOurs } from './errors.ts'
import { createPauses, type Pacing, pause } from './pauses.ts'
import type { SubscribeOptions } from './types.ts'

/** What is asked of a node, each time anew. Both reject with AmigoError. */
export interface Followable {
  /** The sequence number of the newest commit. */
  head(signal: AbortSignal | undefined): Promise<number>
  /** The commits from one on, as they are made. */
  commits(from: number, signal: AbortSignal | undefined): AsyncIterable<Answer>
}

export interface FollowingInit {
  /** @default the clock's time, or until the signal */
  wait?: typeof pause
  /** milliseconds. @default the clock's */
  now?: () => number
}

/** A quarter of an hour at most: a machine that slept or a node that was updated is back by then. */
const PACING: Pacing = { firstMs: 500, mostMs: 30_000, tries: 36 }
/** A connection that stood so long in milliseconds, or gave something, was one: the next loss is the first again. */
const STOOD_MS = 60_000

/** What passes by itself: the node is away or has no time, or the host of the service is. */
const PASSING: ReadonlySet<string> = new Set([
  ...[
    'NO_DAEMON',
    'DAEMON_LOST',
    'DAEMON_SILENT',
    'TOO_BUSY',
    'STOPPING',
    'STOPPED',
    'TIMED_OUT',
    'BUSY',
    'SERVICE_BUSY',
  ],
  ...['CONNECTION_LOST', 'PEER_UNREACHABLE', 'SESSION_RETIRED', 'HOME_UNREACHABLE', 'NO_PEERS'],
])

/**
 * Each commit once, in order. What cannot be reached the first time is an error at once; from then on a connection that is lost is made again.
 *
 * @throws AmigoError the last loss, after all tries; what does not pass by itself; CANCELLED; DAEMON_SILENT when `timeoutMs` is over
 */
export async function* following(
  { head, commits }: Followable,
  { from, signal: given, timeoutMs, onConnection }: SubscribeOptions,
  { wait = pause, now = () => performance.now() }: FollowingInit = {},
): AsyncGenerator<Answer> {
  const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
  const signal = given && limit ? AbortSignal.any([given, limit]) : (given ?? limit)
  const pauses = createPauses(PACING)
  let next = from
  /** the newest commit that is known of; undefined before the first time */
  let newest: number | undefined
  for (;;) {
    let since = Number.POSITIVE_INFINITY
    try {
      const seq = await head(signal)
      next = nextAfter(next, { seq, newest })
      newest = seq
      since = now()
      onConnection?.({ connected: true })
      for await (const one of commits(next, signal)) {
        newest = seqOf(one)
        next = newest + 1
        pauses.reset()
        yield one
      }
      return
    } catch (error) {
      if (limit?.aborted && !given?.aborted) throw timeIsOver()
      const { code = '', message = '' } = error as { code?: string; message?: string }
      if (newest === undefined || signal?.aborted || !PASSING.has(code)) throw error
      if (now() - since >= STOOD_MS) pauses.reset()
      const retryMs = pauses.next()
      if (retryMs === undefined) throw error
      onConnection?.({ connected: false, code, message, tries: pauses.count, retryMs })
      await wait(retryMs, signal)
    }
  }
}

/** Where to go on. A service may stand before what was seen of it: its owner took it back to what an older backup knew. */
function nextAfter(next: number | undefined, { seq, newest }: { seq: number; newest: number | undefined }): number {
  if (next === undefined) return seq + 1
  return newest !== undefined && seq < newest ? Math.min(next, seq) : next
}

function seqOf({ seq }: Answer): number {
  if (typeof seq !== 'number') throw notOurs()
  return seq
}

function timeIsOver(): AmigoError {
  return new AmigoError(
    'DAEMON_SILENT',
    'The time for following is over.',
    'follow longer with timeoutMs, or without it',
  )
}
