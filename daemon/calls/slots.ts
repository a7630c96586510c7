/** Who waits for which service, and which services are kept warm: those in use, and those that were used last. */
import { IDLE_CLOSE_MS, MAX_QUEUE_PER_SOURCE, MAX_WARM_SERVICES } from './constants.ts'
import { CallsError } from './errors.ts'
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
  /** closes it when it has been idle for long */
  idle?: NodeJS.Timeout
}

export interface Slots<T> {
  find(key: string): Slot<T> | undefined
  /** Runs with the slot of a service, which is made if need be; nobody closes it meanwhile. */
  use<R>(key: string, total: number, run: (slot: Slot<T>) => Promise<R>): Promise<R>
}

/** @param close what to do with a service that is kept warm no longer */
export function createSlots<T>(close: (key: string) => Promise<void>): Slots<T> {
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

  const closeWhenIdle = (key: string, slot: Slot<T>): void => {
    clearTimeout(slot.idle)
    slot.idle = setTimeout(() => {
      if (slot.queue.size > 0 || slots.get(key) !== slot) return
      slots.delete(key)
      close(key).catch(() => undefined)
    }, IDLE_CLOSE_MS)
    slot.idle.unref()
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
  return { queue, room, alone: 0, answered: Promise.resolve() }
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
