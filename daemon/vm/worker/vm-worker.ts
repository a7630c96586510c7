import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  ENDING_MS,
  HEAVY_JOB_MS,
  JOBS_PER_WORKER_MAX,
  SLOW_MS,
  WORKER_HEAP_MB,
  WORKER_STACK_MB,
  WORKER_START_MS,
} from '../constants.ts'
import { VmError } from '../errors.ts'
import { createJobStates, offer, withdraw } from './begin.ts'
import { createEndings, endCall, endJob } from './endings.ts'
import { heeding, type Signals } from './heeding.ts'
import type { EngineMessage, Greeting, JobKind, Jobs, Reply, Request, WorkerSettings } from './messages.ts'
import { WorkerGone, type WorkerGoneReason } from './worker-gone.ts'

/** One thread. Jobs are done in the order in which they are asked for. */
export interface VmWorker {
  /** the compiled engine, for further workers */
  readonly engine: Promise<WebAssembly.Module>
  /**
   * @param wallMs how long the job may run, not counting those before it
   * @param signals end the calls of the job, by their place; one that has not begun ends with WorkerGone `cancelled` if it is alone
   * @throws VmError what the worker refused; WorkerGone
   */
  run<K extends JobKind>(kind: K, asks: Jobs[K]['asks'], wallMs: number, signals?: Signals): Promise<Jobs[K]['gives']>
  /** Whether there is nothing to do. */
  readonly isIdle: boolean
  /** Whether the job that runs now has run for SLOW_MS. */
  readonly isSlow: boolean
  /**
   * Takes back what waits for other services than the one whose job runs, as far as it was not begun: these jobs end with WorkerGone
   * `lost`. @returns the services that have nothing left here
   */
  withdraw(may: (service: number) => boolean): number[]
  stop(): Promise<void>
}

export interface VmWorkerInit extends Omit<WorkerSettings, 'loadsEngine' | 'states' | 'endings'> {
  /** Told of a service whose job took HEAVY_JOB_MS. */
  onHeavy(service: number, kind: JobKind): void
  /** Told of a service whose job has run for SLOW_MS, and again of each job that comes to wait behind it. */
  onSlow(service: number, kind: JobKind): void
  /** @default the worker loads it */
  engine?: Promise<WebAssembly.Module>
  /** Called once when the thread ends, before any of its jobs hears of it. Without a reason: the engine was refused. */
  onGone(why: WorkerGoneReason | undefined): void
}

interface Waiting {
  request: Request
  wallMs: number
  /** places of calls that nobody waits for any more */
  givenUp?: Set<number>
  resolve(gives: Jobs[JobKind]['gives']): void
  reject(error: Error): void
}

