export type VmErrorCode =
  | 'BAD_IMAGE'
  | 'ENGINE_UNSUPPORTED'
  | 'ENGINE_MISMATCH'
  | 'NOT_OPEN'
  | 'ALREADY_OPEN'
  | 'TOO_LARGE'
  | 'BAD_REQUEST'
  | 'VM_CRASHED'
  | 'STOPPED'

/** What went wrong between the daemon and the virtual machine; what goes wrong inside a contract is an Outcome. */
export class VmError extends Error {
  readonly code: VmErrorCode
  /** what to try */
  readonly hint: string

  constructor(code: VmErrorCode, message: string, hint: string) {
    super(message)
    this.name = 'VmError'
    this.code = code
    this.hint = hint
  }
}
