/** Why a node could not start, or could not reach somebody. */
export type NodeErrorCode =
  | 'HOME_DAMAGED'
  | 'HOME_INSECURE'
  | 'HOME_UNWRITABLE'
  | 'KEY_INVALID'
  | 'NETWORK_FIXED'
  | 'NOT_REGISTRAR'
  | 'ADDRESS_INVALID'
  | 'PORT_IN_USE'
  | 'LISTEN_FAILED'
  | 'BOUND_NOT_KEPT'
  | 'DIAL_FAILED'
  | 'DIAL_TIMED_OUT'
  | 'BLOCK_INVALID'
  | 'CONTENT_NOT_FOUND'
  | 'CONTENT_TOO_LARGE'

export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: NodeErrorCode
  readonly hint: string

  constructor(code: NodeErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
}
