/** The nodes that this one is connected to, and what passes between them. */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { Internode, SessionInfo } from '../../../protocol/types.ts'
import type { PeerSummary } from '../../api/vocabulary.ts'
import { isRelayed } from '../../node/address.ts'

export interface PeersParts {
  internode: Pick<Internode, 'sessions' | 'conduct'>
  node: Pick<Libp2p, 'getConnections'>
}

/** In the order in which they were met. */
export type Peers = () => PeerSummary[]

export function createPeers({ internode, node }: PeersParts): Peers {
  const about = (peerId: string, connections: readonly Connection[], sessions: readonly SessionInfo[]): PeerSummary => {
    const byAge = connections.toSorted((a, b) => a.timeline.open - b.timeline.open)
    const trips = connections.flatMap(({ rtt }) => rtt ?? [])
    const agent = sessions.find((session) => session.agent !== '')?.agent ?? null
    return {
      peerId,
      agent,
      addresses: byAge.map(({ remoteAddr }) => remoteAddr.toString()),
      direction: byAge[0]!.direction,
      relayed: connections.every(({ remoteAddr }) => isRelayed(remoteAddr)),
      connectedAt: new Date(byAge[0]!.timeline.open).toISOString(),
      internode: sessions.length > 0,
      roundTripMs: trips.length > 0 ? Math.min(...trips) : null,
      sent: total(sessions.map(({ sent }) => sent)),
      received: total(sessions.map(({ received }) => received)),
      inFlight: sessions.reduce((sum, { inFlight }) => sum + inFlight, 0),
      offences: internode.conduct(peerId).offences,
    }
  }

  return () => {
    const sessions = Map.groupBy(internode.sessions(), ({ peer }) => peer)
    const byPeer = Map.groupBy(node.getConnections(), ({ remotePeer }) => remotePeer.toString())
    return [...byPeer].map(([peerId, connections]) => about(peerId, connections, sessions.get(peerId) ?? []))
  }
}

type Count = { frames: number; bytes: number }

const total = (counts: readonly Count[]): Count => ({
  frames: counts.reduce((sum, { frames }) => sum + frames, 0),
  bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
})
