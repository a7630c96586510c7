/** The services of this node in the VM: each opened from its last commit when needed, used by one task at a time. */
import { CID } from 'multiformats/cid'
import type { Mismatch } from '../../api/vocabulary.ts'
import type { Contract } from '../../contract/types.ts'
import { sameBytes } from '../../store/block.ts'
import type { Head, History, State } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { MAX_GROUP, MAX_QUEUE, MAX_REOPENINGS } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Asking } from '../types.ts'
import type { Hosts } from './executed-before.ts'
import type { Group, Taken } from './fair-queue.ts'
import { createQuestions } from './questions.ts'
import { createSlots, type Slot as SlotOf, TASKS, type Task } from './slots.ts'
import type { Opening } from './stopwatch.ts'

/** A service that is open, as its last durable commit left it. */
export interface Instance {
  key: string
  head: Head
  contract: Contract
  /** user ID */
  owner: string
  /** time of the last commit: the next one is never before it */
  time: number
  /** what proves whose key counts, once it was needed */
  hosts?: Hosts
  /** calls of the last commit, while it is being made durable */
  writing?: { keys: ReadonlySet<string>; ended: Promise<unknown> } | undefined
  /** when it was opened last, by the monotonic clock */
  opening?: Opening
  /** What the VM holds is ahead of the disk for good: the service is to be opened again. */
  lost?: boolean
}

export interface Instances {
  /**
   * Runs the task alone on the open service. One that appends to its history discards it afterwards.
   *
   * @throws CallsError SERVICE_NOT_FOUND, SERVICE_BUSY, REPLAY_MISMATCH
   */
  use<T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking): Promise<T>
  /** The same for what changes nothing: several may run at a time. */
  ask<T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking): Promise<T>
  /** The same for calls, of which many are made together: `handle` gets those whose turn it is. All calls of a service have one handler. */
  join<I, R>(service: CID, item: I, handle: Handle<I, R>, asking: Asking): Promise<R>
  /** What the VM holds is no longer what the store holds: the next task opens the service again. */
  discard(service: CID): Promise<void>
}

/**
 * Does what it is given on the open service, with the first items, at least with one; the others have not begun. It may be called again
 * while the results are still to come. `alone`: so many of the next ones are to be taken one by one.
 */
export type Handle<I, R> = (instance: Instance, items: readonly I[]) => Promise<Taken<R> & { alone?: number }>

/** Answers whoever waits for it by itself; or gives what to do instead, because the service lost its place before it began. */
type Question = (instance: Instance) => Promise<Task | undefined>

type Slot = SlotOf<Instance>

export interface InstanceParts {
  vm: Vm
  history: History
  contracts: Contracts
  /** where a copy turned out to be wrong when it was executed again */
  mismatchOf?: (service: CID) => Mismatch | undefined
}

