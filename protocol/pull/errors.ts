import { ProtocolError } from '../errors.ts'

/** What the bulk stream reports beside the codes of the internode protocol. */
export type PullErrorCode =
  // an offence: what came has not the hash that was due
  | 'WRONG_BLOCK'
  // the walk leads to more than one of the two sides takes
  | 'PULL_TOO_LARGE'
  // the peer sends no more on this stream, and goes on on the next
  | 'TRANSFER_LIMIT'
  // the peer lacks a block that it has to walk through before it can go on
  | 'CANNOT_RESUME'
  // the peer does not speak this protocol
  | 'PULL_UNSUPPORTED'

/** The peer broke the protocol: it is counted, and the stream is reset. */
export function offence(
  code:
    | PullErrorCode
    | 'FRAME_MALFORMED'
    | 'FRAME_TOO_LARGE'
    | 'FRAME_TRUNCATED'
    | 'FRAME_UNEXPECTED'
    | 'FRAME_INVALID',
  message: string,
): PullOffence {
  return new PullOffence(code, message, { party: 'remote', hint: 'It may run an older or a broken version.' })
}

export class PullOffence extends ProtocolError {}

export function tooLarge(what: string): ProtocolError {
  const hint = 'Its author has to split it, or it is not what it claims to be.'
  return new ProtocolError('PULL_TOO_LARGE' satisfies PullErrorCode, `What was asked for is ${what}.`, { hint })
}

export function lost(message: string): ProtocolError {
  return new ProtocolError('CONNECTION_LOST', message, { party: 'network', hint: 'Ask again.' })
}

export function stalled(who: 'local' | 'remote'): ProtocolError {
  const message = who === 'remote' ? 'The peer sent too little for too long.' : 'The peer did not read in time.'
  return new ProtocolError('TIMED_OUT', message, { party: 'remote', hint: 'Ask again, or another node.' })
}
