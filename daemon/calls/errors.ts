/** Why a use case did not come to its end. Failures of the parts below keep their own codes. */
import type { ServiceRules } from '../api/vocabulary.ts'
import type { CallFailure, CallFailureCode } from '../vm/types.ts'
import { MAX_DELTA_BYTES, MAX_GAS, MAX_MEMORY_BYTES, MAX_RESULT_BYTES } from './constants.ts'

export type CallsErrorCode =
  | CallFailureCode
  | 'SERVICE_NOT_FOUND'
  | 'NOT_A_SERVICE'
  | 'NOT_A_CONTRACT'
  | 'NOT_A_COMMIT'
  | 'NOT_A_FORK'
  | 'MERGE_CONFLICT'
  | 'MERGE_UNSUPPORTED'
  | 'RECEIPT_INVALID'
  | 'HISTORY_TOO_LARGE'
  | 'NOT_CALLABLE'
  | 'VERSION_NOT_NEWER'
  | 'NOT_THE_HOST'
  | 'NAME_NEEDS_REGISTRAR'
  | 'NAME_NOT_SUPPORTED'
  | 'NOT_THE_OWNER'
  | 'REPLAY_MISMATCH'
  | 'NAME_TAKEN'
  | 'NAME_RESERVED'
  | 'NAME_LIMIT'
  | 'NAME_NOT_YOURS'
  | 'NAME_INVALID'
  | 'NAME_NOT_FOUND'
  | 'USER_ID_INVALID'
  | 'BOOK_FULL'
  | 'BOOK_REPLACED'
  | 'BOOK_CODE_UNKNOWN'
  | 'RECORD_CONFLICT'
  | 'HUB_UNREACHABLE'
  | 'NETWORK_UNKNOWN'
  | 'NETWORK_UNREACHABLE'
  | 'NOT_REGISTRAR'
  | 'WITNESSES_MISSING'
  | 'MAJOR_NEEDS_OWN_NAME'
  | 'UPGRADE_BREAKS'
  | 'COMMIT_NOT_FOUND'
  | 'PRUNED'
  | 'REPLAY_FAILED'
  | 'ENGINE_UNKNOWN'
  | 'UPGRADE_FAILED_TRIAL'
  | 'VERSION_TAKEN'
  | 'VERSION_INVALID'
  | 'VERSION_NOT_FOUND'
  | 'VERSION_NOT_RUNNING'
  | 'SERVICE_BUSY'
  | 'CALL_BUSY'
  | 'CALL_CYCLE'
  | 'IMPORT_BROKE'
  | 'TIMED_OUT'
  | 'STREAM_CLOSED'
  | 'ACCESS_DENIED'
  | 'GRANT_NEEDED'
  | 'GAS_LIMIT_TOO_HIGH'
  | 'CONTENT_NOT_FOUND'
  | 'RECEIPT_INVALID'
  | 'HISTORY_TOO_LARGE'
  | 'ARGUMENTS_TOO_LARGE'
  | 'ARGUMENTS_INVALID'
  | 'WRONG_NETWORK'
  | 'ANSWER_INVALID'
  | 'BLOCK_DAMAGED'
  | 'REQUEST_FIELD_INVALID'
  | 'MESSAGE_INVALID'
  | 'MESSAGE_NOT_FOUND'
  | 'INBOX_FULL'
  | 'KEY_CHANGES_FULL'
  | 'KEY_LINKS_INVALID'
  | 'FOLLOWS_FULL'
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

/** The limits that a hint may name, as they were applied. */
type Applied = Pick<ServiceRules['limits'], 'gas' | 'memory' | 'result' | 'delta'>

/** What this node's own user may have, whatever the contract says. */
const OWN: Applied = {
  gas: Number(MAX_GAS),
  memory: MAX_MEMORY_BYTES,
  result: MAX_RESULT_BYTES,
  delta: MAX_DELTA_BYTES,
}

/** What to try when a contract fails a call. */
const HINTS: Record<CallFailureCode, string | ((limits: Applied) => string)> = {
  CONTRACT_THREW: 'the contract refused the call, and nothing was changed: its message says why',
  ARGUMENTS_NOT_VALUES: 'arguments are written in the value encoding of specs/values.md',
  NO_SUCH_FUNCTION: 'its interface names a function that it does not have: its author has to mend it',
  NEVER_SETTLED: 'the function awaits something that never happens: its author has to mend it; nothing was changed',
  OUT_OF_GAS: ({ gas }) => `nothing was changed; ask for less in one call. The most is --gas ${gas} for you here`,
  OUT_OF_MEMORY: ({ memory }) => `nothing was changed; the service may hold ${memory} bytes at most`,
  STACK_OVERFLOW: 'nothing was changed; the function recurses too deeply',
  CHANGE_TOO_LARGE: ({ delta }) => `nothing was changed; one call may change ${delta} bytes of the state`,
  RESULT_TOO_LARGE: ({ result }) =>
    `nothing was changed; ask for a part of it: ${result} bytes are the most for you here. An answer to another node is shorter than one at home`,
  RESULT_NOT_A_VALUE: 'nothing was changed; functions, symbols and cycles cannot be returned',
  NO_SUCH_STATE: 'amigo state NAME shows it as a whole',
  MIGRATION_NEEDED: 'its author has to export migrate(old)',
  NOT_A_STREAM: 'query it as it is, without --follow',
  CONTENT_NEEDED: 'nothing was changed; try again',
  ANSWERS_NEEDED: 'nothing was changed; try again',
  CANCELLED: 'nothing was changed; wait longer with --timeout if you want it done',
  WATCHDOG: 'nothing was changed; the call took too long on the host: try again, or ask for less',
  VM_CRASHED: 'nothing was changed; try again',
}

/** A failed call as an error with its own code. */
export function callFailed({ code, message }: CallFailure, limits: Applied = OWN): CallsError {
  const hint = HINTS[code]
  return new CallsError(code, message, typeof hint === 'string' ? hint : hint(limits))
}
