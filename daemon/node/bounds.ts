/**
 * The bounds that the network libraries really keep to, read from their running objects: an update that renames an option takes the
 * option's default from then on, in silence. Which bounds, and why: specs/node.md.
 */
import type { ConnectionEncrypter, Stream, StreamMuxerFactory } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import type { MuxerInside } from './bounded-yamux.ts'
import * as limits from './constants.ts'
import { NodeError } from './errors.ts'

export interface Bound {
  what: string
  /** as the library has it */
  value: unknown
  most: number
}

/** What of a libp2p node is read, as of libp2p 3.3, gossipsub 17.1, noise 17.0 and yamux 8.0. */
export interface BoundedParts {
  connectionManager: {
    getMaxConnections(): number
    maxIncomingPendingConnections: number
    inboundConnectionRateLimiter: { points: number; duration: number }
    dialQueue: {
      queue: { concurrency: number }
      maxDialQueueLength: number
      maxPeerAddrsToDial: number
      dialTimeout: number
    }
    reconnectQueue: { queue: { concurrency: number } }
  }
  upgrader: {
    inboundUpgradeTimeout: number
    inboundStreamProtocolNegotiationTimeout: number
    outboundStreamProtocolNegotiationTimeout: number
    getStreamMuxers(): Map<string, StreamMuxerFactory>
    getConnectionEncrypters(): Map<string, ConnectionEncrypter>
  }
  pubsub: { opts: { maxInboundDataLength?: number; maxOutboundBufferSize?: number } }
  registrar: {
    getProtocols(): string[]
    getHandler(protocol: string): { options: { maxInboundStreams?: number; maxOutboundStreams?: number } }
  }
}

type StreamInside = Stream & { maxStreamWindowSize: number }

/** Of being a relay, as of @libp2p/circuit-relay-v2 4.2. */
export interface BoundedRelay {
  reservationStore: { maxReservations: number; reservationTtl: number }
}

/** Before a node starts. @throws NodeError BOUND_NOT_KEPT */
export async function assertConnectionBounds(parts: BoundedParts, relay: BoundedRelay | undefined): Promise<void> {
  let bounds: Bound[]
  try {
    bounds = [...(await connectionBounds(parts)), ...(relay ? relayBounds(relay) : [])]
  } catch (cause) {
    throw notKept('its bounds can no longer be read', { cause })
  }
  assertBounds(bounds)
}

/** Of connections and what they are made of. */
async function connectionBounds({ connectionManager, upgrader, pubsub }: BoundedParts): Promise<Bound[]> {
  const { dialQueue, reconnectQueue, inboundConnectionRateLimiter: rate } = connectionManager
  const bounds = [
    row('connections', connectionManager.getMaxConnections?.(), limits.MAX_CONNECTIONS),
    row('inbound connections pending', connectionManager.maxIncomingPendingConnections, limits.MAX_PENDING_INBOUND),
    row('connections a second from one address', rate?.points, limits.INBOUND_CONNECTIONS_PER_SECOND),
    row('seconds that those are counted in', rate?.duration, 1),
    row('dials at a time', dialQueue?.queue?.concurrency, limits.MAX_PARALLEL_DIALS),
    row('dials waiting', dialQueue?.maxDialQueueLength, limits.MAX_WAITING_DIALS),
    row('addresses of a dial', dialQueue?.maxPeerAddrsToDial, limits.MAX_ADDRESSES_PER_DIAL),
    row('milliseconds of a dial', dialQueue?.dialTimeout, limits.DIAL_TIMEOUT_MS),
    row('reconnects at a time', reconnectQueue?.queue?.concurrency, limits.MAX_PARALLEL_RECONNECTS),
    row('milliseconds of a handshake', upgrader.inboundUpgradeTimeout, limits.INBOUND_UPGRADE_MS),
    row('milliseconds to name a protocol', upgrader.inboundStreamProtocolNegotiationTimeout, limits.NEGOTIATION_MS),
    row('milliseconds to agree on one', upgrader.outboundStreamProtocolNegotiationTimeout, limits.NEGOTIATION_MS),
    row('bytes of an announcement', pubsub.opts?.maxInboundDataLength, limits.MAX_GOSSIP_BYTES),
    row('bytes of announcements waiting', pubsub.opts?.maxOutboundBufferSize, limits.MAX_GOSSIP_WAITING_BYTES),
  ]
  for (const [name, factory] of upgrader.getStreamMuxers()) bounds.push(...(await muxerBounds(name, factory)))
  for (const [name, encrypter] of upgrader.getConnectionEncrypters()) bounds.push(await encrypterBound(name, encrypter))
  return bounds
}

