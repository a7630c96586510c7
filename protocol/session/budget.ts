/** A bounded amount of work in hand: so many requests, so many bytes of their frames. */
export interface Budget {
  /** false: there is no room, and nothing was taken */
  take(bytes: number): boolean
  give(bytes: number): void
  readonly requests: number
  /** Counts bytes of results that wait to leave; less than nothing when they have left. */
  hold(bytes: number): void
  readonly held: number
}

/** @param whole is the larger budget that this one is a part of: both must have room */
export function createBudget(most: { requests: number; bytes: number }, whole?: Budget): Budget {
  let requests = 0
  let bytes = 0
  let held = 0
  return {
    get requests() {
      return requests
    },
    get held() {
      return held
    },
    hold(size) {
      whole?.hold(size)
      held += size
    },
    take(size) {
      // One frame always fits, however small the budget: it was bounded when it was read.
      if (requests >= most.requests || (requests > 0 && bytes + size > most.bytes)) return false
      if (whole !== undefined && !whole.take(size)) return false
      requests++
      bytes += size
      return true
    },
    give(size) {
      whole?.give(size)
      requests--
      bytes -= size
    },
  }
}
