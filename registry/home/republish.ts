import { MAX_RETRY_MS, REPLICATION, REPUBLISH_MS, RESIGN_MS, RETRY_MS } from '../constants.ts'

/** What is known of the newest publication. Times are in milliseconds since 1970. */
export interface PublicationState {
  expires: number
  /** peers that stored it at the last attempt */
  seenBy: number
  /** when peers last stored it; when it was signed, if none ever did */
  publishedAt: number
  /** the last attempt while there were peers; 0 if there was none */
  attemptedAt: number
  /** peers in the routing table at that attempt */
  peers: number
  /** attempts in a row that reached too few */
  failures: number
}

export interface RepublishInit {
  /** @default 4 hours */
  republishMs?: number
  /** @default 24 hours */
  resignMs?: number
}

/** What the republisher should do now: nothing, put the same record once more, or sign and put a new one. */
export function nextStep(
  state: PublicationState,
  peers: number,
  now: number,
  init: RepublishInit = {},
): 'rest' | 'put' | 'sign' {
  const { republishMs = REPUBLISH_MS, resignMs = RESIGN_MS } = init
  // Nobody to tell: when the first peer appears, everything that is due is done at once
  if (peers === 0) return 'rest'
  const sinceAttempt = now - state.attemptedAt
  // A clock that was set back must not silence the loop
  if (sinceAttempt >= 0 && sinceAttempt < retryGap(state.failures)) return 'rest'
  if (state.expires - now < resignMs) return 'sign'
  const overdue = now - state.publishedAt >= republishMs
  // A record that was put while the table was filling up misses those who came after
  const grown = peers > state.peers && state.seenBy < Math.min(peers, REPLICATION)
  return overdue || grown || state.seenBy < enough(peers) ? 'put' : 'rest'
}

/** How many peers should hold a record, of those that are known: half of those that could. At least one. */
export function enough(peers: number): number {
  return Math.ceil(Math.min(peers, REPLICATION) / 2)
}

function retryGap(failures: number): number {
  return Math.min(RETRY_MS * 2 ** Math.min(failures, 16), MAX_RETRY_MS)
}
