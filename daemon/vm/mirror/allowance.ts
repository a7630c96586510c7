import { MIRROR_GAS_PER_MS, MIRROR_GAS_SAVED } from '../constants.ts'

/** What the main thread may do for contracts, in gas: so much in each millisecond, of which some can be saved up. */
export interface Allowance {
  /** Whether nothing of what can be saved up is missing. */
  isFull(): boolean
  /** Whether so much is there. */
  has(gas: number): boolean
  /** Takes what was used, though it may be more than there was: then nothing is there until that is made up for. */
  take(gas: number): void
}

/** @param now a clock that never goes back, in milliseconds */
export function createAllowance(now: () => number): Allowance {
  let left = MIRROR_GAS_SAVED
  let at = now()
  const settle = (): number => {
    const time = now()
    left = Math.min(MIRROR_GAS_SAVED, left + (time - at) * MIRROR_GAS_PER_MS)
    at = time
    return left
  }
  return {
    isFull: () => settle() >= MIRROR_GAS_SAVED,
    has: (gas) => settle() >= gas,
    take(gas) {
      left -= gas
    },
  }
}
