/** What may go wrong with names, records and homes. */
export type RegistryErrorCode =
  // the text, the ID, the bytes themselves
  | 'NAME_INVALID'
  | 'USER_ID_INVALID'
  | 'HOME_INVALID'
  | 'RECORD_INVALID'
  | 'RECORD_EXPIRED'
  | 'RECORD_FROM_FUTURE'
  | 'RECORD_WRONG_KEY'
  | 'RECORD_WRONG_NETWORK'
  | 'RECORD_STALE'
  | 'RECORD_CONFLICT'
  | 'RECORD_FORKED'
  | 'RECORD_UNKNOWN_REGISTRAR'
  | 'RECORD_NOT_WITNESSED'
  | 'KEY_OUTDATED'
  | 'SIGNATURE_INVALID'
  | 'NETWORK_INVALID'
  | 'INVITE_INVALID'
  // looking a name up
  | 'NAME_NOT_FOUND'
  | 'NAME_EXPIRED'
  | 'HOME_UNREACHABLE'
  | 'NO_PEERS'
  | 'NO_ANSWER'
  | 'SERVICE_NOT_PUBLISHED'
  | 'VERSION_NOT_RUNNING'
  | 'VERSION_NOT_FOUND'
  // this node
  | 'BUSY'
  | 'STOPPED'

/** One failure of the registry: what happened and who failed in one sentence, and what to try. */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode
  readonly hint: string

  constructor(code: RegistryErrorCode, message: string, hint: string) {
    super(message)
    this.name = 'RegistryError'
    this.code = code
    this.hint = hint
  }
}

/** The code of an error that may be anything. */
export function codeOf(error: unknown): RegistryErrorCode | undefined {
  return error instanceof RegistryError ? error.code : undefined
}
