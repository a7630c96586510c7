/**
 * How often something may happen: the generic cell rate algorithm (ITU-T I.371), which keeps one number per rate.
 *
 * It does not refuse: it says how long to wait before the next, so whoever asks too fast is slowed to what is allowed.
 */
export interface Rate {
  /** Counts so much more. Answers the milliseconds to wait before any more is taken, 0 if there is no need to. */
  take(amount: number): number
}

export interface RateInit {
  perSecond: number
  /** what may come at once after a pause */
  burst: number
}

/** @param now milliseconds of a clock that never goes back */
export function createRate({ perSecond, burst }: RateInit, now: () => number): Rate {
  const [cost, tolerance] = [1000 / perSecond, (1000 * burst) / perSecond]
  /** when all that was taken would have come at exactly the allowed rate */
  let arrival = 0
  return {
    take(amount) {
      const time = now()
      arrival = Math.max(arrival, time) + amount * cost
      return Math.max(0, arrival - time - tolerance)
    },
  }
}
