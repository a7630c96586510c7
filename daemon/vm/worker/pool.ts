import { HEAVY_MS, MAX_OPEN_PER_WORKER, MOVED_MS, SPARE_WORKERS } from '../constants.ts'
import type { JobKind } from './messages.ts'
import { createRecent } from './recent.ts'
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
  /** what it holds is nowhere else: it keeps its place until it is closed */
  stays: boolean
}

/** Services by key, and the workers in which they live. Workers are started when they are first needed. */
export interface Pool {
  /** A place for one more service, in the worker that suits it and has the fewest; a new worker if each has some and there may be more. */
  seat(key: string): Seat
  find(key: string): Seat | undefined
  /** Moves the service behind all others in the order in which idle ones are closed. */
  touch(key: string): void
  /** Gives the place up, if it is still that one's. What the worker holds there is the caller's to close. */
  remove(seat: Seat): void
  /** the compiled engine, while there are workers */
  readonly engine: Promise<WebAssembly.Module> | undefined
  /** A job is over: if the service has to live elsewhere, its place is given up and closed. */
  done(seat: Seat): void
  stop(): Promise<void>
}

export interface PoolInit {
  maxWorkers: number
  cacheDir?: string
  audit: boolean
  /** how long a worker without services is kept, in milliseconds */
  idleMs: number
  /** Closes a service in its worker: it was idle for longest, or is to live in another. */
  evict(seat: Seat): void
  /** Told of each place that is given up. */
  onLeft(seat: Seat): void
}

export function createPool({ maxWorkers, idleMs, evict, onLeft, ...settings }: PoolInit): Pool {
  const workers: VmWorker[] = []
  /** least recently used first */
  const seats = new Map<string, Seat>()
  /** services whose jobs were slow */
  const heavy = createRecent(HEAVY_MS)
  const moved = createRecent(MOVED_MS)
  /** workers for those that are kept apart: the rest is for the others */
  const maxHeavy = Math.max(1, maxWorkers - 1)
  let nextId = 1
  let stopped = false
  /** the compiled engine, kept until the last worker retires: the first one loads it for all */
  let engine: Promise<WebAssembly.Module> | undefined

  const vacate = (key: string): void => {
    const seat = seats.get(key)
    if (seats.delete(key)) onLeft(seat!)
  }

  const seatsOf = (worker: VmWorker): [string, Seat][] => [...seats].filter(([, seat]) => seat.worker === worker)
  const isHeavy = (worker: VmWorker): boolean => seatsOf(worker).some(([key]) => heavy.has(key))

  const start = (): VmWorker => {
    const onGone = (why: WorkerGoneReason | undefined) => {
      workers.splice(workers.indexOf(worker), 1)
      const lost = seatsOf(worker)
      for (const [key] of lost) vacate(key)
      if (why === 'stopped' && workers.length === 0) engine = undefined
      // those who lost their place will want another at once: let them find it warm
      if ((why === 'watchdog' || why === 'crash') && lost.some(([, { open }]) => open) && !stopped) retire(start())
    }
    const onHeavy = (service: number, kind: JobKind) => markHeavy(worker, service, kind)
    const onSlow = (service: number, kind: JobKind) => makeWay(worker, service, kind)
    const worker = startWorker({ ...settings, engine, onGone, onHeavy, onSlow })
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

  /** Those where a service of its kind may live: with its like, or alone. */
  const suitable = (kind: boolean): VmWorker[] =>
    workers.filter((worker) => !worker.isSlow && (seatsOf(worker).length === 0 || isHeavy(worker) === kind))

  const mayStart = (kind: boolean): boolean =>
    workers.length < maxWorkers + SPARE_WORKERS &&
    workers.filter((worker) => isHeavy(worker) === kind).length < (kind ? maxHeavy : maxWorkers)

  const place = (key: string): VmWorker => {
    const kind = heavy.has(key)
    const byRoom = (a: VmWorker, b: VmWorker) =>
      Number(b.isIdle) - Number(a.isIdle) || seatsOf(a).length - seatsOf(b).length
    const [idlest] = suitable(kind).toSorted(byRoom)
    if (idlest && (seatsOf(idlest).length === 0 || !mayStart(kind))) return idlest
    if (mayStart(kind)) return start()
    // with its like although one of them is long at work, before with others
    const likes = workers.filter((worker) => isHeavy(worker) === kind)
    return idlest ?? (likes.length > 0 ? likes : workers).toSorted(byRoom)[0] ?? start()
  }

  const markHeavy = (worker: VmWorker, service: number, kind: JobKind): void => {
    // a service is opened once, and the first one of a worker waits for its code
    if (kind === 'open' || kind === 'genesis') return
    const found = seatsOf(worker).find(([, { id }]) => id === service)
    if (found) heavy.add(found[0])
  }

  /** What waits behind a slow job goes to another worker, if there is a better one. */
  const makeWay = (worker: VmWorker, service: number, kind: JobKind): void => {
    markHeavy(worker, service, kind)
    if (!suitable(false).some((other) => other !== worker) && !mayStart(false)) return
    const beside = new Map(seatsOf(worker).map(([key, seat]) => [seat.id, { key, seat }]))
    // those that are slow themselves wait for their like
    const mayMove = (id: number): boolean => {
      const key = beside.get(id)?.key ?? ''
      return !moved.has(key) && !heavy.has(key) && !beside.get(id)?.seat.stays
    }
    for (const id of worker.withdraw(mayMove)) {
      const found = beside.get(id)
      if (!found) continue
      moved.add(found.key)
      vacate(found.key)
      evict(found.seat)
    }
  }

  const makeRoom = (worker: VmWorker): void => {
    const taken = seatsOf(worker)
    const idle = taken.find(([, seat]) => seat.open && seat.busy === 0 && !seat.stays)
    if (taken.length < MAX_OPEN_PER_WORKER || !idle) return
    vacate(idle[0])
    evict(idle[1])
  }

  return {
    seat(key) {
      const worker = place(key)
      makeRoom(worker)
      clearTimeout(retiring.get(worker))
      const seat: Seat = { id: nextId++, worker, busy: 0, open: false, stays: false }
      seats.set(key, seat)
      return seat
    },
    find: (key) => seats.get(key),
    get engine() {
      return engine
    },
    touch(key) {
      const seat = seats.get(key)
      if (seat && seats.delete(key)) seats.set(key, seat)
    },
    remove(seat) {
      for (const [key, taken] of seats) if (taken === seat) vacate(key)
      retire(seat.worker)
    },
    done(seat) {
      if (seat.busy > 0 || !seat.open || seat.stays || heavy.size === 0) return
      const beside = seatsOf(seat.worker)
      const found = beside.find(([, taken]) => taken === seat)
      if (!found || !heavy.has(found[0])) return
      const holdsUp = beside.some(([key, { busy }]) => busy > 0 && !heavy.has(key))
      if (!holdsUp && workers.filter(isHeavy).length <= maxHeavy) return
      vacate(found[0])
      evict(seat)
      retire(seat.worker)
    },
    async stop() {
      stopped = true
      await Promise.all([...workers].map((worker) => worker.stop()))
    },
  }
}
