import { PROTOCOL } from '../constants.ts'
import { ProtocolError } from '../errors.ts'

/** Words for the names and codes of errors that libp2p and the operating system give a failed dial. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens at its address',
  ECONNRESET: 'it reset the connection',
  EHOSTUNREACH: 'there is no route to its address',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'its address did not answer',
  NoValidAddressesError: 'no address of it is known',
  NotFoundError: 'no address of it is known',
  TimeoutError: 'it did not answer in time',
  AbortError: 'it did not answer in time',
  UnsupportedProtocolError: `it does not speak ${PROTOCOL}`,
  DialDeniedError: 'this node is set not to dial it',
  UnexpectedPeerError: 'another peer answers at its address',
  EncryptionFailedError: 'the connection could not be secured',
  ConnectionFailedError: 'the connection failed',
  ConnectionClosedError: 'the connection closed',
  StreamResetError: 'it reset the stream',
  TooManyOutboundProtocolStreamsError: 'too many streams to it are open already',
}

/** What is said at most: a peer may have dozens of addresses, each with its own failure. */
const MOST_REASONS = 4

/** PEER_UNREACHABLE with the causes in words. AggregateErrors are looked into; nothing of an unknown error but its name is shown. */
export function unreachable(peer: string, error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  const causes = [...new Set(leaves(error).map(reasonOf))].slice(0, MOST_REASONS)
  const message = `The peer ${peer} cannot be reached: ${causes.join('; ')}.`
  return new ProtocolError('PEER_UNREACHABLE', message, {
    party: 'network',
    hint: 'See that it runs and that its address is current.',
  })
}

function leaves(error: unknown, depth = 0): unknown[] {
  const inner = (error as AggregateError | undefined)?.errors
  if (!Array.isArray(inner) || inner.length === 0 || depth > MOST_REASONS) return [error]
  return inner.slice(0, 64).flatMap((each) => leaves(each, depth + 1))
}

function reasonOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown }
  for (const key of [code, name]) {
    if (typeof key === 'string' && Object.hasOwn(REASONS, key)) return REASONS[key]!
  }
  const causeCode = (cause as { code?: unknown } | undefined)?.code
  if (typeof causeCode === 'string' && Object.hasOwn(REASONS, causeCode)) return REASONS[causeCode]!
  return typeof name === 'string' ? `the dial failed with ${name}` : 'the dial failed'
}
