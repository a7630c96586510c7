/** A bounded number of places, and of places for one peer. */
export interface Seats {
  /** false: there is none, and nothing was taken */
  take(peer: string): boolean
  give(peer: string): void
}

export function createSeats({ perPeer, total }: { perPeer: number; total: number }): Seats {
  const taken = new Map<string, number>()
  let all = 0
  return {
    take(peer) {
      const own = taken.get(peer) ?? 0
      if (own >= perPeer || all >= total) return false
      taken.set(peer, own + 1)
      all++
      return true
    },
    give(peer) {
      const own = taken.get(peer)! - 1
      if (own === 0) taken.delete(peer)
      else taken.set(peer, own)
      all--
    },
  }
}
