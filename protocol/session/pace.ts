import type { Limits } from '../constants.ts'
import { createRate } from './rate.ts'

/** How fast frames are taken, of one peer or of all. */
export interface Pace {
  /** Counts a frame. Answers the milliseconds for which no more is to be read, 0 if it may go on at once. */
  take(bytes: number): number
}

type PaceLimits = Pick<Limits, 'framesPerSecond' | 'bytesPerSecond'>

/** @param whole that of all peers together: both count, and the slower one decides */
export function createPace({ framesPerSecond, bytesPerSecond }: PaceLimits, now: () => number, whole?: Pace): Pace {
  const frames = createRate({ perSecond: framesPerSecond, burst: framesPerSecond }, now)
  const bytes = createRate({ perSecond: bytesPerSecond, burst: bytesPerSecond }, now)
  return { take: (size) => Math.max(frames.take(1), bytes.take(size), whole?.take(size) ?? 0) }
}
