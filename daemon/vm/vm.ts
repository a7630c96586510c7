import { availableParallelism } from 'node:os'
import { checked, checkedGenesis, checkHeap, checkLength, checkRequest, own } from './checked-request.ts'
import {
  GROUP_CALLS_MAX,
  MAX_SEAT_ATTEMPTS,
  MAX_WORKERS,
  MODULE_BYTES_MAX,
  OPEN_MS,
  WORKER_IDLE_MS,
} from './constants.ts'
import { ENGINE_CID } from './engine/engine-cid.ts'
import { VmError } from './errors.ts'
import { checkImage } from './image.ts'
import { failure } from './machine/answers.ts'
import { createAllowance } from './mirror/allowance.ts'
import { createMirrors } from './mirror/mirrors.ts'
import type { CallFailureCode, CallRequest, Outcome, Vm, Waited } from './types.ts'
import type { Signals } from './worker/heeding.ts'
import type { JobKind, Jobs } from './worker/messages.ts'
import { packRequests, unpackOutcomes } from './worker/pack.ts'
import { createPool, type Seat } from './worker/pool.ts'
import { WorkerGone } from './worker/worker-gone.ts'

export interface VmComponents {
  /** Told of what should never happen, a crash inside a worker; the text is for whoever mends it, not for users. */
  report?(detail: string): void
}

export interface VmInit {
  /** folder in which the engine is kept once it is built. @default none: it is built on the first use, in about 0.2 s */
  cacheDir?: string
  /** @default as many as there are cores, at most 4 */
  workers?: number
  /** how long a worker without services is kept, in milliseconds; @default a minute */
  idleMs?: number
  /** for tests: compares the whole memory around each call, which takes 10 ms. @default false */
  audit?: boolean
}

