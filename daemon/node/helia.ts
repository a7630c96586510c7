/** Helia on a libp2p node of our own: bitswap for blocks, the network's DHT for providers, nothing else. */
import { withBitswap } from '@helia/bitswap'
import * as dagCbor from '@ipld/dag-cbor'
import { peerIdFromCID } from '@libp2p/peer-id'
import { createHeliaLight, type Helia, type HeliaInit, type Router } from 'helia'
import type { CID } from 'multiformats/cid'
import { boundAnswers } from './bounded-answers.ts'
import { boundBlockstore } from './bounded-blockstore.ts'
import { BITSWAP_MESSAGE_BYTES, BITSWAP_MESSAGE_BYTES_IN, MAX_STREAMS_PER_PROTOCOL } from './constants.ts'
import type { AmigosLibp2p } from './libp2p.ts'

const NAME = 'libp2p-router'

/** Content and peer routing through our own node: the router that Helia's libp2p mixin has, but does not export. */
function libp2pRouter(libp2p: AmigosLibp2p): Router {
  const { contentRouting, peerRouting } = libp2p
  return {
    name: NAME,
    provide: async (cid, options) => contentRouting.provide(cid, options),
    cancelReprovide: async (cid, options) => contentRouting.cancelReprovide(cid, options),
    async *findProviders(cid, options) {
      for await (const peer of contentRouting.findProviders(cid, options)) {
        yield { ...peer, id: peer.id.toCID(), router: NAME, fallback: false }
      }
    },
    put: async (key, value, options) => contentRouting.put(key, value, options),
    get: async (key, options) => contentRouting.get(key, options),
    async findPeer(id: CID, options) {
      const peer = await peerRouting.findPeer(peerIdFromCID(id), options)
      return { ...peer, id: peer.id.toCID(), router: NAME }
    },
    async *getClosestPeers(key, options) {
      for await (const peer of peerRouting.getClosestPeers(key, options)) {
        yield { ...peer, id: peer.id.toCID(), router: NAME }
      }
    },
  } as Router
}

type Stores = Required<Pick<HeliaInit, 'blockstore' | 'datastore'>>

/** Made, not started. It neither starts nor stops libp2p or the stores: whoever made those does. */
export function makeHelia(libp2p: AmigosLibp2p, { blockstore, datastore }: Stores): Helia {
  const helia = createHeliaLight({
    blockstore: boundBlockstore(blockstore),
    datastore,
    codecs: [dagCbor],
    routers: [libp2pRouter(libp2p)],
    // nothing here deletes through Helia, and the lock would make every reader wait for the slowest fetch
    holdGcLock: false,
  } as HeliaInit)
  boundAnswers(helia as unknown as Helia)
  return withBitswap(Object.assign(helia, { libp2p }) as Parameters<typeof withBitswap>[0], {
    maxOutgoingMessageSize: BITSWAP_MESSAGE_BYTES,
    maxIncomingMessageSize: BITSWAP_MESSAGE_BYTES_IN,
    maxInboundStreams: MAX_STREAMS_PER_PROTOCOL,
    maxOutboundStreams: MAX_STREAMS_PER_PROTOCOL,
  }) as unknown as Helia
}
