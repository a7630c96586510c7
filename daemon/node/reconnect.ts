/** Brings connections back that were lost while somebody needed them. Seeds are kept by redial.ts, for good. */
import {
  MAX_KEPT_PEERS,
  MAX_PARALLEL_RECONNECTS,
  RECONNECT_FIRST_MS,
  RECONNECT_MAX_MS,
  RECONNECT_TRIES,
} from './constants.ts'

export interface ReconnectParts {
  dial(peer: string, options: { signal: AbortSignal }): Promise<unknown>
  isConnected(peer: string): boolean
  /** milliseconds since 1970 */
  now: () => number
  /** from 0 to 1 */
  random: () => number
}

export interface Reconnect {
  /** The peer is needed for so long: if the connection with it is lost until then, it is dialled again. */
  keep(peer: string, milliseconds: number): void
  /** The last connection with the peer is gone. */
  lost(peer: string): void
  stop(): void
}

/**
 * At first after a quarter of a second, then after pauses that double up to half a minute, each shortened by up to half of it by chance; at most
 * so many times, for as long as the peer is needed. A bounded number of peers is kept, those that were needed last; a few are dialled at a time.
 */
export function createReconnect({ dial, isConnected, now, random }: ReconnectParts): Reconnect {
  const stopping = new AbortController()
  /** until when each is needed; the one that was needed longest ago comes first */
  const kept = new Map<string, number>()
  const waiting = new Map<string, NodeJS.Timeout | undefined>()
  let dialling = 0

  const isNeeded = (peer: string): boolean => (kept.get(peer) ?? 0) > now() && !stopping.signal.aborted

  const schedule = (peer: string, tries: number): void => {
    if (tries >= RECONNECT_TRIES || !isNeeded(peer) || isConnected(peer)) {
      waiting.delete(peer)
      return
    }
    const longest = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** tries)
    const timer = setTimeout(() => void attempt(peer, tries), longest * (1 - random() / 2))
    waiting.set(peer, timer)
  }

  const attempt = async (peer: string, tries: number): Promise<void> => {
    // others have their turn: this one was not tried
    if (dialling >= MAX_PARALLEL_RECONNECTS) return schedule(peer, tries)
    if (isNeeded(peer) && !isConnected(peer)) {
      dialling++
      await dial(peer, { signal: stopping.signal }).catch(() => undefined)
      dialling--
    }
    schedule(peer, tries + 1)
  }

  return {
    keep(peer, milliseconds) {
      const until = Math.max(kept.get(peer) ?? 0, now() + milliseconds)
      kept.delete(peer)
      kept.set(peer, until)
      if (kept.size > MAX_KEPT_PEERS) kept.delete(kept.keys().next().value!)
    },
    lost(peer) {
      if (isNeeded(peer) && !waiting.has(peer)) schedule(peer, 0)
    },
    stop() {
      stopping.abort()
      for (const timer of waiting.values()) clearTimeout(timer)
      waiting.clear()
    },
  }
}
