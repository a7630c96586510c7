/** Keeps a node connected to its seeds: libp2p dials a bootstrap peer once, and never again. */
import type { Multiaddr } from '@multiformats/multiaddr'
import { peerIdOf } from './address.ts'
import { REDIAL_FIRST_MS, REDIAL_MAX_MS } from './constants.ts'

export interface RedialParts {
  dial(address: Multiaddr, options: { signal: AbortSignal }): Promise<unknown>
  isConnected(peerId: string): boolean
  /** from 0 to 1. @default Math.random */
  random?(): number
  /** told about each failed attempt */
  onFailure?(address: Multiaddr, error: unknown): void
}

export interface Redial {
  start(): void
  stop(): void
}

/**
 * Dials each seed until it is connected, and again whenever it is not: at once, then with a pause that doubles up to half a
 * minute, less up to a quarter by chance, so that a seed which comes back is found soon and one that stays away costs little.
 */
export function createRedial(parts: RedialParts, seeds: readonly Multiaddr[]): Redial {
  const stopping = new AbortController()
  const timers = new Set<NodeJS.Timeout>()

  const attempt = async (seed: Multiaddr, pause: number): Promise<void> => {
    let next = pause
    const peer = peerIdOf(seed)
    if (peer !== undefined && parts.isConnected(peer)) {
      next = REDIAL_FIRST_MS
    } else {
      try {
        await parts.dial(seed, { signal: stopping.signal })
        next = REDIAL_FIRST_MS
      } catch (error) {
        if (stopping.signal.aborted) return
        parts.onFailure?.(seed, error)
        next = Math.min(pause * 2, REDIAL_MAX_MS)
      }
    }
    schedule(seed, next)
  }

  const schedule = (seed: Multiaddr, pause: number): void => {
    if (stopping.signal.aborted) return
    // those that lost a seed together do not all come back at once
    const shorter = pause > REDIAL_FIRST_MS ? (parts.random ?? Math.random)() / 4 : 0
    const timer = setTimeout(
      () => {
        timers.delete(timer)
        void attempt(seed, pause)
      },
      pause * (1 - shorter),
    )
    timers.add(timer)
  }

  return {
    start() {
      for (const seed of seeds) void attempt(seed, REDIAL_FIRST_MS)
    },
    stop() {
      stopping.abort()
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
    },
  }
}
