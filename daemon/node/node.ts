/** One running node: libp2p and Helia over the stores of its data folder. Starts in order, stops in reverse. */
import type { Ed25519PrivateKey, PeerId } from '@libp2p/interface'
import type { KadDHTInit } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Helia, HeliaInit } from 'helia'
import type { CID } from 'multiformats/cid'
import { isRelayed, parseAddress, peerIdOf, relayOf, sortForPeople } from './address.ts'
import { createAdmission } from './admission.ts'
import { createAnnouncer } from './announce.ts'
import { assertBounds, assertConnectionBounds, type BoundedParts, type BoundedRelay, protocolBounds } from './bounds.ts'
import { CONTACT_MS, NEEDED_MS, REJOIN_AFTER_MS, RELAY_FIRST_MS } from './constants.ts'
import { NodeError } from './errors.ts'
import { createFetcher, type Fetcher } from './fetch.ts'
import { createDialGater } from './gater.ts'
import { makeHelia } from './helia.ts'
import { untilKnown } from './known-peer.ts'
import { type AmigosLibp2p, makeLibp2p } from './libp2p.ts'
import { listenError, ownAddresses, sortListen, USUAL_PORTS } from './listen.ts'
import type { Network } from './network.ts'
import { createOwnPorts } from './own-ports.ts'
import { createReconnect } from './reconnect.ts'
import { createRedial } from './redial.ts'
import { createRelayed } from './relayed.ts'
import { rememberAddresses } from './remember-addresses.ts'
import { createRememberedPeers, type Memory } from './remembered-peers.ts'
import { createTraffic, type Traffic } from './traffic.ts'

export interface NodeParts {
  key: Ed25519PrivateKey
  network: Network
  blockstore: NonNullable<HeliaInit['blockstore']>
  datastore: NonNullable<HeliaInit['datastore']>
  local: { get(cid: CID): Promise<Uint8Array | undefined> }
  records: Pick<KadDHTInit, 'validators' | 'selectors'>
  /** where the peers are kept that this node goes back to, and its ports. @default it forgets them */
  memory?: Memory
  version: string
  log: (line: string) => void
}

export interface NodeInit {
  /** multiaddrs; empty: the ports it had last, else the usual ones, or any free ones where those are taken */
  listen: readonly string[]
  /** multiaddrs that end in /p2p/PEERID */
  bootstrap: readonly string[]
  /** listen and dial nobody */
  offline: boolean
  /** others may be reached through this node. @default false */
  relay?: boolean
  /** it asks, and nobody is to ask it: it does not listen, and is in nobody's routing table. @default false */
  isVisitor?: boolean
}

