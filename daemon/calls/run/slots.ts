/** Who waits for which service, and which services are kept warm: those in use, and those that were used last. */
import { IDLE_CLOSE_MS, MAX_QUEUE_PER_SOURCE, MAX_WARM_SERVICES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import { createFairQueue, type FairQueue, type Group } from './fair-queue.ts'

/** The place of one service. */
export interface Slot<T> {
  /** calls and queries: one thing at a time, or one group */
  readonly queue: FairQueue
  /** what may wait */
  readonly room: { total: number }
  /** the service as it was opened last */
  instance?: T
  /** calls that are still to be taken one by one */
  alone: number
  /** resolves when all calls that were taken are answered: what they did is durable then, or undone */
  answered: Promise<unknown>
  /** how calls are taken together, and how questions */
  calls?: Group<unknown, unknown>
  questions?: Group<unknown, undefined>
  /** when it was used last, by the monotonic clock; looked at by a timer that closes it when that is long ago */
  usedAt: number
  idle?: NodeJS.Timeout | undefined
}

export interface Slots<T> {
  find(key: string): Slot<T> | undefined
  /** Runs with the slot of a service, which is made if need be; nobody closes it meanwhile. */
  use<R>(key: string, total: number, run: (slot: Slot<T>) => Promise<R>): Promise<R>
}

/**
 * @param close what to do with a service that is kept warm no longer
 * @param idleMs how long it is kept without being used, in milliseconds
 */
export function createSlots<T>(close: (key: string) => Promise<void>, idleMs: number = IDLE_CLOSE_MS): Slots<T> {
  const slots = new Map<string, Slot<T>>() // in order of last use

  /** Closes those that were used longest ago and are idle. */
  const trim = async (): Promise<void> => {
    for (const [key, slot] of slots) {
      if (slots.size <= MAX_WARM_SERVICES) return
      if (slot.queue.size > 0) continue
      slots.delete(key)
      await close(key)
    }
  }

  /** One timer goes on while the slot is used: a new one for each use would cost more than the rest of it. */
  const closeWhenIdle = (key: string, slot: Slot<T>, ms: number = idleMs): void => {
    slot.idle ??= setTimeout(() => {
      slot.idle = undefined
      if (slots.get(key) !== slot) return
      const left = slot.usedAt + idleMs - performance.now()
      // what is still in use begins anew when that ends
      if (left >= 1) closeWhenIdle(key, slot, left)
      else if (slot.queue.size === 0) {
        slots.delete(key)
        close(key).catch(() => undefined)
      }
    }, ms).unref()
  }

  return {
    find: (key) => slots.get(key),
    async use(key, total, run) {
      const slot = slots.get(key) ?? newSlot<T>(total)
      slots.delete(key)
      slots.set(key, slot)
      try {
        return await run(slot)
      } finally {
        slot.usedAt = performance.now()
        if (slot.queue.size === 0) closeWhenIdle(key, slot)
        if (slots.size > MAX_WARM_SERVICES) await trim()
      }
    },
  }
}

function newSlot<T>(total: number): Slot<T> {
  const room = { total }
  const queue = createFairQueue({
    concurrency: 1,
    perSource: MAX_QUEUE_PER_SOURCE,
    get total() {
      return room.total
    },
    refuse: busy,
  })
  return { queue, room, alone: 0, answered: Promise.resolve(), usedAt: 0 }
}

/** Answers whoever waits for it by itself, and never fails. */
export type Task = () => Promise<void>

/** Work that has the service to itself. */
export const TASKS: Group<Task, undefined> = {
  most: 1,
  async take([task]) {
    await task!()
    return { count: 1, results: Promise.resolve([{ status: 'fulfilled', value: undefined }]) }
  },
}

/** @param whose room there is none of */
export function busy(whose: 'source' | 'all'): CallsError {
  const who = whose === 'source' ? 'you' : 'others'
  return new CallsError(
    'SERVICE_BUSY',
    `Too many calls by ${who} wait for this service already.`,
    'try again in a moment',
  )
}
