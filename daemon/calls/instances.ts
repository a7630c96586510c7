/** The services of this node in the VM: each opened from its last commit when needed, used by one task at a time. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../contract/types.ts'
import type { Head, History } from '../store/types.ts'
import type { Vm } from '../vm/types.ts'
import {
  IDLE_CLOSE_MS,
  MAX_GROUP,
  MAX_QUEUE,
  MAX_QUEUE_PER_SOURCE,
  MAX_REOPENINGS,
  MAX_WARM_SERVICES,
} from './constants.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import { createFairQueue, type FairQueue, type FairQueueInit, type Group } from './fair-queue.ts'
import type { Asking } from './types.ts'

/** A service that is open, as its last durable commit left it. */
export interface Instance {
  key: string
  head: Head
  contract: Contract
  /** user ID */
  owner: string
  /** time of the last commit: the next one is never before it */
  time: number
}

export interface Instances {
  /** Runs the task alone on the open service. @throws CallsError SERVICE_NOT_FOUND, SERVICE_BUSY */
  use<T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking): Promise<T>
  /** The same for calls, of which many are made together: `handle` gets those whose turn it is. All calls of a service have one handler. */
  join<I, R>(service: CID, item: I, handle: Handle<I, R>, asking: Asking): Promise<R>
  /** What the VM holds is no longer what the store holds: the next task opens the service again. */
  discard(service: CID): Promise<void>
}

/**
 * Does what it is given on the open service: results for the first items, at least for one; the others have not begun. `alone`: so many of
 * the next ones are to be taken one by one.
 */
export type Handle<I, R> = (
  instance: Instance,
  items: readonly I[],
) => Promise<{ results: PromiseSettledResult<R>[]; alone?: number }>

interface Slot {
  queue: FairQueue
  /** items that are still to be taken one by one */
  alone: number
  group?: Group<unknown, unknown>
  /** closes it when it has been idle for long */
  idle?: NodeJS.Timeout
  instance?: Instance
}

export function createInstances(parts: { vm: Vm; history: History; contracts: Contracts }): Instances {
  const { vm, history, contracts } = parts
  const slots = new Map<string, Slot>() // in order of last use

  const read = async (service: CID): Promise<Instance> => {
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    const [genesis, last, contract] = await Promise.all([
      history.commit(service),
      history.commit(head.commit),
      contracts.load(head.contract),
    ])
    return { key: service.toString(), head, contract, owner: genesis.genesis?.owner ?? '', time: last.time }
  }

  const open = async (service: CID, slot: Slot): Promise<Instance> => {
    if (slot.instance !== undefined && (await hasMovedOn(slot.instance))) {
      await vm.close(slot.instance.key)
      delete slot.instance
    }
    slot.instance ??= await read(service)
    if (!vm.isOpen(slot.instance.key)) await vm.open(slot.instance.key, await history.image(service))
    return slot.instance
  }

  /** A service of our own moves on by what is done here; a copy moves on when it is pulled again. */
  const hasMovedOn = async ({ head }: Instance): Promise<boolean> => {
    if (head.trust === 'own') return false
    const now = await history.head(head.service)
    return now === undefined || !now.commit.equals(head.commit)
  }

  /** Another service may take the worker down between opening and calling; the VM promises that the call did not start then. */
  const attempt = async <T>(
    service: CID,
    slot: Slot,
    task: (instance: Instance) => Promise<T>,
    left: number,
  ): Promise<T> => {
    try {
      return await task(await open(service, slot))
    } catch (error) {
      if ((error as { code?: string }).code !== 'NOT_OPEN' || left === 0) throw error
      return attempt(service, slot, task, left - 1)
    }
  }

  const slotOf = (key: string): Slot => {
    const slot = slots.get(key) ?? { queue: createFairQueue(QUEUE), alone: 0 }
    slots.delete(key)
    slots.set(key, slot)
    return slot
  }

  /** Closes those that were used longest ago and are idle. */
  const trim = async (): Promise<void> => {
    for (const [key, slot] of slots) {
      if (slots.size <= MAX_WARM_SERVICES) return
      if (slot.queue.size > 0) continue
      slots.delete(key)
      await vm.close(key)
    }
  }

  const closeWhenIdle = (key: string, slot: Slot): void => {
    clearTimeout(slot.idle)
    slot.idle = setTimeout(() => {
      if (slot.queue.size > 0 || slots.get(key) !== slot) return
      slots.delete(key)
      vm.close(key).catch(() => undefined)
    }, IDLE_CLOSE_MS)
    slot.idle.unref()
  }

  const groupOf = <I, R>(service: CID, slot: Slot, handle: Handle<I, R>): Group<I, R> => {
    const group: Group<I, R> = {
      get most() {
        return slot.alone > 0 ? 1 : MAX_GROUP
      },
      async take(items) {
        if (slot.alone > 0) slot.alone--
        const { results, alone } = await attempt(service, slot, (instance) => handle(instance, items), MAX_REOPENINGS)
        if (alone !== undefined) slot.alone = alone
        return results
      },
    }
    slot.group ??= group as Group<unknown, unknown>
    return slot.group as Group<I, R>
  }

  const inSlot = async <T>(service: CID, run: (slot: Slot) => Promise<T>): Promise<T> => {
    const key = service.toString()
    // a slot is made only for what is here: names of nothing must not push out what is in use
    if (!slots.has(key) && (await history.head(service)) === undefined) throw notHere(service)
    const slot = slotOf(key) // and taken in the same turn, so that nobody closes it in between
    try {
      return await run(slot)
    } finally {
      closeWhenIdle(key, slot)
      await trim()
    }
  }

  return {
    use: (service, task, asking) =>
      inSlot(service, (slot) => slot.queue.run(() => attempt(service, slot, task, MAX_REOPENINGS), asking)),
    join: (service, item, handle, asking) =>
      inSlot(service, (slot) => slot.queue.join(item, groupOf(service, slot, handle), asking)),
    async discard(service) {
      const slot = slots.get(service.toString())
      if (slot !== undefined) delete slot.instance
      await vm.close(service.toString())
    },
  }
}

/** Calls and queries of one service, one at a time. */
const QUEUE: FairQueueInit = { concurrency: 1, perSource: MAX_QUEUE_PER_SOURCE, total: MAX_QUEUE, refuse: busy }

/** @param whose room there is none of */
export function busy(whose: 'source' | 'all'): CallsError {
  const who = whose === 'source' ? 'you' : 'others'
  return new CallsError(
    'SERVICE_BUSY',
    `Too many calls by ${who} wait for this service already.`,
    'try again in a moment',
  )
}

export function notHere(service: CID): CallsError {
  const hint = 'it may have moved: resolve its name again; amigo status lists what is on your own node'
  return new CallsError('SERVICE_NOT_FOUND', `No service ${service} is on that node.`, hint)
}
