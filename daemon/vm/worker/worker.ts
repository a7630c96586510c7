/** The thread in which contracts run: it does what it is asked, one job after the other. */
import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { MIRROR_WASM_PAGES, PREPARE_MS, TRANSFER_BYTES_MIN } from '../constants.ts'
import { readGuestProfile } from '../engine/guest-profile.ts'
import { loadEngine } from '../engine/load-engine.ts'
import { VmError } from '../errors.ts'
import type { Engine } from '../machine/guest.ts'
import { Machine } from '../machine/machine.ts'
import type { Ended } from '../machine/metered-run.ts'
import { createQuickJs } from '../machine/quickjs.ts'
import { begin } from './begin.ts'
import { endedOf } from './endings.ts'
import type { EngineMessage, Greeting, JobKind, Jobs, Reply, Request, WorkerSettings } from './messages.ts'
import { packOutcomes, unpackRequests } from './pack.ts'

const settings: WorkerSettings = workerData
const port = parentPort!

/** @param ended whether a call of the job is to be ended, by its place */
type Handlers = {
  [K in JobKind]: (asks: Jobs[K]['asks'], ended: (call: number) => Ended | undefined) => Jobs[K]['gives']
}

function createHandlers(engine: Engine, machines: Map<number, Machine>): Handlers {
  const machineOf = (service: number): Machine => {
    const machine = machines.get(service)
    if (machine) return machine
    throw new VmError('NOT_OPEN', 'The service is not open.', 'Open it, then repeat the call.')
  }
  return {
    genesis({ service, module, init, options }, ended) {
      const ends = () => ended(0)
      const { outcome, machine } = Machine.genesis(engine, module, init, { ...settings, ...options, ends })
      if (!machine) return { outcome }
      machines.set(service, machine)
      return { outcome, origin: { image: machine.image(), root: machine.root() } }
    },
    open({ service, origin }) {
      machines.set(service, Machine.open(engine, origin, settings))
      return undefined
    },
    calls({ service, packed }, ended) {
      const { outcomes, change } = machineOf(service).calls(unpackRequests(packed), ended)
      return { packed: packOutcomes(outcomes), ...(change && { change }) }
    },
    query: ({ service, request }, ended) => machineOf(service).query(request, () => ended(0)),
    state: ({ service, request }, ended) => machineOf(service).state(request, () => ended(0)),
    image({ service }) {
      const machine = machineOf(service)
      return machine.pages <= MIRROR_WASM_PAGES ? machine.image() : undefined
    },
    stream: ({ service, request }, ended) => machineOf(service).step('open', request, () => ended(0)),
    next: ({ service, request }, ended) => machineOf(service).step('next', request, () => ended(0)),
    close({ service }) {
      machines.delete(service)
      return undefined
    },
  }
}

function perform(handlers: Handlers, machines: Map<number, Machine>, { id, kind, asks }: Request): Reply {
  const start = performance.now()
  const took = (): number => performance.now() - start
  try {
    const handle = handlers[kind] as Handlers[JobKind] as (
      asks: Request['asks'],
      ended: (call: number) => Ended | undefined,
    ) => Jobs[JobKind]['gives']
    const gives = handle(asks, (call) => endedOf(settings.endings, id, call))
    return { id, ms: took(), gives }
  } catch (error) {
    if (error instanceof VmError) return { id, ms: took(), refused: refusal(error) }
    machines.delete(asks.service)
    return { id, ms: took(), crashed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/** The buffers of a reply that are large enough to be moved; they are all made for the reply alone. */
function transferable(reply: Reply): ArrayBuffer[] {
  const gives = 'gives' in reply ? reply.gives : undefined
  if (!gives) return []
  const change = 'change' in gives ? gives.change : undefined
  const origin = 'origin' in gives ? gives.origin : undefined
  const outcome = 'outcome' in gives ? gives.outcome : 'ok' in gives ? gives : undefined
  const arrays = [
    change?.delta.bytes,
    change?.delta.lines,
    origin?.image.memory,
    'memory' in gives ? gives.memory : undefined,
    outcome?.ok ? outcome.result : undefined,
    'packed' in gives ? gives.packed.bytes.bytes : undefined,
  ]
  return arrays.flatMap((array) =>
    array && array.byteLength >= TRANSFER_BYTES_MIN ? [array.buffer as ArrayBuffer] : [],
  )
}

function refusal({ code, message, hint }: VmError): { code: VmError['code']; message: string; hint: string } {
  return { code, message, hint }
}

async function start(): Promise<void> {
  const engine = settings.loadsEngine
    ? new WebAssembly.Module(await loadEngine(settings.cacheDir))
    : ((await once(port, 'message'))[0] as EngineMessage).engine
  const machines = new Map<number, Machine>()
  const quickJs = createQuickJs(engine, readGuestProfile(engine))
  const handlers = createHandlers(quickJs, machines)
  // when nothing is to be done: the next service is opened faster then
  let preparing: NodeJS.Timeout | undefined
  port.on('message', (request: Request) => {
    if (!begin(settings.states, request.id)) return
    const reply = perform(handlers, machines, request)
    port.postMessage(reply, transferable(reply))
    clearTimeout(preparing)
    preparing = setTimeout(() => quickJs.prepare?.(), PREPARE_MS)
  })
  port.postMessage({ engine } satisfies Greeting)
}

start().catch((error: unknown) => {
  if (!(error instanceof VmError)) throw error
  port.postMessage({ refused: refusal(error) } satisfies Greeting)
})
