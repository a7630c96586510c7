import type { CallOutcome } from './vocabulary.ts'

/** What the API itself can say, as server or as client; other codes come from the daemon's other parts, see codes.ts. */
export type ApiErrorCode =
  | 'BAD_REQUEST'
  | 'NO_SUCH_METHOD'
  | 'BODY_TOO_LARGE'
  | 'TOO_BUSY'
  | 'TIMED_OUT'
  | 'CANCELLED'
  | 'STOPPING'
  | 'INTERNAL'
  | 'NO_DAEMON'
  | 'DAEMON_LOST'
  | 'DAEMON_DENIED'
  | 'DAEMON_SILENT'
  | 'BAD_ANSWER'
  | 'SOCKET_IN_USE'
  | 'UNSAFE_FOLDER'

/** A code of another part of the daemon, passed on as it came. */
type ForwardedCode = string & Record<never, never>

/** A failed request: what happened in one sentence, and what to try. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode | ForwardedCode
  readonly hint: string
  /** of a call that has no result */
  readonly outcome?: CallOutcome

  constructor(code: ApiErrorCode | ForwardedCode, message: string, hint = '', outcome?: CallOutcome) {
    super(message)
    this.code = code
    this.hint = hint
    if (outcome !== undefined) this.outcome = outcome
  }
}
