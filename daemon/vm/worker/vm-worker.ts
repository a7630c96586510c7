import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { WORKER_HEAP_MB, WORKER_STACK_MB, WORKER_START_MS } from '../constants.ts'
import { VmError } from '../errors.ts'
import type { EngineMessage, Greeting, JobKind, Jobs, Reply, Request, WorkerSettings } from './messages.ts'
import { WorkerGone, type WorkerGoneReason } from './worker-gone.ts'

/** One thread. Jobs are done in the order in which they are asked for. */
export interface VmWorker {
  /** the compiled engine, for further workers */
  readonly engine: Promise<WebAssembly.Module>
  /**
   * @param wallMs how long the job may run, not counting those before it
   * @throws VmError what the worker refused; WorkerGone
   */
  run<K extends JobKind>(kind: K, asks: Jobs[K]['asks'], wallMs: number): Promise<Jobs[K]['gives']>
  stop(): Promise<void>
}

export interface VmWorkerInit extends Omit<WorkerSettings, 'loadsEngine'> {
  /** @default the worker loads it */
  engine?: Promise<WebAssembly.Module>
  /** Called once when the thread ends, before any of its jobs hears of it. Without a reason: the engine was refused. */
  onGone(why: WorkerGoneReason | undefined): void
}

interface Waiting {
  request: Request
  wallMs: number
  resolve(gives: Jobs[JobKind]['gives']): void
  reject(error: Error): void
}

export function startWorker({ engine: given, onGone, ...settings }: VmWorkerInit): VmWorker {
  const workerData: WorkerSettings = { ...settings, loadsEngine: !given }
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
  let timer = setTimeout(() => end(new WorkerGone('crash', 'the worker did not start')), WORKER_START_MS)

  const end = (why: Error): void => {
    if (gone) return
    gone = why
    clearTimeout(timer)
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
    watched = first?.request.id ?? 0
    if (!first) {
      worker.unref()
      return
    }
    // a reply that is already here, because this thread was busy, is read before the immediate
    const overdue = () => setImmediate(() => first.request.id === watched && end(new WorkerGone('watchdog')))
    timer = setTimeout(overdue, first.wallMs)
  }

  const greeted = (greeting: Greeting): void => {
    if ('refused' in greeting) {
      end(asVmError(greeting.refused))
      return
    }
    ready = true
    engine.resolve(greeting.engine)
    for (const { request } of waiting.values()) worker.postMessage(request)
    watchFirst()
  }

  const settle = (reply: Reply): void => {
    const job = waiting.get(reply.id)
    if (!job) return
    waiting.delete(reply.id)
    watchFirst()
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
    run<K extends JobKind>(kind: K, asks: Jobs[K]['asks'], wallMs: number) {
      if (gone) return Promise.reject(new WorkerGone('lost'))
      const request = { id: nextId++, kind, asks } as Request
      const { promise, resolve, reject } = Promise.withResolvers<Jobs[K]['gives']>()
      if (waiting.size === 0) worker.ref()
      waiting.set(request.id, { request, wallMs, resolve: resolve as Waiting['resolve'], reject })
      if (ready) worker.postMessage(request)
      watchFirst()
      return promise
    },
    async stop() {
      end(new WorkerGone('stopped'))
      await worker.terminate()
    },
  }
}

function asVmError({ code, message, hint }: { code: VmError['code']; message: string; hint: string }): VmError {
  return new VmError(code, message, hint)
}
