import { noise } from '@chainsafe/libp2p-noise'
import { identify } from '@libp2p/identify'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { PROTOCOL } from '../../protocol/constants.ts'
import { createInternode, type InternodeInit, type InternodeNode } from '../../protocol/service.ts'
import type { Handler, Internode } from '../../protocol/types.ts'

export interface TestNode {
  node: Libp2p
  internode: Internode
  peer: string
}

/** Real nodes over TCP on the loopback interface. `stop` ends whatever was made here. */
export interface Testnet {
  /** a node with the protocol started, on whatever slice of it the test gives the protocol */
  create(
    handlers?: Record<string, Handler>,
    init?: Partial<InternodeInit>,
    slice?: (node: Libp2p) => InternodeNode,
    privateKey?: PrivateKey,
  ): Promise<TestNode>
  /** a node without it */
  createBare(privateKey?: PrivateKey): Promise<Libp2p>
  /** Tells each where the other is, without connecting them. */
  introduce(a: Libp2p, b: Libp2p): Promise<void>
  stop(): Promise<void>
}

export function createTestnet(): Testnet {
  const stops: (() => Promise<void>)[] = []

  async function createBare(privateKey?: PrivateKey): Promise<Libp2p> {
    const node = await createLibp2p({
      ...(privateKey && { privateKey }),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20 } })],
      connectionManager: { inboundConnectionThreshold: 1_000 },
      services: { identify: identify() },
    })
    stops.push(async () => node.stop())
    return node
  }

  return {
    createBare,
    async create(handlers = {}, init = {}, slice = (node) => node, privateKey) {
      const node = await createBare(privateKey)
      const internode = createInternode({ node: slice(node), handlers }, { network: 'test', agent: 'test/1', ...init })
      await internode.start()
      stops.push(() => internode.stop())
      return { node, internode, peer: node.peerId.toString() }
    },
    async introduce(a, b) {
      await a.peerStore.merge(b.peerId, { multiaddrs: b.getMultiaddrs() })
      await b.peerStore.merge(a.peerId, { multiaddrs: a.getMultiaddrs() })
    },
    async stop() {
      for (const stop of stops.splice(0).reverse()) await stop()
    },
  }
}

/** Streams of the protocol that a node has open. */
export function countStreams(node: Libp2p): number {
  return node
    .getConnections()
    .flatMap((connection) => connection.streams.filter((stream) => stream.protocol === PROTOCOL)).length
}
