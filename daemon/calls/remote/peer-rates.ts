/** How often each peer may do something. */
import { createRate, type Rate, type RateInit } from '../../../protocol/session/rate.ts'

/**
 * Counts one more of a peer, and answers whether that is more than it may.
 *
 * @param peers that are counted; those that were heard of longest ago are forgotten first
 */
export function createPeerRates(init: RateInit, peers: number): (peer: string) => boolean {
  const rates = new Map<string, Rate>()
  return (peer) => {
    const rate = rates.get(peer) ?? createRate(init, () => performance.now())
    rates.delete(peer)
    rates.set(peer, rate)
    if (rates.size > peers) rates.delete(rates.keys().next().value!)
    return rate.take(1) > 0
  }
}
