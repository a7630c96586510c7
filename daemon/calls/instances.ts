/** The services of this node in the VM: each opened from its last commit when needed, used by one task at a time. */
import type { CID } from 'multiformats/cid'
import type { Mismatch } from '../api/vocabulary.ts'
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
  QUERY_TURN_MS,
} from './constants.ts'
import type { Contracts } from './contracts.ts'
import { CallsError } from './errors.ts'
import { createFairQueue, type FairQueue, type Group } from './fair-queue.ts'
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
  /**
   * Runs the task alone on the open service, which it leaves as it is.
   *
   * @throws CallsError SERVICE_NOT_FOUND, SERVICE_BUSY, REPLAY_MISMATCH
   */
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
  /** what may wait */
  room: { total: number }
  /** items that are still to be taken one by one */
  alone: number
  calls?: Group<unknown, unknown>
  /** closes it when it has been idle for long */
  idle?: NodeJS.Timeout
  instance?: Instance
}

export interface InstanceParts {
  vm: Vm
  history: History
  contracts: Contracts
  /** where a copy turned out to be wrong when it was executed again */
  mismatchOf?: (service: CID) => Mismatch | undefined
}

export function createInstances({ vm, history, contracts, mismatchOf }: InstanceParts): Instances {
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
    slot.room.total = roomOf(slot.instance.contract)
    refuseWrong(slot.instance)
    if (!vm.isOpen(slot.instance.key)) await vm.open(slot.instance.key, await history.image(service))
    return slot.instance
  }

  /** What is known to be computed wrongly is not used, not even by whoever it belongs to. */
  const refuseWrong = ({ head }: Instance): void => {
    const mismatch = head.trust === 'own' ? undefined : mismatchOf?.(head.service)
    if (mismatch !== undefined) throw isWrong(head.service, mismatch)
  }

  /** A service of our own moves on by what is done here; a copy moves on when it is pulled again. */
  const hasMovedOn = async ({ head }: Instance): Promise<boolean> => {
    if (head.hosted) return false
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

  const slotOf = (key: string, total: number): Slot => {
    const slot = slots.get(key) ?? newSlot(total)
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

  const callsOf = <I, R>(service: CID, slot: Slot, handle: Handle<I, R>): Group<I, R> => {
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
    slot.calls ??= group as Group<unknown, unknown>
    return slot.calls as Group<I, R>
  }

  const inSlot = async <T>(service: CID, run: (slot: Slot) => Promise<T>): Promise<T> => {
    const key = service.toString()
    // a slot is made only for what is here: names of nothing must not push out what is in use
    const total = slots.get(key)?.room.total ?? roomOf((await read(service)).contract)
    const slot = slotOf(key, total) // and taken in the same turn, so that nobody closes it in between
    try {
      return await run(slot)
    } finally {
      if (slot.queue.size === 0) closeWhenIdle(key, slot)
      if (slots.size > MAX_WARM_SERVICES) await trim()
    }
  }

  return {
    use: <T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking) =>
      inSlot(service, (slot) => {
        const { promise, resolve, reject } = Promise.withResolvers<T>()
        const item: Task = () => attempt(service, slot, task, MAX_REOPENINGS).then(resolve, reject)
        slot.queue.join(item, TASKS, asking).catch(reject)
        return promise
      }),
    join: (service, item, handle, asking) =>
      inSlot(service, (slot) => slot.queue.join(item, callsOf(service, slot, handle), asking)),
    async discard(service) {
      const slot = slots.get(service.toString())
      if (slot !== undefined) delete slot.instance
      await vm.close(service.toString())
    },
  }
}

/** Answers whoever waits for it by itself, and never fails. */
type Task = () => Promise<void>

/** Queries, one after the other: calls have to wait for a while of them at most. */
const TASKS: Group<Task, undefined> = {
  most: MAX_QUEUE,
  async take(tasks) {
    const results: PromiseFulfilledResult<undefined>[] = []
    const start = performance.now()
    for (const task of tasks) {
      if (results.length > 0 && performance.now() - start >= QUERY_TURN_MS) break
      await task()
      results.push({ status: 'fulfilled', value: undefined })
    }
    return results
  },
}

/** Calls and queries of one service: one at a time, or one group. */
function newSlot(total: number): Slot {
  const room = { total }
  const queue = createFairQueue({
    ...{ concurrency: 1, perSource: MAX_QUEUE_PER_SOURCE, refuse: busy },
    get total() {
      return room.total
    },
  })
  return { queue, room, alone: 0 }
}

const roomOf = ({ manifest }: Contract): number => Math.min(manifest.limits.queue, MAX_QUEUE)

/** @param whose room there is none of */
export function busy(whose: 'source' | 'all'): CallsError {
  const message = `Too many calls by ${whose === 'source' ? 'you' : 'others'} wait for this service already.`
  return new CallsError('SERVICE_BUSY', message, 'try again in a moment')
}

export function notHere(service: CID): CallsError {
  const hint = 'it may have moved: resolve its name again; amigo status lists what is on your own node'
  return new CallsError('SERVICE_NOT_FOUND', `No service ${service} is on that node.`, hint)
}

export function isWrong(service: CID, { commit, seq, what, call }: Mismatch): CallsError {
  const where = call === null ? `commit ${seq}` : `call ${call} of commit ${seq}`
  const message = `The copy of ${service} is not what its contract computes: the ${what} of ${where} (${commit}) differs.`
  return new CallsError('REPLAY_MISMATCH', message, 'do not rely on its host; amigo verify shows what differs')
}