export function createInstances({ vm, history, contracts, mismatchOf }: InstanceParts): Instances {
  const slots = createSlots<Instance>(async (key) => {
    await vm.close(key)
    await history.rest(CID.parse(key))
  })

  const read = async (service: CID): Promise<Instance> => {
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    const [genesis, last, contract] = await Promise.all([
      history.commit(service),
      history.commit(head.commit),
      contracts.of(head),
    ])
    return { key: service.toString(), head, contract, owner: genesis.genesis?.owner ?? '', time: last.time }
  }

  const open = async (service: CID, slot: Slot): Promise<Instance> => {
    await follow(slot)
    const isOpen = slot.instance !== undefined && vm.isOpen(slot.instance.key)
    const from = isOpen ? 0 : performance.now()
    // the disk is about to say something else
    if (!isOpen) await slot.answered
    // what the state is and whose: read at the same time
    const image = isOpen ? undefined : history.image(service)
    image?.catch(() => undefined)
    slot.instance ??= await read(service)
    slot.room.total = roomOf(slot.instance.contract)
    refuseWrong(slot.instance)
    if (image !== undefined) {
      await vm.open(slot.instance.key, await sameState(slot, await image))
      slot.instance.opening = { from, until: performance.now() }
    }
    return slot.instance
  }

  /** A copy may have moved on between the two. */
  const sameState = async (slot: Slot, image: State): Promise<State> => {
    const { head } = slot.instance!
    if (sameBytes(image.root, head.root)) return image
    slot.instance = await read(head.service)
    return history.image(head.service, slot.instance.head.commit)
  }

  /** A service of our own moves on by what is done here; a copy when it is pulled again, or has been executed again. */
  const follow = async (slot: Slot): Promise<void> => {
    const { instance } = slot
    if (instance === undefined || instance.head.hosted) return
    const now = await history.head(instance.head.service)
    if (now?.commit.equals(instance.head.commit)) {
      instance.head = now
      return
    }
    await vm.close(instance.key)
    delete slot.instance
  }

  /** What is known to be computed wrongly is not used, not even by whoever it belongs to. */
  const refuseWrong = ({ head }: Instance): void => {
    const mismatch = head.trust === 'own' ? undefined : mismatchOf?.(head.service)
    if (mismatch !== undefined) throw isWrong(head.service, mismatch)
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
      if ((error as { code?: string }).code !== 'NOT_OPEN') throw error
      if (left === 0) throw tooBusy(error)
      return attempt(service, slot, task, left - 1)
    }
  }

  const callsOf = <I, R>(service: CID, slot: Slot, handle: Handle<I, R>): Group<I, R> => {
    const make = (): Group<I, R> => ({
      get most() {
        return slot.alone > 0 ? 1 : MAX_GROUP
      },
      async take(items) {
        if (slot.alone > 0) slot.alone--
        const taken = await attempt(service, slot, (instance) => handle(instance, items), MAX_REOPENINGS)
        if (taken.alone !== undefined) slot.alone = taken.alone
        slot.answered = Promise.allSettled([slot.answered, taken.results])
        return taken
      },
    })
    slot.calls ??= make() as Group<unknown, unknown>
    return slot.calls as Group<I, R>
  }

  const questionsOf = (service: CID, slot: Slot): Group<Question, undefined> => {
    const run = async (asked: readonly Question[]): Promise<void> => {
      await slot.answered
      const instance = await attempt(service, slot, async (open) => open, MAX_REOPENINGS)
      const left = await Promise.all(asked.map((question) => question(instance)))
      // one after the other: only one may open it
      for (const again of left) await again?.()
    }
    slot.questions ??= createQuestions(run) as Group<unknown, undefined>
    return slot.questions as Group<Question, undefined>
  }

  const inSlot = async <T>(service: CID, run: (slot: Slot) => Promise<T>): Promise<T> => {
    const key = service.toString()
    // a slot is made only for what is here: names of nothing must not push out what is in use
    const total = slots.find(key)?.room.total ?? roomOf((await read(service)).contract)
    return slots.use(key, total, run)
  }

  return {
    use: <T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking) =>
      inSlot(service, (slot) => {
        const { promise, resolve, reject } = Promise.withResolvers<T>()
        const item: Task = async () => {
          await slot.answered
          await attempt(service, slot, task, MAX_REOPENINGS).then(resolve, reject)
        }
        slot.queue.join(item, TASKS, asking).catch(reject)
        return promise
      }),
    ask: <T>(service: CID, task: (instance: Instance) => Promise<T>, asking: Asking) =>
      inSlot(service, (slot) => {
        const { promise, resolve, reject } = Promise.withResolvers<T>()
        const again: Task = () => attempt(service, slot, task, MAX_REOPENINGS).then(resolve, reject)
        const item: Question = async (instance) => {
          try {
            resolve(await task(instance))
          } catch (error) {
            if ((error as { code?: string }).code === 'NOT_OPEN') return again
            reject(error)
          }
          return undefined
        }
        slot.queue.join(item, questionsOf(service, slot), asking).catch(reject)
        return promise
      }),
    join: (service, item, handle, asking) =>
      inSlot(service, (slot) => slot.queue.join(item, callsOf(service, slot, handle), asking)),
    async discard(service) {
      const slot = slots.find(service.toString())
      if (slot?.instance !== undefined) slot.instance.lost = true
      if (slot !== undefined) delete slot.instance
      await vm.close(service.toString())
    },
  }
}

function tooBusy(cause: unknown): CallsError {
  const message = 'Other services keep this node so busy that the service could not be opened.'
  return new CallsError('SERVICE_BUSY', message, 'nothing was changed: try again', { cause })
}

const roomOf = ({ manifest }: Contract): number => Math.min(manifest.limits.queue, MAX_QUEUE)

/** SERVICE_NOT_FOUND, about a service that this node does not have. */
export function notHere(service: CID): CallsError {
  const hint = 'it may have moved: resolve its name again; amigo status lists what is on your own node'
  return new CallsError('SERVICE_NOT_FOUND', `No service ${service} is on that node.`, hint)
}

/** REPLAY_MISMATCH, about a copy that was executed again and came out otherwise. */
export function isWrong(service: CID, { commit, seq, what, call }: Mismatch): CallsError {
  const where = call === null ? `commit ${seq}` : `call ${call} of commit ${seq}`
  const message = `The copy of ${service} is not what its contract computes: the ${what} of ${where} (${commit}) differs.`
  return new CallsError('REPLAY_MISMATCH', message, 'do not rely on its host; amigo verify shows what differs')
}
