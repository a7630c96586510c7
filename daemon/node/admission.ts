/** Whom a node is connected to: not to one that is banned for a while, and to nobody too often. */
import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { MAX_BAN_MS, MAX_BANNED_PEERS, MAX_CONNECTIONS_PER_PEER } from './constants.ts'

type Hooks =
  | 'denyDialPeer'
  | 'denyInboundEncryptedConnection'
  | 'denyOutboundEncryptedConnection'
  | 'denyInboundUpgradedConnection'
  | 'denyOutboundUpgradedConnection'

export interface Admission {
  /** libp2p's connection gater: true refuses */
  gater: Required<Pick<ConnectionGater, Hooks>>
  /** For so long, an hour at most, new connections with the peer are refused either way. A second ban never shortens the first. */
  ban(peer: string, milliseconds: number): void
  /** milliseconds until the peer may come again; 0 if it is not banned */
  bannedFor(peer: string): number
}

export interface AdmissionParts {
  /** how many there are with a peer */
  connections(peer: PeerId): number
  now: () => number
}

/** Remembers a bounded number of bans: of too many, the one that would end first is forgotten. */
export function createAdmission({ connections, now }: AdmissionParts): Admission {
  const until = new Map<string, number>()

  const makeRoom = (): void => {
    const time = now()
    for (const [peer, end] of until) if (end <= time) until.delete(peer)
    if (until.size < MAX_BANNED_PEERS) return
    const [first] = [...until].reduce((a, b) => (b[1] < a[1] ? b : a))
    until.delete(first)
  }
  const bannedFor = (peer: string): number => Math.max(0, (until.get(peer) ?? 0) - now())
  const isBanned = (peer: PeerId): boolean => bannedFor(peer.toString()) > 0
  /** Asked in the same turn in which the connection is counted, so that many at once do not all find room. */
  const isCrowded = (peer: PeerId): boolean => connections(peer) >= MAX_CONNECTIONS_PER_PEER

  return {
    bannedFor,
    ban(peer, milliseconds) {
      const end = now() + Math.min(milliseconds, MAX_BAN_MS)
      if (!(end > (until.get(peer) ?? now()))) return
      if (!until.has(peer) && until.size >= MAX_BANNED_PEERS) makeRoom()
      until.set(peer, end)
    },
    gater: {
      denyDialPeer: isBanned,
      denyInboundEncryptedConnection: isBanned,
      // whoever dials an address without a peer ID learns only here whose it is
      denyOutboundEncryptedConnection: isBanned,
      denyInboundUpgradedConnection: isCrowded,
      denyOutboundUpgradedConnection: isCrowded,
    },
  }
}
