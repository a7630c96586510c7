/** What this protocol itself reports. An error of a remote handler carries that handler's own code. */
export type ProtocolErrorCode =
  // why there is no answer
  | 'PEER_UNREACHABLE'
  | 'PEER_REFUSED'
  | 'WRONG_NETWORK'
  | 'VERSION_UNSUPPORTED'
  | 'CONNECTION_LOST'
  | 'TIMED_OUT'
  | 'CANCELLED'
  | 'STOPPED'
  | 'SESSION_RETIRED'
  // why a request was not served
  | 'BUSY'
  | 'UNKNOWN_METHOD'
  | 'INTERNAL'
  | 'RESULT_TOO_LARGE'
  | 'STREAM_REQUIRED'
  | 'REQUEST_TOO_LARGE'
  | 'REQUEST_INVALID'
  // protocol offences
  | 'FRAME_TOO_LARGE'
  | 'FRAME_TRUNCATED'
  | 'FRAME_MALFORMED'
  | 'FRAME_NOT_CANONICAL'
  | 'FRAME_TOO_DEEP'
  | 'FRAME_TOO_MANY_ELEMENTS'
  | 'FRAME_UNKNOWN'
  | 'FRAME_INVALID'
  | 'FRAME_UNEXPECTED'
  | 'ID_REUSED'
  | 'CREDIT_EXCEEDED'
  | 'CREDIT_INVALID'
  | 'FLOODING'
  // signed things
  | 'ENVELOPE_INVALID'
  | 'MESSAGE_INVALID'
  | 'SIGNATURE_INVALID'
  | 'USER_ID_INVALID'

/** Who failed: this node or its caller, the peer, or what lies between. */
export type Party = 'local' | 'remote' | 'network'

/** Codes after which the same request may succeed. It may have been carried out already after CONNECTION_LOST or TIMED_OUT. */
const RETRYABLE: ReadonlySet<string> = new Set([
  'PEER_UNREACHABLE',
  'CONNECTION_LOST',
  'TIMED_OUT',
  'BUSY',
  'SESSION_RETIRED',
])

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode | (string & {})
  /** What to try, or the empty string. */
  readonly hint: string
  readonly party: Party
  readonly retryable: boolean

  constructor(
    code: ProtocolErrorCode | (string & {}),
    message: string,
    details: { hint?: string; party?: Party } = {},
  ) {
    super(message)
    this.code = code
    this.hint = details.hint ?? ''
    this.party = details.party ?? 'local'
    this.retryable = RETRYABLE.has(code)
  }
}
