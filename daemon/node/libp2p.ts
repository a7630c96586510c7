/** The libp2p node, with every option that its defaults get wrong for us. Reasons: specs/node.md. */
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { identify, identifyPush } from '@libp2p/identify'
import type { Ed25519PrivateKey, Libp2p, Metrics, MultiaddrResolver } from '@libp2p/interface'
import { type KadDHTInit, kadDHT, passthroughMapper, type SingleKadDHT } from '@libp2p/kad-dht'
import { type Ping, ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, dnsaddrResolver, type Libp2pOptions } from 'libp2p'
import type { Admission } from './admission.ts'
import { boundedNoise } from './bounded-noise.ts'
import { boundedYamux } from './bounded-yamux.ts'
import * as limits from './constants.ts'
import type { DialGater } from './gater.ts'
import { dhtProtocol, type Network } from './network.ts'
import { boundedRelay } from './relay-server.ts'
import type { Relayed } from './relayed.ts'
import { reuseLimited } from './reuse-limited.ts'
import { hardenedWebSockets } from './websockets.ts'

export type Services = {
  identify: unknown
  identifyPush: unknown
  ping: Ping
  dht: SingleKadDHT
  pubsub: ReturnType<ReturnType<typeof gossipsub>>
  relay?: CircuitRelayService
}

export type AmigosLibp2p = Libp2p<Services>

export interface Libp2pParts {
  key: Ed25519PrivateKey
  datastore: NonNullable<Libp2pOptions['datastore']>
  network: Network
  listen: readonly Multiaddr[]
  gater: DialGater
  admission: Pick<Admission, 'gater'>
  relayed: Pick<Relayed, 'transport'>
  /** whether others may be reached through this node */
  isRelay: boolean
  /** whether it only asks */
  isVisitor: boolean
  /** of the records that this network's DHT carries; anything else is refused by kad-dht itself */
  records: Pick<KadDHTInit, 'validators' | 'selectors'>
  version: string
  metrics: () => Metrics
}

/** Made, not started: the caller registers its protocols first. */
export async function makeLibp2p(parts: Libp2pParts): Promise<AmigosLibp2p> {
  const isolated = { protocolPrefix: 'amigos' }
  const libp2p = (await createLibp2p({
    start: false,
    privateKey: parts.key,
    datastore: parts.datastore,
    metrics: parts.metrics,
    nodeInfo: { name: 'amigos', version: parts.version },
    addresses: { listen: parts.listen.map(String) },
    transports: [tcp(), hardenedWebSockets(), parts.relayed.transport],
    connectionEncrypters: [boundedNoise()],
    streamMuxers: [boundedYamux()],
    connectionGater: {
      ...parts.admission.gater,
      denyDialMultiaddr: (address: Multiaddr) => parts.gater.denyDialMultiaddr(address),
    },
    connectionManager: {
      maxConnections: limits.MAX_CONNECTIONS,
      inboundConnectionThreshold: limits.INBOUND_CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: limits.MAX_PENDING_INBOUND,
      inboundUpgradeTimeout: limits.INBOUND_UPGRADE_MS,
      inboundStreamProtocolNegotiationTimeout: limits.NEGOTIATION_MS,
      outboundStreamProtocolNegotiationTimeout: limits.NEGOTIATION_MS,
      dialTimeout: limits.DIAL_TIMEOUT_MS,
      maxParallelDials: limits.MAX_PARALLEL_DIALS,
      maxDialQueueLength: limits.MAX_WAITING_DIALS,
      maxPeerAddrsToDial: limits.MAX_ADDRESSES_PER_DIAL,
      maxParallelReconnects: limits.MAX_PARALLEL_RECONNECTS,
      resolvers: { dnsaddr: resolverBehind(parts.gater) },
    },
    services: {
      identify: identify(isolated),
      identifyPush: identifyPush(isolated),
      ping: ping(isolated),
      ...(parts.isRelay ? { relay: boundedRelay() } : {}),
      dht: kadDHT({
        protocol: dhtProtocol(parts.network),
        clientMode: parts.isVisitor, // undefined would mean: a client until a public address shows up, so never at home
        peerInfoMapper: passthroughMapper, // the default drops every peer on a private or loopback address
        querySelfInterval: limits.DHT_SELF_QUERY_MS,
        initialQuerySelfInterval: limits.DHT_INITIAL_SELF_QUERY_MS,
        maxInboundStreams: limits.MAX_DHT_STREAMS_IN,
        maxOutboundStreams: limits.MAX_STREAMS_PER_PROTOCOL,
        ...parts.records,
      }),
      pubsub: gossipsub({
        emitSelf: false,
        fallbackToFloodsub: false,
        allowPublishToZeroTopicPeers: true,
        maxInboundDataLength: limits.MAX_GOSSIP_BYTES,
        maxOutboundBufferSize: limits.MAX_GOSSIP_WAITING_BYTES,
        maxInboundStreams: limits.MAX_GOSSIP_STREAMS,
        maxOutboundStreams: limits.MAX_GOSSIP_STREAMS,
        // more than ten peers behind one address would silence the mesh of a class room or of one machine
        scoreParams: { IPColocationFactorWeight: 0 },
      }),
    },
  })) as unknown as AmigosLibp2p
  reuseLimited(libp2p)
  return libp2p
}

/** libp2p resolves before it asks the gater, so a stranger's /dnsaddr would have its author's name server asked. */
function resolverBehind(gater: DialGater): MultiaddrResolver {
  return {
    canResolve: (address) => dnsaddrResolver.canResolve(address),
    resolve: async (address, options) =>
      gater.denyDialMultiaddr(address) ? [] : dnsaddrResolver.resolve(address, options),
  }
}
