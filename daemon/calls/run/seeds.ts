/** Seeds for queries, which nobody replays. */
import { randomBytes } from 'node:crypto'
import { SEED_BYTES, SEEDS_AT_ONCE } from '../constants.ts'

/** A seed for each time it is asked. They are made many at a time: one alone takes as long as a query. */
export function createSeeds(): () => Uint8Array {
  let made = new Uint8Array(0)
  let next = 0
  return () => {
    if (next === made.length) {
      made = randomBytes(SEEDS_AT_ONCE * SEED_BYTES)
      next = 0
    }
    next += SEED_BYTES
    return made.subarray(next - SEED_BYTES, next)
  }
}