/** Nothing is started or loaded before the first service is. */
export function createVm({ report }: VmComponents = {}, init: VmInit = {}): Vm {
  let stopped = false
  const pool = createPool({
    maxWorkers: init.workers ?? Math.min(availableParallelism(), MAX_WORKERS),
    cacheDir: init.cacheDir,
    audit: init.audit ?? false,
    idleMs: init.idleMs ?? WORKER_IDLE_MS,
    evict: (seat) => void run(seat, 'close', { service: seat.id }, OPEN_MS).catch(() => {}),
    onLeft: (seat) => mirrors.forget(seat),
  })
  const mirrors = createMirrors<Seat>({
    audit: init.audit ?? false,
    report,
    allowance: createAllowance(monotonic),
    now: monotonic,
    engine: () => pool.engine,
    imageOf: (seat) => run(seat, 'image', { service: seat.id }, OPEN_MS),
  })

  const run = async <K extends JobKind>(
    seat: Seat,
    kind: K,
    asks: Jobs[K]['asks'],
    ms: number,
    signals?: Signals,
  ): Promise<Jobs[K]['gives']> => {
    seat.busy++
    try {
      return await seat.worker.run(kind, asks, ms, signals)
    } catch (error) {
      if (!(error instanceof WorkerGone) || error.reason === 'cancelled') throw error
      pool.remove(seat)
      if (error.reason === 'crash') report?.(error.message)
      if (error.reason === 'lost') throw notOpen()
      if (error.reason === 'stopped') throw stoppedError()
      throw error
    } finally {
      seat.busy--
      pool.done(seat)
    }
  }

  /** Takes a place, and keeps it if `use` says that the service now lives there. */
  const settleIn = async <T>(key: string, use: (seat: Seat) => Promise<{ lives: boolean; value: T }>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      if (stopped) throw stoppedError()
      if (pool.find(key)) throw alreadyOpen()
      const seat = pool.seat(key)
      try {
        const { lives, value } = await use(seat)
        if (lives) seat.open = true
        else pool.remove(seat)
        return value
      } catch (error) {
        pool.remove(seat)
        // another service ended the worker before this one had its turn: nothing is lost but the place
        const unlucky = error instanceof VmError && error.code === 'NOT_OPEN'
        if (!unlucky || attempt === MAX_SEAT_ATTEMPTS) throw error
      }
    }
  }

  const seatOf = (key: string): Seat => {
    if (stopped) throw stoppedError()
    const seat = pool.find(key)
    if (!seat?.open) throw notOpen()
    pool.touch(key)
    return seat
  }

  const ask = async (
    kind: 'query' | 'state' | 'stream' | 'next',
    key: string,
    request: CallRequest,
    waited: Waited,
  ): Promise<Outcome> => {
    const seat = seatOf(key)
    const asks = { service: seat.id, request: checked(request) }
    return orFailure(run(seat, kind, asks, request.limits.wallMs, signalsOf(waited)), (outcome) => outcome)
  }

  return {
    engine: ENGINE_CID,
    async genesis(key, module, request, { signal, ...options } = {}) {
      checkLength('contract', module, MODULE_BYTES_MAX)
      checkHeap(options)
      const asked = checkedGenesis(request)
      return settleIn(key, async (seat) => {
        const asks = { service: seat.id, module: own(module), init: asked, options }
        const done = run(seat, 'genesis', asks, asked.limits.wallMs, signalsOf({ signal }))
        const value = await orFailure(done, (outcome) => ({ outcome }))
        return { lives: value.outcome.ok, value }
      })
    },
    async open(key, origin) {
      checkImage(origin.image)
      await settleIn(key, async (seat) => {
        // moved to the worker, not copied once more
        const image = { ...origin.image, memory: origin.image.memory.slice() }
        const leaves = origin.leaves && own(origin.leaves)
        const asks = { service: seat.id, origin: { image, root: own(origin.root), leaves } }
        await run(seat, 'open', asks, OPEN_MS).catch((error: unknown) => {
          throw error instanceof WorkerGone ? crashed() : error
        })
        return { lives: true, value: undefined }
      })
    },
    isOpen: (key) => !stopped && (pool.find(key)?.open ?? false),
    async call(key, request, { signal, asks = false } = {}) {
      if (asks) {
        const seat = seatOf(key)
        checkRequest(request)
        const outcome = mirrors.asks(seat, request, { signal })
        if (outcome) return { outcome }
      }
      const { outcomes, change } = await this.calls(key, [request], signal && [signal])
      return { outcome: outcomes[0]!, ...(change && { change }) }
    },
    async calls(key, requests, signals) {
      const [first] = requests
      if (!first || requests.length > GROUP_CALLS_MAX)
        throw new VmError('BAD_REQUEST', `A group has 1 to ${GROUP_CALLS_MAX} calls.`, 'Correct the caller.')
      const seat = seatOf(key)
      const asks = { service: seat.id, packed: packRequests(requests.map(checked)) }
      const group = mirrors.changing(seat, run(seat, 'calls', asks, first.limits.wallMs, signals))
      const done = group.then(({ packed, change }) => ({ outcomes: unpackOutcomes(packed), ...(change && { change }) }))
      return orFailure(done, (outcome) => ({ outcomes: requests.map(() => outcome) }))
    },
    async query(key, request, waited = {}) {
      const seat = seatOf(key)
      checkRequest(request)
      return mirrors.query(seat, request, waited) ?? ask('query', key, request, waited)
    },
    state: (key, request, waited = {}) => ask('state', key, request, waited),
    async stream(key, request, waited = {}) {
      const seat = seatOf(key)
      seat.stays = true
      mirrors.forget(seat)
      return ask('stream', key, request, waited)
    },
    next: (key, request, waited = {}) => ask('next', key, request, waited),
    stay(key, stays) {
      const seat = pool.find(key)
      if (seat === undefined) return
      seat.stays = stays
      if (!stays) pool.done(seat)
    },
    async close(key) {
      const seat = pool.find(key)
      if (!seat?.open || stopped) return
      pool.remove(seat)
      await run(seat, 'close', { service: seat.id }, OPEN_MS).catch(() => {})
    },
    async stop() {
      stopped = true
      mirrors.stop()
      await pool.stop()
    },
  }
}

const monotonic = (): number => performance.now()

const GONE: Readonly<Record<string, CallFailureCode>> = {
  watchdog: 'WATCHDOG',
  crash: 'VM_CRASHED',
  cancelled: 'CANCELLED',
}

const signalsOf = ({ signal }: Waited): Signals => (signal ? [signal] : [])

/** What ended a job that has no answer is an outcome like others, but not one to be committed. */
async function orFailure<T>(job: Promise<T>, failed: (outcome: Outcome) => T): Promise<T> {
  try {
    return await job
  } catch (error) {
    const code = error instanceof WorkerGone ? GONE[error.reason] : undefined
    if (!code) throw error
    const { message } = failure(code)
    return failed({ ok: false, error: { code, message }, gas: 0n, logs: [] })
  }
}

function notOpen(): VmError {
  return new VmError('NOT_OPEN', 'The service is not open; the call did not start.', 'Open it, then repeat the call.')
}

function alreadyOpen(): VmError {
  return new VmError('ALREADY_OPEN', 'The service is open already, or being opened.', 'Use it, or close it first.')
}

function stoppedError(): VmError {
  return new VmError('STOPPED', 'The virtual machine has stopped.', 'Start the daemon again.')
}

function crashed(): VmError {
  return new VmError('VM_CRASHED', 'The virtual machine failed while it opened the service.', 'Open it again.')
}
