/** What a caller is told of a call that has no result: whether it was sent, refused, or nobody knows. Never a bare timeout. */
import type { CallOutcome } from '../../api/vocabulary.ts'
import { MAX_RESENDS, OUTCOME_GRACE_MS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { createPauses, PASSING, type PauseOptions } from '../remote/again.ts'

/** Codes that say nothing of what became of a call that was sent. */
const SILENCE = new Set(['CONNECTION_LOST', 'TIMED_OUT', 'CANCELLED', 'PEER_UNREACHABLE', 'STOPPED', 'SESSION_RETIRED'])
/** Those of a session that broke off because somebody broke the protocol: no host answers a call with one. */
const BROKEN_OFF = /^(?:FRAME_|CREDIT_|ID_REUSED$|FLOODING$)/
/** The host answered, and it does not follow that it did nothing. */
const DOUBTFUL = new Set(['HOST_FAILED', 'INTERNAL', 'ANSWER_INVALID', 'OUTCOME_UNKNOWN'])
/** It was executed before, and what it answered is gone. */
const EXECUTED = 'PRUNED'

/**
 * Sends a call, and again when the connection was lost: always the same bytes, so that the host executes them once at most
 * and answers the second with what became of the first.
 *
 * @throws CallsError OUTCOME_UNKNOWN if it was sent and nothing came back; the host's own error if it refused. Each says its `outcome`.
 */
export async function resending<T>(send: (onSent: () => void) => Promise<T>, options: PauseOptions): Promise<T> {
  const next = createPauses(MAX_RESENDS, options)
  let wasSent = false
  const onSent = (): void => {
    wasSent = true
  }
  for (;;) {
    // whoever is too busy for the second says nothing of the first
    const isInDoubt = wasSent
    try {
      return await send(onSent)
    } catch (error) {
      const code = codeOf(error)
      const isPassing = isInDoubt && PASSING.has(code)
      if ((code === 'CONNECTION_LOST' || isPassing) && (await next())) continue
      if (!wasSent) throw withOutcome(error, 'not-sent')
      if (isPassing || SILENCE.has(code) || BROKEN_OFF.test(code)) throw unknown(error)
      throw withOutcome(error, DOUBTFUL.has(code) ? 'unknown' : code === EXECUTED ? 'executed' : 'refused')
    }
  }
}

/**
 * The same for a call on this node. When its caller's patience ends, one that waits is dropped, one that runs is ended, and one that is being made
 * durable is done in a moment: this waits for that moment.
 */
export async function orUnknown<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  let grace: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    grace = setTimeout(() => reject(unknown(signal.reason)), OUTCOME_GRACE_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([call, promise])
  } catch (error) {
    throw withOutcome(error, codeOf(error) === EXECUTED ? 'executed' : 'refused')
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(grace)
    promise.catch(() => undefined)
  }
}

/** What comes before a call is sent. */
export async function beforeSending<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw withOutcome(error, 'not-sent')
  }
}

/** The error itself, saying what became of the call; what was said before counts. */
function withOutcome(error: unknown, outcome: CallOutcome): unknown {
  const isTold = (error as { outcome?: CallOutcome }).outcome !== undefined
  return error instanceof Error && !isTold ? Object.assign(error, { outcome }) : error
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? ''

function unknown(cause: unknown): unknown {
  const message = 'The host took the call and did not answer in time: it may have taken effect, now or later.'
  const hint = 'ask with a query what became of it before you call again'
  return withOutcome(new CallsError('OUTCOME_UNKNOWN', message, hint, { cause }), 'unknown')
}
