import { MAX_BULK_WINDOW_BYTES, WINDOW_BYTES } from '../constants.ts'

/**
 * How much of a large answer may be on its way. Small answers come behind what is, so it is one part to begin with; where that is too little to
 * fill a long way it grows, as long as round trips take no longer for it.
 *
 * Source: the same idea as in RFC 6817 (LEDBAT), with round trips, as only one clock can be trusted.
 */
export interface BulkWindow {
  readonly bytes: number
  /** Measures a round trip, unless one is being measured. */
  measure(): void
  /** The pong of the ping that was sent. */
  heard(): void
}

/** a round trip is as short as without the answer beside it: there is room for more */
const SHORT = 1.25
/** the answer holds up what comes behind it: for a while there is no trying for more */
const LONG = 2
const REST = 32

export function createBulkWindow({ ping, now }: { ping: () => void; now: () => number }): BulkWindow {
  let bytes = WINDOW_BYTES
  let shortest = Number.POSITIVE_INFINITY
  let sentAt: number | undefined
  let rest = 0

  return {
    get bytes() {
      return bytes
    },
    measure() {
      if (sentAt !== undefined) return
      sentAt = now()
      ping()
    },
    heard() {
      if (sentAt === undefined) return
      const took = now() - sentAt
      sentAt = undefined
      const isFirst = shortest === Number.POSITIVE_INFINITY
      shortest = Math.min(shortest, took)
      if (isFirst) return
      if (took > LONG * shortest) {
        bytes = Math.max(bytes / 2, WINDOW_BYTES)
        rest = REST
      } else if (rest > 0) rest--
      else if (took <= SHORT * shortest) bytes = Math.min(2 * bytes, MAX_BULK_WINDOW_BYTES)
    },
  }
}
