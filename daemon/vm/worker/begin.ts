/**
 * Who has a job: the worker that begins it, or the thread that asked for it and takes it back. Both may try at once, and one succeeds.
 * The states of jobs lie in memory that both threads see, at the job's number modulo the length, with the number: what is said of a job is
 * said of no other.
 */
import { JOBS_PER_WORKER_MAX } from '../constants.ts'

const WAITING = 0
const BEGUN = 1
const WITHDRAWN = 2
/** Bits of a state. */
const STATE_BITS = 2

export const createJobStates = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(JOBS_PER_WORKER_MAX * Int32Array.BYTES_PER_ELEMENT))

export const offer = (states: Int32Array, id: number): void => {
  Atomics.store(states, id % states.length, stateOf(id, WAITING))
}

/** In the worker. @returns false if it was taken back */
export const begin = (states: Int32Array, id: number): boolean => take(states, id, BEGUN)

/** @returns false if it was begun */
export const withdraw = (states: Int32Array, id: number): boolean => take(states, id, WITHDRAWN)

const take = (states: Int32Array, id: number, state: number): boolean => {
  const waiting = stateOf(id, WAITING)
  return Atomics.compareExchange(states, id % states.length, waiting, stateOf(id, state)) === waiting
}

const stateOf = (id: number, state: number): number => (id << STATE_BITS) | state
