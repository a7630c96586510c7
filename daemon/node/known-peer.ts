/** When a connection has become more than a connection. */
import type { PeerId } from '@libp2p/interface'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import { pEvent } from 'p-event'
import { KNOWN_WAIT_MS } from './constants.ts'

/** What kad-dht's routing table is in fact, besides what its type says. */
type Table = EventTarget & { find(peer: PeerId): Promise<unknown> }

/**
 * Resolves when the DHT knows a peer, so that names can be looked up through it. Gives up in silence after two seconds: a
 * node of another network is never known.
 */
export async function untilKnown(dht: SingleKadDHT, peer: PeerId, { signal }: { signal: AbortSignal }): Promise<void> {
  const table = dht.routingTable as unknown as Table
  const added = pEvent<string, CustomEvent<PeerId>>(table as never, 'peer:add', {
    filter: ({ detail }) => peer.equals(detail),
    signal: AbortSignal.any([signal, AbortSignal.timeout(KNOWN_WAIT_MS)]),
  }).catch(() => undefined)
  if ((await table.find(peer)) === undefined) await added
}
