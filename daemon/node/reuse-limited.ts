import { isPeerId, type Libp2p } from '@libp2p/interface'

/**
 * Opens streams on the connection that there is, also on a limited one, for protocols that run on those. The library dials the peer once
 * more for each: a peer behind a relay cannot be dialled back, and of two connections over one relay one is cut.
 */
export function reuseLimited(libp2p: Pick<Libp2p, 'dialProtocol' | 'getConnections'>): void {
  const dialProtocol = libp2p.dialProtocol.bind(libp2p)
  libp2p.dialProtocol = async (peer, protocols, options) => {
    const connections = options?.runOnLimitedConnection && isPeerId(peer) ? libp2p.getConnections(peer) : []
    const open = connections.filter(({ status }) => status === 'open')
    const existing = open.find(({ limits }) => limits === undefined) ?? open[0]
    return existing === undefined ? dialProtocol(peer, protocols, options) : existing.newStream(protocols, options)
  }
}
