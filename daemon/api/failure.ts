import { MAX_SENTENCE_CHARS } from './constants.ts'
import { exitClassOf } from './exit-class.ts'
import type { ApiFailure, CallOutcome } from './vocabulary.ts'

/** HTTP status by exit class: done, failed, wrong usage, no daemon, not found, refused, timed out. */
const STATUS = [200, 500, 400, 503, 404, 403, 504] as const

/** Where HTTP has a better word than the class. */
const STATUS_OF: { readonly [code: string]: number } = {
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  TOO_BUSY: 503,
  STOPPING: 503,
}

const CODE = /^[A-Z][A-Z0-9_]{1,63}$/

/**
 * What a caller may know of an error: our own coded ones as they are. Anything else, also the system's errors with their
 * codes and paths, is undefined here: INTERNAL for the caller, the detail for the log.
 */
export function toFailure(error: unknown): { status: number; failure: ApiFailure } | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, hint } = error as Error & { code?: unknown; hint?: unknown }
  if (typeof code !== 'string' || !CODE.test(code) || typeof hint !== 'string') return undefined
  return {
    status: STATUS_OF[code] ?? STATUS[exitClassOf(code)],
    failure: { error: { code, message: short(error.message), hint: short(hint), ...outcomeOf(error) } },
  }
}

const OUTCOMES: ReadonlySet<unknown> = new Set<CallOutcome>(['not-sent', 'refused', 'executed', 'unknown'])

/** What an error says of the call that failed with it. */
export function outcomeOf(error: object): { outcome?: CallOutcome } {
  const { outcome } = error as { outcome?: CallOutcome }
  return outcome !== undefined && OUTCOMES.has(outcome) ? { outcome } : {}
}

/** What is told of a failure that nobody foresaw: nothing of it. HTTP status 500, INTERNAL. */
export function internalFailure(): { status: number; failure: ApiFailure } {
  return {
    status: 500,
    failure: {
      error: {
        code: 'INTERNAL',
        message: 'The daemon failed at something it did not expect.',
        hint: "the detail stands in the daemon's log",
      },
    },
  }
}

function short(sentence: string): string {
  return sentence.length > MAX_SENTENCE_CHARS ? `${sentence.slice(0, MAX_SENTENCE_CHARS)}…` : sentence
}
