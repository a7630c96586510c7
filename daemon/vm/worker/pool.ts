import { MAX_OPEN_PER_WORKER } from '../constants.ts'
import { startWorker, type VmWorker } from './vm-worker.ts'
import type { WorkerGoneReason } from './worker-gone.ts'

/** A service that is open, or being opened, in a worker. */
export interface Seat {
  /** the worker's number for the service: names stay outside */
  readonly id: number
  readonly worker: VmWorker
  /** jobs under way */
  busy: number
  /** false while it is being opened */
  open: boolean
}

/** Services by key, and the workers in which they live. Workers are started when they are first needed. */
export interface Pool {
  /** A place for one more service, in the worker that has the fewest; a new worker if each has some and there may be more. */
  seat(key: string): Seat
  find(key: string): Seat | undefined
  /** Moves the service behind all others in the order in which idle ones are closed. */
  touch(key: string): void
  /** Gives the place up, if it is still that one's. What the worker holds there is the caller's to close. */
  remove(seat: Seat): void
  stop(): Promise<void>
}

export interface PoolInit {
  maxWorkers: number
  cacheDir?: string
  audit: boolean
  /** how long a worker without services is kept, in milliseconds */
  idleMs: number
  /** Closes the service that was idle for longest, to make room for another. */
  evict(seat: Seat): void
}

export function createPool({ maxWorkers, idleMs, evict, ...settings }: PoolInit): Pool {
  const workers: VmWorker[] = []
  /** least recently used first */
  const seats = new Map<string, Seat>()
  let nextId = 1
  let stopped = false
  /** the compiled engine, kept until the last worker retires: the first one loads it for all */
  let engine: Promise<WebAssembly.Module> | undefined

  const seatsOf = (worker: VmWorker): [string, Seat][] => [...seats].filter(([, seat]) => seat.worker === worker)

  const start = (): VmWorker => {
    const onGone = (why: WorkerGoneReason | undefined) => {
      workers.splice(workers.indexOf(worker), 1)
      const lost = seatsOf(worker)
      for (const [key] of lost) seats.delete(key)
      if (why === 'stopped' && workers.length === 0) engine = undefined
      // those who lost their place will want another at once: let them find it warm
      if ((why === 'watchdog' || why === 'crash') && lost.some(([, { open }]) => open) && !stopped) retire(start())
    }
    const worker = startWorker({ ...settings, engine, onGone })
    if (!engine) {
      const loading = worker.engine
      engine = loading
      loading.catch(() => {
        if (engine === loading) engine = undefined
      })
    }
    workers.push(worker)
    return worker
  }

  /** Ends the worker if nobody has moved in by then. */
  const retire = (worker: VmWorker): void => {
    clearTimeout(retiring.get(worker))
    if (seatsOf(worker).length > 0) return
    const timer = setTimeout(() => {
      if (seatsOf(worker).length === 0) void worker.stop()
    }, idleMs)
    retiring.set(worker, timer.unref())
  }
  const retiring = new WeakMap<VmWorker, NodeJS.Timeout>()

  const place = (): VmWorker => {
    const [idlest] = workers.toSorted((a, b) => seatsOf(a).length - seatsOf(b).length)
    return !idlest || (seatsOf(idlest).length > 0 && workers.length < maxWorkers) ? start() : idlest
  }

  const makeRoom = (worker: VmWorker): void => {
    const taken = seatsOf(worker)
    const idle = taken.find(([, seat]) => seat.open && seat.busy === 0)
    if (taken.length < MAX_OPEN_PER_WORKER || !idle) return
    seats.delete(idle[0])
    evict(idle[1])
  }

  return {
    seat(key) {
      const worker = place()
      makeRoom(worker)
      clearTimeout(retiring.get(worker))
      const seat: Seat = { id: nextId++, worker, busy: 0, open: false }
      seats.set(key, seat)
      return seat
    },
    find: (key) => seats.get(key),
    touch(key) {
      const seat = seats.get(key)
      if (seat && seats.delete(key)) seats.set(key, seat)
    },
    remove(seat) {
      for (const [key, taken] of seats) if (taken === seat) seats.delete(key)
      retire(seat.worker)
    },
    async stop() {
      stopped = true
      await Promise.all([...workers].map((worker) => worker.stop()))
    },
  }
}
