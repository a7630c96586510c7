import type { Outcome } from './types.ts'

/** What went wrong with a request. */
export class AmigoError extends Error {
  override readonly name = 'AmigoError'
  /** stable: see specs/api.md, "Exit codes", for all of them */
  readonly code: string
  /** what to try; may be empty */
  readonly hint: string
  /** of a call alone: what became of it */
  readonly outcome: Outcome | undefined

  constructor(code: string, message: string, hint: string = '', outcome?: Outcome) {
    super(message)
    this.code = code
    this.hint = hint
    this.outcome = outcome
  }
}

const OUTCOMES: ReadonlySet<unknown> = new Set<Outcome>(['not-sent', 'refused', 'executed', 'unknown'])

/** A failure as the node tells it, or one of the program's own that has the same fields. */
export function toAmigoError(failure: unknown): AmigoError {
  const { code, message, hint, outcome } = (failure ?? {}) as Record<string, unknown>
  if (typeof code !== 'string' || typeof message !== 'string') return notOurs()
  const known = OUTCOMES.has(outcome) ? (outcome as Outcome) : undefined
  return new AmigoError(code, message, typeof hint === 'string' ? hint : '', known)
}

/** BAD_ANSWER */
export function notOurs(outcome?: Outcome): AmigoError {
  return new AmigoError('BAD_ANSWER', 'What answers there does not speak the language of a node.', '', outcome)
}