export interface AmigosNode {
  libp2p: AmigosLibp2p
  helia: Helia
  fetcher: Fetcher
  peerId: string
  /** full multiaddrs, ending in /p2p/PEERID, the most widely dialable first */
  addresses(): string[]
  peerCount(): number
  /** bytes since the start */
  traffic: Traffic
  /** @throws NodeError ADDRESS_INVALID, DIAL_FAILED, DIAL_TIMED_OUT */
  connect(address: string, options: { signal: AbortSignal }): Promise<string>
  /** Whether it dials an address that somebody else gave it. */
  mayDial(address: string): boolean
  /** Tells the network that this node has a block: in the background, and again as soon as there is somebody to tell. */
  provide(cid: CID): void
  /** The peer is in use: if the connection is lost within five minutes, it is dialled again. @param isContact within an hour */
  keep(peer: string, isContact?: boolean): void
  /** The peer is disconnected, and neither dialled nor let in again for so long: an hour at most. */
  ban(peer: string, milliseconds: number): void
  /** Of every protocol that is registered by now. @throws NodeError BOUND_NOT_KEPT */
  assertProtocolBounds(): void
  /** @throws NodeError PORT_IN_USE, LISTEN_FAILED; BOUND_NOT_KEPT before anybody can connect */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Made, not started: whoever registers protocols does so before `start`. */
export async function createNode(parts: NodeParts, init: NodeInit): Promise<AmigosNode> {
  const bootstrap = [...parts.network.bootstrap, ...init.bootstrap].map(parseAddress)
  for (const address of bootstrap) {
    if (peerIdOf(address) === undefined) {
      const hint = 'a bootstrap address ends in /p2p/PEERID: the other node prints it when it starts'
      throw new NodeError('ADDRESS_INVALID', `${address} does not say whose address it is.`, hint)
    }
  }

  const { isVisitor = false } = init
  const { memory = { get: async () => undefined, put: async () => undefined } } = parts
  const ports = createOwnPorts(memory)
  const usual = init.listen.length > 0 ? {} : USUAL_PORTS
  const named = init.listen.length > 0 ? init.listen : Object.keys(USUAL_PORTS)
  const wanted = init.offline || isVisitor ? [] : named
  const { listen, relays } = sortListen(await ports.choose(wanted.map(parseAddress), usual))
  const gater = createDialGater([...ownAddresses(listen), ...relays, ...bootstrap])
  const { traffic, metrics } = createTraffic()
  const admission = createAdmission({ connections: (peer) => libp2p.getConnections(peer).length, now: Date.now })
  const relayed = createRelayed()
  const isRelay = init.relay ?? false
  const libp2p = await makeLibp2p({ ...parts, listen, gater, admission, relayed, isRelay, isVisitor, metrics })
  const inside = (libp2p as unknown as { components: BoundedParts }).components
  const helia = makeHelia(libp2p, { blockstore: parts.blockstore, datastore: parts.datastore })
  const dial = (address: Multiaddr, { signal }: { signal: AbortSignal }) => libp2p.dial(address, { signal })
  const redial = createRedial(
    {
      dial,
      isConnected: (id) => libp2p.getConnections(peerIdFromString(id)).length > 0,
      onFailure: (address) => parts.log(`bootstrap peer ${address} does not answer`),
    },
    init.offline ? [] : bootstrap,
  )
  const places = createRedial(
    {
      dial: (address, options) => relayed.reserve(address, options),
      isConnected: (id) => relayed.hasPlace(peerIdFromString(id)),
      onFailure: (address) => parts.log(`there is no place at the relay ${address}`),
    },
    relays,
  )
  const reconnect = createReconnect({
    dial: (peer, options) => libp2p.dial(peerIdFromString(peer), options),
    isConnected: (peer) => libp2p.getConnections(peerIdFromString(peer)).length > 0,
    ...{ now: Date.now, random: Math.random },
  })
  const onLost = ({ detail }: CustomEvent<PeerId>): void => {
    const peer = detail.toString()
    if (admission.bannedFor(peer) === 0) reconnect.lost(peer)
  }
  const announcer = createAnnouncer({
    provide: async (cid, options) => helia.routing.provide(cid, options),
    table: libp2p.services.dht.routingTable,
    log: parts.log,
  })
  const forgetAddresses = rememberAddresses(libp2p)
  const remembered = createRememberedPeers({
    memory,
    dial: (addresses, options) => libp2p.dial(addresses, options),
    addressesOf: async (peer) => {
      const { addresses } = await libp2p.peerStore.get(peerIdFromString(peer))
      return addresses.map(({ multiaddr: address }) =>
        peerIdOf(address) === peer ? address.toString() : `${address}/p2p/${peer}`,
      )
    },
    isConnected: (peer) => libp2p.getConnections(peerIdFromString(peer)).length > 0,
    peerCount: () => libp2p.getPeers().length,
  })
  const table = libp2p.services.dht.routingTable as unknown as EventTarget
  const onPeer = (event: Event): void => remembered.met((event as CustomEvent<PeerId>).detail.toString())
  const peerCount = (): number => libp2p.getPeers().length

  return {
    libp2p,
    helia,
    fetcher: createFetcher({ helia, local: parts.local, peers: () => libp2p.getPeers().map(String) }),
    peerId: libp2p.peerId.toString(),
    addresses: () => sortForPeople(libp2p.getMultiaddrs()),
    peerCount,
    traffic,

    mayDial: gater.mayDial,
    async connect(text, { signal }) {
      const address = parseAddress(text)
      gater.allow(address)
      try {
        if (peerIdOf(address) === libp2p.peerId.toString()) throw isMyself(text)
        // by the address that was named: libp2p would dial those that it remembers
        const relay = isRelayed(address) ? relayOf(address) : undefined
        if (relay !== undefined) await dial(relay, { signal })
        const { remotePeer, limits } = await dial(address, { signal })
        // over a relay that says how little it carries, no name is looked up
        if (limits === undefined) await untilKnown(libp2p.services.dht, remotePeer, { signal })
        reconnect.keep(remotePeer.toString(), CONTACT_MS)
        return remotePeer.toString()
      } catch (cause) {
        if (cause instanceof NodeError) throw cause
        if (signal.aborted) {
          throw new NodeError(
            'DIAL_TIMED_OUT',
            `${text} did not answer in time.`,
            'is that node up, and its port open?',
            { cause },
          )
        }
        const hint = 'check the address (amigo id prints it there), and that both nodes are on the same network'
        throw new NodeError('DIAL_FAILED', `${text} could not be reached.`, hint, { cause })
      }
    },

    provide: (cid) => announcer.provide(cid),

    keep: (peer, isContact = false) => reconnect.keep(peer, isContact ? CONTACT_MS : NEEDED_MS),

    ban(peer, milliseconds) {
      admission.ban(peer, milliseconds)
      for (const connection of libp2p.getConnections(peerIdFromString(peer)))
        connection.abort(new Error('the peer is banned for a while'))
    },

    assertProtocolBounds: () => assertBounds(protocolBounds(inside)),

    async start() {
      await assertConnectionBounds(inside, libp2p.services.relay as unknown as BoundedRelay | undefined)
      try {
        await libp2p.start()
      } catch (error) {
        await libp2p.stop()
        throw listenError(error, listen)
      }
      await ports.note(libp2p.getMultiaddrs())
      await helia.start()
      announcer.start()
      libp2p.addEventListener('peer:disconnect', onLost)
      redial.start()
      if (!init.offline) {
        table.addEventListener('peer:add', onPeer)
        await remembered.start(bootstrap.length > 0 ? REJOIN_AFTER_MS : 0)
      }
      const signal = AbortSignal.timeout(RELAY_FIRST_MS)
      await Promise.allSettled(relays.map((address) => relayed.reserve(address, { signal })))
      places.start()
    },

    async stop() {
      forgetAddresses()
      table.removeEventListener('peer:add', onPeer)
      await remembered.stop()
      libp2p.removeEventListener('peer:disconnect', onLost)
      reconnect.stop()
      places.stop()
      redial.stop()
      announcer.stop()
      await helia.stop()
      await libp2p.stop()
    },
  }
}

function isMyself(address: string): NodeError {
  return new NodeError('ADDRESS_INVALID', `${address} is this node itself.`, 'connect to another one')
}
