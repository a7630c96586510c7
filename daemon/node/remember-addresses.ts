import type { IdentifyResult, Libp2p } from '@libp2p/interface'

/**
 * Keeps the address by which a peer was reached among those that it tells of itself, which libp2p puts in its place: behind a forwarded port or a
 * NAT no peer knows the one that works.
 *
 * @returns how to end it
 */
export function rememberAddresses(
  libp2p: Pick<Libp2p, 'peerStore' | 'addEventListener' | 'removeEventListener'>,
): () => void {
  const onIdentify = ({ detail: { peerId, connection } }: CustomEvent<IdentifyResult>): void => {
    if (connection.direction !== 'outbound') return
    // a peer that cannot be noted down is looked for as any other
    libp2p.peerStore.merge(peerId, { multiaddrs: [connection.remoteAddr] }).catch(() => undefined)
  }
  libp2p.addEventListener('peer:identify', onIdentify)
  return () => libp2p.removeEventListener('peer:identify', onIdentify)
}
