/** Being reached over another node: a place at a relay, taken and kept. The circuit relay protocol, version 2, of libp2p. */
import { type CircuitRelayTransportComponents, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import type { AbortOptions, Connection, Listener, PeerId, Stream, Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { relayOf } from './address.ts'
import { MAX_STREAMS_PER_PROTOCOL } from './constants.ts'

/** The inside of the library's transport, as of 4.2: the tests with real relays fail if it changes. */
interface TransportInside extends Transport {
  reservationStore: {
    hasReservation(relay: PeerId): boolean
    addRelay(relay: PeerId, type: 'configured'): Promise<object>
    relayFilter: object
  }
  onStop(stream: Stream, connection: Connection): Promise<void>
}

interface ListenerInside extends Listener {
  addedRelay(reservation: object): void
}

export interface Relayed {
  /** what `createLibp2p` takes as a transport */
  transport: (components: CircuitRelayTransportComponents) => Transport
  /**
   * Takes a place at a relay, again if it was lost: from then on this node can be reached at `address/p2p/PEERID`.
   *
   * @param address ends in /p2p/RELAY/p2p-circuit
   * @throws whatever the dial, or the relay's refusal, does
   */
  reserve(address: Multiaddr, options: AbortOptions): Promise<void>
  hasPlace(relay: PeerId): boolean
}

/** The library never asks a node again that once was no relay; a relay that its user named may become one. */
const EVERY_RELAY = { has: () => false, add: () => {}, remove: () => {} }

export function createRelayed(): Relayed {
  const make = circuitRelayTransport({
    maxInboundStopStreams: MAX_STREAMS_PER_PROTOCOL,
    maxOutboundStopStreams: MAX_STREAMS_PER_PROTOCOL,
  })
  /** addresses with a listener, which comes to life again with each new reservation */
  const listening = new Set<string>()
  let components: CircuitRelayTransportComponents
  let inside: TransportInside

  const listenerOf = (listener: ListenerInside): Listener => {
    const listen = listener.listen.bind(listener)
    // made by `reserve` already: a failed listener would stay in libp2p's list for good
    listener.listen = async (address) => {
      const relay = relayOf(address)
      if (relay === undefined) return listen(address)
      const connection = await components.connectionManager.openConnection(relay)
      listener.addedRelay(await inside.reservationStore.addRelay(connection.remotePeer, 'configured'))
    }
    return listener
  }

  return {
    transport: (given) => {
      components = given
      inside = make(given) as TransportInside
      inside.reservationStore.relayFilter = EVERY_RELAY
      const createListener = inside.createListener.bind(inside)
      inside.createListener = (options) => listenerOf(createListener(options) as ListenerInside)
      const onStop = inside.onStop.bind(inside)
      // the library would let any node appoint itself as a relay of this one, and publish its address
      inside.onStop = async (stream, connection) => {
        if (inside.reservationStore.hasReservation(connection.remotePeer)) return onStop(stream, connection)
        stream.abort(new Error('this node has no place at that relay'))
      }
      return inside
    },

    async reserve(address, { signal }) {
      const { remotePeer } = await components.connectionManager.openConnection(
        relayOf(address)!,
        signal ? { signal } : {},
      )
      await inside.reservationStore.addRelay(remotePeer, 'configured')
      if (listening.has(address.toString())) return
      await components.transportManager.listen([address])
      listening.add(address.toString())
    },

    hasPlace: (relay) => inside.reservationStore.hasReservation(relay),
  }
}
