/** Trying again what was lost with its connection: a few times, after pauses that grow and differ by chance. */
import { setTimeout as delay } from 'node:timers/promises'
import { MAX_READS_AGAIN, RESEND_FIRST_MS, RESEND_MAX_MS } from '../constants.ts'

export interface PauseOptions {
  /** whoever waits has gone: there is no further try */
  signal: AbortSignal
  /** from 0 to 1. @default Math.random */
  random?: () => number
  /** @default the clock's time, or until the signal */
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>
}

/** What passes by itself once a connection was lost: the peer is not back yet, or has much to do when it is. */
export const PASSING: ReadonlySet<string> = new Set(['PEER_UNREACHABLE', 'BUSY', 'SERVICE_BUSY', 'SESSION_RETIRED'])

/**
 * Resolves to true when another try is due, to false if there were enough. Each pause is twice as long as the one before, less up to half of
 * it: those who were cut off together do not come back together.
 */
export function createPauses(
  most: number,
  { signal, random = Math.random, wait = pause }: PauseOptions,
): () => Promise<boolean> {
  let tries = 0
  return async () => {
    if (tries >= most || signal.aborted) return false
    const longest = Math.min(RESEND_MAX_MS, RESEND_FIRST_MS * 2 ** tries)
    tries++
    await wait(longest * (1 - random() / 2), signal)
    return !signal.aborted
  }
}

/** A question that changes nothing, asked again when the connection was lost over it. */
export async function askAgain<T>(ask: () => Promise<T>, options: PauseOptions): Promise<T> {
  const next = createPauses(MAX_READS_AGAIN, options)
  let wasLost = false
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const { code = '' } = error as { code?: string }
      const isPassing = code === 'CONNECTION_LOST' || (wasLost && PASSING.has(code))
      wasLost ||= code === 'CONNECTION_LOST'
      if (!isPassing || !(await next())) throw error
    }
  }
}

/** Waits, but not longer than somebody waits for it. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<unknown> =>
  delay(milliseconds, undefined, { signal }).catch(() => undefined)
