import { MESSAGE_BYTES_MAX, WASM_PAGE } from '../constants.ts'
import { CONTRACT_MODULE, type GuestProfile } from '../engine/guest-profile.ts'
import { HOST_CALL_GAS } from '../prices.ts'
import { failure, parseAnswer } from './answers.ts'
import { createAsks } from './asks.ts'
import { type Answer, type Engine, type Guest, type GuestCall, NotOffered } from './guest.ts'
import { GuestOutOfMemory } from './guest-memory.ts'
import { charge, instantiate } from './instance.ts'
import { bootQuickJs, FUNCTIONS } from './quickjs-boot.ts'
import { createImports } from './quickjs-imports.ts'
import { createHostFunctions, type HostFunction } from './quickjs-services.ts'
import { type Box, QuickJsValues } from './quickjs-values.ts'
import { createRejections } from './rejections.ts'
import { answerText, headerText } from './runtime-texts.ts'
import { createServices } from './services.ts'

const ANCHORS = 2 + FUNCTIONS.length

export interface QuickJsOptions {
  /** whether contracts may use all of the host: a log line, a hash, content. Where not, that ends the call, but for OFFERED. @default true */
  offersHost?: boolean
}

/** @param module the compiled engine @param profile what stands in its section */
export function createQuickJs(module: WebAssembly.Module, profile: GuestProfile, options: QuickJsOptions = {}): Engine {
  const sources = new Map(Object.entries(profile.modules).map(([name, { source }]) => [name, Buffer.from(source)]))
  let spare: QuickJsGuest | undefined
  return {
    createGuest(anchors = []) {
      const guest = spare ?? createGuest(module, profile, sources, options)
      spare = undefined
      guest.resume(anchors)
      return guest
    },
    prepare() {
      spare ??= createGuest(module, profile, sources, options)
    },
  }
}

/** What takes nothing but the instance itself, whatever gas it was given. */
const OFFERED: ReadonlySet<string> = new Set(['ask', 'callId', 'kind'])

const notOffered: HostFunction = () => {
  throw new NotOffered()
}

interface QuickJsGuest extends Guest {
  /** Takes the anchors of the image that is put into the instance. */
  resume(anchors: readonly number[]): void
}

