/**
 * A second engine behind the port, to prove that nothing of the machine is QuickJS's: a WebAssembly module of five functions, whose
 * contracts are the decimal number that they count from.
 */
import { WASM_PAGE } from '../../daemon/vm/constants.ts'
import { instrument } from '../../daemon/vm/instrument/instrument.ts'
import { Writer } from '../../daemon/vm/instrument/writer.ts'
import { failure } from '../../daemon/vm/machine/answers.ts'
import type { Answer, Engine, Guest, GuestCall } from '../../daemon/vm/machine/guest.ts'
import { GuestMemory } from '../../daemon/vm/machine/guest-memory.ts'
import { instantiate } from '../../daemon/vm/machine/instance.ts'
import { type BuiltFunction, buildModule } from './module-builder.ts'

const MAX_PAGES = 64
const INITIAL_PAGES = 2
/** Where the stack begins and the data lie: the count, the size of the memory that may be had, the end of the heap. */
const STACK_TOP = 1024
const [COUNT, HEAP_LIMIT, HEAP_END] = [1024, 1028, 1032]
const HEAP_START = WASM_PAGE
const I32 = 0x7f
const [FULL, FAILED] = [-1, -2]

type Code = number[]
const number = (n: number): Code => [0x41, ...new Writer().signed(n).bytes()]
const load = (at: number): Code => [...number(at), 0x28, 2, 0]
const store = (at: number, ...value: Code[]): Code => [...number(at), ...value.flat(), 0x36, 2, 0]
const get = (local: number): Code => [0x20, local]
/** memory.size, in bytes */
const size: Code = [0x3f, 0, ...number(16), 0x74]
const returnIf = (result: number, condition: Code): Code => [...condition, 0x04, 0x40, ...number(result), 0x0f, 0x0b]
/** Writes a word below the stack pointer, as a compiled function would, and leaves it there. */
const litter: Code = [0x23, 0, ...number(16), 0x6b, ...number(0x5a5a), 0x36, 2, 0]

const FUNCTIONS: readonly BuiltFunction[] = [
  {
    name: 'increment',
    params: [I32],
    results: [I32],
    code: [...litter, ...store(COUNT, load(COUNT), get(0), [0x6a]), ...load(COUNT)],
  },
  { name: 'read', params: [I32], results: [I32], code: load(COUNT) },
  // a failure that has already written
  { name: 'fail', params: [I32], results: [I32], code: [...store(COUNT, number(9)), ...number(FAILED)] },
  {
    name: 'spin',
    params: [I32],
    results: [I32],
    code: [...store(COUNT, number(9)), 0x03, 0x40, 0x0c, 0, 0x0b, 0x00],
  },
  {
    name: 'keep',
    params: [I32],
    results: [I32],
    locals: [I32],
    code: [
      ...[...load(HEAP_END), 0x21, 1],
      ...store(HEAP_END, get(1), get(0), [0x6a]),
      // block, loop: out of both when the end of the heap lies inside the memory
      ...[0x02, 0x40, 0x03, 0x40, ...load(HEAP_END), ...size, 0x4d, 0x0d, 1],
      ...returnIf(FULL, [...size, ...load(HEAP_LIMIT), 0x4f]),
      ...returnIf(FULL, [...number(1), 0x40, 0, ...number(-1), 0x46]),
      ...[0x0c, 0, 0x0b, 0x0b],
      ...[...get(1), ...number(7), ...get(0), 0xfc, 11, 0, ...get(0)],
    ],
  },
]
const METHODS = FUNCTIONS.map(({ name }) => name!)

export function createCounterEngine(): Engine {
  const wasm = buildModule({ functions: FUNCTIONS, pages: INITIAL_PAGES, globals: [STACK_TOP, 0] })
  const module = new WebAssembly.Module(instrument(wasm, { maxPages: MAX_PAGES }))
  return { createGuest: (anchors = []) => createGuest(module, anchors) }
}

function createGuest(module: WebAssembly.Module, initialAnchors: readonly number[]): Guest {
  const instance = instantiate(module, {})
  const memory = new GuestMemory(instance)
  let anchors = initialAnchors

  const run = (name: string, argument: number): Answer => {
    if (anchors[0] !== COUNT) throw new RangeError('the image has not the anchors of this engine')
    const result = instance.exports[name]!(argument)
    if (result === FULL) return failure('OUT_OF_MEMORY')
    if (result === FAILED) return failure('CONTRACT_THREW', 'failed')
    return { ok: true, result: Buffer.from(String(result)) }
  }
  const bounded = (answer: Answer, { resultBytes }: GuestCall): Answer =>
    answer.ok && answer.result.length > resultBytes ? failure('RESULT_TOO_LARGE') : answer

  return {
    instance,
    get anchors() {
      return anchors
    },
    boot({ heapBytes }) {
      anchors = [COUNT]
      memory.setWord(HEAP_LIMIT, heapBytes)
      memory.setWord(HEAP_END, HEAP_START)
    },
    load(source) {
      memory.setWord(COUNT, Number(Buffer.from(source).toString()))
      return { ok: true, result: Buffer.from('null') }
    },
    invoke(call) {
      const [argument = 1] = JSON.parse(Buffer.from(call.args).toString()) as number[]
      if (!METHODS.includes(call.method)) return failure('NO_SUCH_FUNCTION')
      return bounded(run(call.method, argument), call)
    },
    state: (call) => bounded(run('read', 0), call),
    open: () => failure('NOT_A_STREAM'),
    next: () => failure('NOT_A_STREAM'),
    takeRecord: () => ({ logs: [], events: [], reads: [], writes: [], asks: [] }),
    isFull: () => false,
  }
}
