/** A service that a tree has to itself until the tree ends: what it did there so far, and how to get back to it. */
import type { CID } from 'multiformats/cid'
import { sameBytes } from '../../store/block.ts'
import type { Appended, Head, History } from '../../store/types.ts'
import type { CallRequest, Vm } from '../../vm/types.ts'
import { CallsError } from '../errors.ts'
import type { Instance, Instances } from '../run/instances.ts'
import { reopening } from '../run/reopening.ts'
import type { Asking } from '../types.ts'
import type { Lines, Place } from './lines.ts'

/** A call of the tree that succeeded on the service, and is not durable yet. */
export interface Kept {
  /** how many commits the tree had made before */
  at: number
  request: CallRequest
  root: Uint8Array
  head: Appended
  time: number
}

export interface Held {
  instance: Instance
  kept: Kept[]
  /** Uses what the VM holds, which is opened again where another service cost it its place. */
  inVm<T>(task: (key: string) => Promise<T>): Promise<T>
  /** Back to what it was when the tree had made so many commits. */
  backTo(commits: number): Promise<void>
  /** What the VM holds is ahead of what is kept. */
  reopen(): Promise<void>
  /** @param isDurable whether what was kept is on the disk */
  release(isDurable: boolean): Promise<void>
}

export interface HeldParts {
  vm: Vm
  history: Pick<History, 'image'>
  instances: Instances
  lines: Lines
}

/** Waits for the service. @throws CallsError CALL_BUSY, CALL_CYCLE, and as Instances.use */
export async function hold(
  { vm, history, instances, lines }: HeldParts,
  service: CID,
  wanted: Omit<Place, 'giveWay'>,
  asking: Asking,
): Promise<Held> {
  const key = service.toString()
  const ready = Promise.withResolvers<Instance>()
  const over = Promise.withResolvers<void>()
  const gaveWay = new AbortController()
  const place: Place = { ...wanted, giveWay: (reason) => gaveWay.abort(reason) }
  const leave = (): void => lines.leave(key, place)

  lines.enter(key, place)
  const task = async (instance: Instance): Promise<void> => {
    lines.take(key, place)
    ready.resolve(instance)
    await over.promise
  }
  const signal = AbortSignal.any([asking.signal, gaveWay.signal])
  const used = instances.use(service, task, { from: asking.from, signal })
  used.catch(ready.reject)
  const instance = await ready.promise.catch((error: unknown) => {
    leave()
    throw error
  })
  const before: { head: Head; time: number } = { head: instance.head, time: instance.time }
  let kept: Kept[] = []
  let isAhead = false

  const openAgain = async (): Promise<void> => {
    isAhead = true
    await vm.close(key)
    await vm.open(key, await history.image(service, before.head.commit))
    vm.stay(key, true)
    for (const { request, root } of kept) {
      const { change } = await vm.call(key, request)
      if (change === undefined || !sameBytes(change.root, root)) throw notTheSame(service)
    }
  }
  const reopen = (): Promise<void> => reopening(openAgain)

  return {
    instance,
    get kept() {
      return kept
    },
    inVm: (use) =>
      reopening(async () => {
        if (!vm.isOpen(key)) await reopen()
        // what it is about to do is on no disk before the tree ends
        vm.stay(key, true)
        return use(key)
      }),
    async backTo(commits) {
      const stays = kept.filter(({ at }) => at < commits)
      if (stays.length === kept.length) return
      kept = stays
      const { head, time } = kept.at(-1) ?? before
      instance.head = head
      instance.time = time
      await reopen()
    },
    reopen,
    async release(isDurable) {
      leave()
      vm.stay(key, false)
      try {
        if (!isDurable && (kept.length > 0 || isAhead)) await instances.discard(service)
      } finally {
        over.resolve()
        await used
      }
    },
  }
}

function notTheSame(service: CID): CallsError {
  const message = `The service ${service} did something else when the same call was made again.`
  return new CallsError('VM_CRASHED', message, 'nothing was changed; try again')
}
