/**
 * What is to be ended of the job that runs, in memory that both threads see: the job as a whole, or single calls of its group. An entry holds
 * the number of the job that is meant, so that none has to be cleared, and what is said of a job is said of no other.
 */
import { GROUP_CALLS_MAX } from '../constants.ts'
import type { Ended } from '../machine/metered-run.ts'

const WHOLE = 0
/** An entry is never zero, which is what all are at first. */
const entryOf = (id: number): number => 1 + (id % 0x7fff_ffff)

export const createEndings = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer((1 + GROUP_CALLS_MAX) * Int32Array.BYTES_PER_ELEMENT))

/** The time of the job is over. */
export const endJob = (endings: Int32Array, id: number): void => {
  Atomics.store(endings, WHOLE, entryOf(id))
}

/** Nobody waits any more for this call of the job. */
export const endCall = (endings: Int32Array, id: number, call: number): void => {
  Atomics.store(endings, 1 + call, entryOf(id))
}

/** In the worker. */
export const endedOf = (endings: Int32Array, id: number, call: number): Ended | undefined => {
  if (Atomics.load(endings, 1 + call) === entryOf(id)) return 'CANCELLED'
  return Atomics.load(endings, WHOLE) === entryOf(id) ? 'WATCHDOG' : undefined
}