function createGuest(
  module: WebAssembly.Module,
  profile: GuestProfile,
  sources: ReadonlyMap<string, Uint8Array>,
  { offersHost = true }: QuickJsOptions,
): QuickJsGuest {
  let anchors: readonly number[] = []
  let time = 0
  let contract: Uint8Array | undefined
  let ranOut = false
  const imports = new Map(Object.entries(profile.modules).map(([name, { imports }]) => [name, imports]))

  const instance = instantiate(
    module,
    createImports({
      values: () => values,
      now: () => time,
      onPause: () => instance.onPause(),
      onRejection: (promise, reason, isHandled) => rejections.saw(promise, reason, isHandled),
      hostFunction: (name) => (offersHost || OFFERED.has(name) ? hostFunctions.get(name) : notOffered),
      ranOut() {
        ranOut = true
      },
      mayImport: (importer, name) => imports.get(importer)?.includes(name) ?? false,
      source: (name) => (name === CONTRACT_MODULE ? contract : sources.get(name)),
      refusedImport: (name) => call('refusedImport', values.newString(Buffer.from(name))),
    }),
  )
  const pay = (units: bigint): boolean => {
    charge(instance, units)
    return (instance.gas.value as bigint) >= 0n
  }
  const values = new QuickJsValues(instance)
  const services = createServices(pay)
  const asks = createAsks(pay, () => instance.gas.value as bigint)
  // what an import answered is lost on nobody; other rejections that nobody handles are the contract's own affair
  const rejections = createRejections(values, () => asks.count() > 0 && pay(HOST_CALL_GAS))
  const hostFunctions: ReadonlyMap<string, HostFunction> = createHostFunctions(instance, values, services, asks, pay)

  const self = () => anchors[1]!
  /** Calls a function of the runtime and frees the arguments. */
  const call = (name: (typeof FUNCTIONS)[number], ...args: Box[]): Box => {
    const result = values.call(anchors[2 + FUNCTIONS.indexOf(name)]!, self(), ...args)
    values.drop(...args)
    return result
  }

  const isFull = () => ranOut || (instance.pages.value as number) * WASM_PAGE >= profile.heapBytes

  /** Reads the string that a function of the runtime answered with. */
  const read = (box: Box, maxBytes: number): Answer => {
    if (values.isException(box)) return thrown('failed')
    const text = values.readText(box, Math.max(maxBytes, MESSAGE_BYTES_MAX) + 1)
    values.drop(box)
    if (!text) return failure('RESULT_TOO_LARGE')
    const answer = parseAnswer(text, isFull)
    return answer.ok && answer.result.length > maxBytes ? failure('RESULT_TOO_LARGE') : answer
  }

  /** What became of an exception that nobody caught. */
  const thrown = (describe: 'failed' | 'failedToLoad'): Answer => {
    const text = call(describe, values.takeException())
    if (values.isException(text)) throw new GuestOutOfMemory()
    return read(text, 0)
  }

  /**
   * Runs what promises wait for until nothing is left, and what comes of the answers that it waits for then. Answers with what went wrong.
   *
   * @param goesOn looked at before a batch is asked for: a call that has failed asks for nothing more
   */
  const runAll = (describe: 'failed' | 'failedToLoad', goesOn: () => boolean = () => true): Answer | undefined => {
    for (;;) {
      const uncaught = values.runJobs()
      if (uncaught) return read(call(describe, uncaught), 0)
      const batch = goesOn() ? asks.batch() : []
      if (batch.length === 0) return undefined
      for (const answer of batch) {
        const done = call('deliver', values.newString(answerText(answer)))
        if (values.isException(done)) return thrown('failed')
        values.drop(done)
      }
    }
  }

  /** The failure of a call that took no notice of an import's. */
  const lost = (reason: Box): Answer | undefined => {
    const text = read(call('unhandled', reason), 0)
    return text.ok ? undefined : text
  }

  const settled = (promise: Box, describe: 'failed' | 'failedToLoad', then: (value: Box) => Answer): Answer => {
    const wrong = runAll(describe, () => values.promiseState(promise) !== 'rejected')
    if (wrong) return wrong
    const state = values.promiseState(promise)
    if (state === 'pending') return failure('NEVER_SETTLED')
    const value = values.promiseResult(promise)
    values.drop(promise)
    return state === 'fulfilled' ? then(value) : read(call(describe, value), 0)
  }

  /** Reads a string of the runtime, or a promise of one. */
  const readSettled = (box: Box, maxBytes: number): Answer =>
    values.isPromise(box) ? settled(box, 'failed', (text) => read(text, maxBytes)) : read(box, maxBytes)

  /** A good answer is one if nothing goes wrong that the contract left to do. */
  const tidied = (answer: Answer, tidy: () => void = () => {}): Answer => {
    if (!answer.ok) return answer
    tidy()
    for (;;) {
      const wrong = runAll('failed')
      if (wrong || rejections.isEmpty()) return wrong ?? answer
      const unnoticed = rejections.settle(lost)
      // what is let go of can leave something to run
      if (unnoticed) return unnoticed
    }
  }

  /** @param box the answer of invoke, open or initialise: a string, or a promise @param tidy done when it was good */
  const finish = (box: Box, { resultBytes }: GuestCall, tidy?: () => void): Answer => {
    const encoded = (value: Box) => readSettled(call('answer', value), resultBytes)
    if (values.isException(box)) return thrown('failed')
    if (values.isString(box)) return tidied(read(box, resultBytes), tidy)
    return tidied(values.isPromise(box) ? settled(box, 'failed', encoded) : encoded(box), tidy)
  }

  const begin = (call: GuestCall, stateLimit = 0): Box => {
    time = call.context.time
    ranOut = false
    services.begin(call)
    asks.begin(call.answers)
    rejections.begin()
    return values.newString(headerText(call, stateLimit))
  }

  const orOutOfMemory = (run: () => Answer): Answer => {
    try {
      return run()
    } catch (error) {
      if (error instanceof GuestOutOfMemory) return failure('OUT_OF_MEMORY')
      throw error
    }
  }

  const checkAnchors = (): void => {
    if (anchors.length !== ANCHORS) throw new RangeError('the image has not the anchors of this engine')
  }

  const run = (how: 'invoke' | 'state' | 'open', request: GuestCall): Answer =>
    orOutOfMemory(() => {
      checkAnchors()
      const header = begin(request, how === 'state' ? request.resultBytes : 0)
      return finish(call(how, header, values.newString(request.args)), request)
    })

  return {
    instance,
    get anchors() {
      return anchors
    },
    resume(given) {
      anchors = given
      values.scratch = anchors[0] ?? 0
    },
    boot({ heapBytes }) {
      anchors = bootQuickJs(instance, values, { ...profile, heapBytes }, sources, hostFunctions.keys())
    },
    load: (source, request) =>
      orOutOfMemory(() => {
        contract = source
        // what it makes of states is shown as one
        values.drop(call('prepare', begin(request, request.method === 'merge' ? request.resultBytes : 0)))
        const promise = values.evaluateModule(sources.get('amigos:entry')!, 'amigos:entry')
        contract = undefined
        if (values.isException(promise)) return thrown('failedToLoad')
        return settled(promise, 'failedToLoad', (namespace) => {
          values.drop(namespace)
          // garbage is collected, else the first call would do it, and so would each query before it, because a query is put back
          return finish(call('initialise', values.newString(request.args)), request, () => values.collectGarbage())
        })
      }),
    invoke: (request) => run('invoke', request),
    state: (request) => run('state', request),
    open: (request) => run('open', request),
    next: (request) =>
      orOutOfMemory(() => {
        checkAnchors()
        // an item, and the brackets around it
        const promise = call('next', begin(request))
        return values.isException(promise) ? thrown('failed') : tidied(readSettled(promise, request.resultBytes + 2))
      }),
    takeRecord: () => ({ ...services.take(), asks: asks.take() }),
    isFull,
  }
}
