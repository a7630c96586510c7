/** What a caller is told when nobody knows what became of a call: never a bare timeout. */
import { MAX_RESENDS } from './constants.ts'
import { CallsError } from './errors.ts'

/** Codes that say nothing of what became of a call that was sent. */
const SILENCE = new Set(['CONNECTION_LOST', 'TIMED_OUT', 'CANCELLED', 'PEER_UNREACHABLE'])

/**
 * Sends a call, and again when the connection was lost: always the same bytes, so that the host executes them once at most
 * and answers the second with what became of the first.
 *
 * @throws CallsError OUTCOME_UNKNOWN if it was sent and nothing came back; the host's own error if it refused
 */
export async function resending<T>(send: (onSent: () => void) => Promise<T>): Promise<T> {
  let wasSent = false
  const onSent = (): void => {
    wasSent = true
  }
  for (let left = MAX_RESENDS; ; left--) {
    try {
      return await send(onSent)
    } catch (error) {
      const code = (error as { code?: string }).code ?? ''
      if (code === 'CONNECTION_LOST' && left > 0) continue
      throw wasSent && SILENCE.has(code) ? unknown(error) : error
    }
  }
}

/** The same for a call on this node: a call that has begun is not interrupted when its caller's patience ends. */
export async function orUnknown<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  // one that was still waiting rejects by itself, at once
  const onAbort = (): unknown => setImmediate(() => reject(unknown(signal.reason)))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([call, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
    promise.catch(() => undefined)
  }
}

function unknown(cause: unknown): CallsError {
  const message = 'The host took the call and did not answer in time: it may have taken effect, now or later.'
  return new CallsError('OUTCOME_UNKNOWN', message, 'ask with a query what became of it before you call again', {
    cause,
  })
}