function relayBounds({ reservationStore }: BoundedRelay): Bound[] {
  return [
    row('places at this relay', reservationStore.maxReservations, limits.MAX_RESERVATIONS),
    row('milliseconds of a place at this relay', reservationStore.reservationTtl, limits.RESERVATION_MS),
  ]
}

/** Of the protocols that are registered by now. */
export function protocolBounds({ registrar }: Pick<BoundedParts, 'registrar'>): Bound[] {
  return registrar.getProtocols().flatMap((protocol) => {
    const { maxInboundStreams, maxOutboundStreams } = registrar.getHandler(protocol).options
    return [
      row(`${protocol} streams in`, maxInboundStreams, limits.MAX_STREAMS_PER_PROTOCOL),
      row(`${protocol} streams out`, maxOutboundStreams, limits.MAX_STREAMS_PER_PROTOCOL),
    ]
  })
}

/** @throws NodeError BOUND_NOT_KEPT about the first that is missing, unlimited or larger than ours */
export function assertBounds(bounds: readonly Bound[]): void {
  const broken = bounds.find(({ value, most }) => !(typeof value === 'number' && value >= 0 && value <= most))
  if (broken === undefined) return
  const { what, value, most } = broken
  const is = typeof value === 'number' ? value : 'nothing that this program can read'
  throw notKept(`of ${what} it has ${is}, and ${most} is the most`)
}

function notKept(how: string, options?: ErrorOptions): NodeError {
  const message = `The network library does not keep to its bounds: ${how}.`
  return new NodeError('BOUND_NOT_KEPT', message, 'install the versions of package-lock.json again: npm ci', options)
}

/** As a connection would get them. */
async function muxerBounds(name: string, factory: StreamMuxerFactory): Promise<Bound[]> {
  const [connection] = multiaddrConnectionPair()
  const muxer = factory.createStreamMuxer(connection) as MuxerInside
  try {
    const stream = (await muxer.createStream()) as StreamInside
    const { maxReadBufferLength: buffer, maxWriteBufferLength, maxStreamWindowSize: window } = stream
    return [
      row(`${name} streams in`, muxer.maxInboundStreams, limits.MAX_STREAMS_PER_CONNECTION),
      row(`${name} streams out`, muxer.maxOutboundStreams, limits.MAX_STREAMS_PER_CONNECTION),
      row(`${name} streams that come early`, muxer.maxEarlyStreams, limits.MAX_EARLY_STREAMS),
      row(`${name} bytes of a frame that has begun`, muxer.decoder?.buffer?.byteLength, 0),
      row(`${name} bytes unread`, buffer, limits.STREAM_READ_BUFFER_BYTES),
      row(`${name} bytes unsent`, maxWriteBufferLength, limits.STREAM_WRITE_BUFFER_BYTES),
      row(`${name} bytes of a window`, window, limits.STREAM_WINDOW_BYTES),
      // or a paused stream is reset rather than held back
      row(`${name} bytes of a window, which is below the read buffer`, window, (buffer ?? 0) - 1),
    ]
  } finally {
    muxer.abort(new Error('this was a trial'))
    connection.abort(new Error('this was a trial'))
  }
}

/** A handshake of the node with itself. */
async function encrypterBound(name: string, encrypter: ConnectionEncrypter): Promise<Bound> {
  const [here, there] = multiaddrConnectionPair()
  const signal = AbortSignal.timeout(limits.INBOUND_UPGRADE_MS)
  try {
    const ends = await Promise.all([
      encrypter.secureOutbound(here, { signal }),
      encrypter.secureInbound(there, { signal }),
    ])
    const [most = Number.NaN] = ends.map(({ connection }) => connection.maxWriteBufferLength).sort()
    return row(`${name} bytes unsent`, most, limits.CONNECTION_WRITE_BUFFER_BYTES)
  } finally {
    here.abort(new Error('this was a trial'))
    there.abort(new Error('this was a trial'))
  }
}

const row = (what: string, value: unknown, most: number): Bound => ({ what, value, most })
