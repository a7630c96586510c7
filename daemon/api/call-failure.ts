import { ApiError } from './errors.ts'
import type { Method } from './vocabulary.ts'

/** Failures before the daemon began with a request. */
const BEFORE_IT_BEGAN: ReadonlySet<string> = new Set([
  'NO_DAEMON',
  'DAEMON_DENIED',
  'UNSAFE_FOLDER',
  'TOO_BUSY',
  'STOPPING',
  'BODY_TOO_LARGE',
  'BAD_REQUEST',
  'NO_SUCH_METHOD',
])

/** A call that failed without a word of what became of it was never begun, or nobody knows. */
export function callFailure(method: Method, error: ApiError): ApiError {
  if (method !== 'call' || error.outcome !== undefined) return error
  const { code, message, hint } = error
  return new ApiError(code, message, hint, BEFORE_IT_BEGAN.has(code) ? 'not-sent' : 'unknown')
}
