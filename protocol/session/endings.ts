import { ProtocolError } from '../errors.ts'

/** What a session does about an error: what the peer is told, and whether it counts against it. */
export interface Ending {
  goodbye?: string
  isOffence?: boolean
}

/** The peer broke the protocol. */
const OFFENCES: ReadonlySet<string> = new Set([
  'FRAME_TOO_LARGE',
  'FRAME_TRUNCATED',
  'FRAME_MALFORMED',
  'FRAME_NOT_CANONICAL',
  'FRAME_TOO_DEEP',
  'FRAME_TOO_MANY_ELEMENTS',
  'FRAME_UNKNOWN',
  'FRAME_INVALID',
  'FRAME_UNEXPECTED',
  'ID_REUSED',
  'CREDIT_EXCEEDED',
  'CREDIT_INVALID',
  'FLOODING',
])

/** The peer is as it should be, but not for us. */
const MISMATCHES: ReadonlySet<string> = new Set(['WRONG_NETWORK', 'VERSION_UNSUPPORTED'])

/** What to do about anything that reading, or acting on what was read, threw. */
export function endingOf(error: unknown): [ProtocolError, Ending] {
  if (!(error instanceof ProtocolError)) {
    return [new ProtocolError('INTERNAL', 'The session failed on this side.'), { goodbye: 'INTERNAL' }]
  }
  // What the peer said itself needs no answer.
  if (error.party === 'network') return [error, {}]
  if (OFFENCES.has(error.code)) return [error, { goodbye: error.code, isOffence: true }]
  return [error, MISMATCHES.has(error.code) ? { goodbye: error.code } : {}]
}

/** CONNECTION_LOST: nobody is to blame, and the same may be asked again. */
export function lost(message: string): ProtocolError {
  return new ProtocolError('CONNECTION_LOST', message, { party: 'network', hint: 'Ask again.' })
}

/** The error itself if it is of this protocol, else CONNECTION_LOST. */
export function asLost(error: unknown): ProtocolError {
  return error instanceof ProtocolError ? error : lost('The stream failed while a frame was being sent.')
}

/** FRAME_UNEXPECTED. @param what completes "The peer sent" */
export function unexpected(what: string): ProtocolError {
  return new ProtocolError('FRAME_UNEXPECTED', `The peer sent ${what}.`, { party: 'remote' })
}

/** The peer ended the session before it began. The empty reason: it gave none. */
export function turnedAway(reason: string): ProtocolError {
  if (MISMATCHES.has(reason) || reason === 'BUSY') {
    return new ProtocolError(reason, `The peer turned the session away: ${reason}.`, { party: 'remote' })
  }
  if (reason === 'REPLACED') return new ProtocolError('SESSION_RETIRED', 'The peer prefers another stream.')
  const why = reason === '' ? 'without a reason' : `for the reason ${reason}`
  return new ProtocolError('PEER_UNREACHABLE', `The peer turned the session away ${why}.`, {
    party: 'remote',
    hint: 'Ask again later.',
  })
}
