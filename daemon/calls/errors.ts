/** Why a use case did not come to its end. Failures of the parts below keep their own codes. */
import type { CallFailure, CallFailureCode } from '../vm/types.ts'

export type CallsErrorCode =
  | CallFailureCode
  | 'SERVICE_NOT_FOUND'
  | 'NOT_A_SERVICE'
  | 'NOT_A_CONTRACT'
  | 'NOT_A_COMMIT'
  | 'RECEIPT_INVALID'
  | 'NOT_CALLABLE'
  | 'VERSION_NOT_NEWER'
  | 'NOT_THE_HOST'
  | 'NAME_NEEDS_REGISTRAR'
  | 'NAME_NOT_SUPPORTED'
  | 'UPGRADE_NOT_POSSIBLE'
  | 'VERSION_TAKEN'
  | 'VERSION_INVALID'
  | 'SERVICE_BUSY'
  | 'ARGUMENTS_TOO_LARGE'
  | 'ARGUMENTS_INVALID'
  | 'WRONG_NETWORK'
  | 'ANSWER_INVALID'
  | 'REQUEST_FIELD_INVALID'
  | 'MESSAGE_INVALID'
  | 'MESSAGE_NOT_FOUND'
  | 'INBOX_FULL'
  | 'OUTBOX_FULL'
  | 'OUTCOME_UNKNOWN'
  | 'HOST_FAILED'

export class CallsError extends Error {
  override readonly name = 'CallsError'
  readonly code: CallsErrorCode
  readonly hint: string

  constructor(code: CallsErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}

/** What to try when a contract fails a call. */
const HINTS: Record<CallFailureCode, string> = {
  CONTRACT_THREW: 'the contract refused the call, and nothing was changed: its message says why',
  ARGUMENTS_NOT_VALUES: 'arguments are written in the value encoding of specs/values.md',
  NO_SUCH_FUNCTION: 'its interface names a function that it does not have: its author has to mend it',
  NEVER_SETTLED: 'the function awaits something that never happens: its author has to mend it; nothing was changed',
  OUT_OF_GAS:
    'nothing was changed; ask for less in one call. The most is 10,000,000,000 with --gas on your own node, 2,000,000,000 elsewhere',
  OUT_OF_MEMORY: 'nothing was changed; the service may hold 64 MiB at most',
  STACK_OVERFLOW: 'nothing was changed; the function recurses too deeply',
  CHANGE_TOO_LARGE: 'nothing was changed; change less of the state in one call',
  RESULT_TOO_LARGE: 'nothing was changed; ask for a part of it',
  RESULT_NOT_A_VALUE: 'nothing was changed; functions, symbols and cycles cannot be returned',
  WATCHDOG: 'nothing was changed; the call took too long on the host: try again, or ask for less',
  VM_CRASHED: 'nothing was changed; try again',
}

/** A failed call as an error with its own code. */
export function callFailed(failure: CallFailure): CallsError {
  return new CallsError(failure.code, failure.message, HINTS[failure.code])
}