export function startWorker({ engine: given, onGone, onHeavy, onSlow, ...settings }: VmWorkerInit): VmWorker {
  const states = createJobStates()
  const endings = createEndings()
  const workerData: WorkerSettings = { ...settings, states, endings, loadsEngine: !given }
  // built or run as it is, the file beside this one has the same kind of name
  const worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    resourceLimits: { stackSizeMb: WORKER_STACK_MB, maxOldGenerationSizeMb: WORKER_HEAP_MB },
  })
  const engine = Promise.withResolvers<WebAssembly.Module>()
  engine.promise.catch(() => {})
  /** in the order in which they were asked for: the first is the one that runs */
  const waiting = new Map<number, Waiting>()
  let nextId = 1
  let ready = false
  let gone: Error | undefined
  let watched = 0
  let slow: NodeJS.Timeout | undefined
  let isSlow = false
  let timer = setTimeout(() => end(new WorkerGone('crash', 'the worker did not start')), WORKER_START_MS)

  const end = (why: Error): void => {
    if (gone) return
    gone = why
    clearTimeout(timer)
    clearTimeout(slow)
    onGone(why instanceof WorkerGone ? why.reason : undefined)
    engine.reject(why)
    const [first, ...others] = waiting.values()
    first?.reject(why)
    const lost = why instanceof WorkerGone && why.reason !== 'stopped' && ready ? new WorkerGone('lost') : why
    for (const { reject } of others) reject(lost)
    waiting.clear()
    void worker.terminate()
  }

  /** The watch is on the job that runs, not on those behind it. */
  const watchFirst = (): void => {
    const [first] = waiting.values()
    if (!ready || first?.request.id === watched) return
    clearTimeout(timer)
    clearTimeout(slow)
    isSlow = false
    watched = first?.request.id ?? 0
    if (!first) {
      worker.unref()
      return
    }
    const { id } = first.request
    for (const call of first.givenUp ?? []) endCall(endings, id, call)
    // a reply that is already here, because this thread was busy, is read before the immediate
    const late = (then: () => void) => () => setImmediate(() => id === watched && then())
    const overdue = (): void => {
      endJob(endings, id)
      timer = setTimeout(
        late(() => end(new WorkerGone('watchdog'))),
        ENDING_MS,
      )
    }
    timer = setTimeout(late(overdue), first.wallMs)
    const tooSlow = (): void => {
      isSlow = true
      onSlow(first.request.asks.service, first.request.kind)
    }
    slow = setTimeout(late(tooSlow), SLOW_MS)
  }

  /** The last ones first: if one was begun after all, those before it were as well. */
  const takeBack: VmWorker['withdraw'] = (may) => {
    const [first, ...others] = waiting.values()
    const running = first?.request.asks.service
    const gone = new Set<number>()
    const staying = new Set([running])
    const lost: Waiting[] = []
    for (const job of others.reverse()) {
      const { id, kind, asks } = job.request
      if (asks.service === running || kind === 'close') continue
      if (staying.has(asks.service) || !may(asks.service) || !withdraw(states, id)) {
        staying.add(asks.service)
        continue
      }
      waiting.delete(id)
      gone.add(asks.service)
      lost.push(job)
    }
    for (const { reject } of lost.reverse()) reject(new WorkerGone('lost'))
    return [...gone].filter((service) => !staying.has(service))
  }

  /** One that has not begun is taken back; of one that has, the worker hears. */
  const giveUp = (job: Waiting, call: number, isAlone: boolean): void => {
    const { id } = job.request
    if (!waiting.has(id)) return
    if (isAlone && withdraw(states, id)) {
      waiting.delete(id)
      watchFirst()
      job.reject(new WorkerGone('cancelled'))
      return
    }
    job.givenUp ??= new Set()
    job.givenUp.add(call)
    const [first] = waiting.values()
    if (first === job) endCall(endings, id, call)
  }

  const greeted = (greeting: Greeting): void => {
    if ('refused' in greeting) {
      end(asVmError(greeting.refused))
      return
    }
    ready = true
    engine.resolve(greeting.engine)
    for (const { request } of waiting.values()) worker.postMessage(request, movable(request))
    watchFirst()
  }

  const settle = (reply: Reply): void => {
    const job = waiting.get(reply.id)
    if (!job) return
    waiting.delete(reply.id)
    watchFirst()
    if (reply.ms >= HEAVY_JOB_MS) onHeavy(job.request.asks.service, job.request.kind)
    if ('gives' in reply) job.resolve(reply.gives)
    else if ('refused' in reply) job.reject(asVmError(reply.refused))
    else job.reject(new WorkerGone('crash', reply.crashed))
  }

  worker.on('message', (message: Reply | Greeting) => ('id' in message ? settle(message) : greeted(message)))
  worker.on('error', (error) => end(new WorkerGone('crash', error.message)))
  worker.on('exit', () => end(new WorkerGone('crash', 'the worker ended')))
  given?.then((compiled) => worker.postMessage({ engine: compiled } satisfies EngineMessage), end)

  return {
    engine: engine.promise,
    run<K extends JobKind>(kind: K, asks: Jobs[K]['asks'], wallMs: number, signals: Signals = []) {
      // the place of its state may still be another's
      if (gone || waiting.size >= JOBS_PER_WORKER_MAX || waiting.has(nextId - JOBS_PER_WORKER_MAX))
        return Promise.reject(new WorkerGone('lost'))
      if (signals.length === 1 && signals[0]?.aborted) return Promise.reject(new WorkerGone('cancelled'))
      const request = { id: nextId++, kind, asks } as Request
      const { promise, resolve, reject } = Promise.withResolvers<Jobs[K]['gives']>()
      const job: Waiting = { request, wallMs, resolve: resolve as Waiting['resolve'], reject }
      if (waiting.size === 0) worker.ref()
      offer(states, request.id)
      waiting.set(request.id, job)
      if (ready) worker.postMessage(request, movable(request))
      watchFirst()
      const [first] = waiting.values()
      if (isSlow && first && kind !== 'close') onSlow(first.request.asks.service, first.request.kind)
      return signals.length === 0
        ? promise
        : heeding(signals, (call) => giveUp(job, call, signals.length === 1), promise)
    },
    get isIdle() {
      return ready && waiting.size === 0
    },
    get isSlow() {
      return isSlow
    },
    withdraw: takeBack,
    async stop() {
      end(new WorkerGone('stopped'))
      await worker.terminate()
    },
  }
}

/** The memory of a service that is opened was copied for this request alone. */
function movable({ kind, asks }: Request): ArrayBuffer[] {
  return kind === 'open' ? [asks.origin.image.memory.buffer as ArrayBuffer] : []
}

function asVmError({ code, message, hint }: { code: VmError['code']; message: string; hint: string }): VmError {
  return new VmError(code, message, hint)
}
