import assert from 'node:assert/strict'
import { LOG_BYTES_MAX, LOG_LINES_MAX } from '../../daemon/vm/constants.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { leavesOf } from '../../daemon/vm/merkle.ts'
import type { CallRequest, Outcome } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import { bytes, end, hex, loadTestEngine, machineOf, message, request, TIME } from './kit.ts'

const COUNTER = 'let n = 0; export const increment = (by = 1) => n += by; export const read = () => n'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const call = (machine: Machine, method: string, ...args: unknown[]) => end(machine.call(request(method, args)).outcome)
const query = (machine: Machine, method: string, ...args: unknown[]) => end(machine.query(request(method, args)))
const genesis = (source: string, init: CallRequest = request('init')): Outcome =>
  Machine.genesis(engine, bytes(source), init).outcome

describe('vm/machine: state', () => {
  it('keeps module-level variables from call to call', () => {
    const machine = machineOf(engine, COUNTER)
    assert.equal(call(machine, 'increment'), '1')
    assert.equal(call(machine, 'increment', 5), '6')
    assert.equal(query(machine, 'read'), '6')
  })

  it('forgets what a query and what a failed call did', () => {
    const machine = machineOf(
      engine,
      `let n = 0; const kept = []
       export function fail() { n = 9; kept.push(new Uint8Array(300_000)); throw new RangeError('no') }
       export function set(to) { n = to; return kept.length }
       export const read = () => n`,
    )
    const root = hex(machine.root())
    const failed = machine.call(request('fail'))
    assert.equal(message(failed.outcome), 'RangeError: no')
    assert.equal(failed.change, undefined)
    assert.equal(query(machine, 'set', 4), '0')
    assert.equal(query(machine, 'read'), '0')
    assert.equal(hex(machine.root()), root)
  })

  it('changes what a call changed, and nothing else', () => {
    const machine = machineOf(engine, COUNTER)
    let image = machine.image()
    for (const by of [1, 2, 3]) {
      const { change } = machine.call(request('increment', [by]))
      image = applyDelta(image, change!.delta)
      assert.equal(hex(change!.root), hex(rootOf(image)))
      assert(change!.delta.bytes.length < 20_000)
    }
    assert.deepEqual(Buffer.compare(image.memory, machine.image().memory), 0)
  })

  it('continues from an image, with or without its leaves', () => {
    const machine = machineOf(engine, COUNTER)
    call(machine, 'increment', 7)
    for (const leaves of [undefined, leavesOf(machine.image().memory)]) {
      const opened = Machine.open(engine, { image: machine.image(), root: machine.root(), leaves }, { audit: true })
      assert.equal(call(opened, 'increment'), '8')
    }
  })

  it('refuses an image that has not its root, or is of another engine', () => {
    const machine = machineOf(engine, COUNTER)
    const [image, root] = [machine.image(), machine.root()]
    image.memory[70_000]! ^= 1
    assert.throws(() => Machine.open(engine, { image, root }), { code: 'BAD_IMAGE' })
    const leaves = leavesOf(image.memory)
    assert.throws(() => Machine.open(engine, { image, root, leaves }), { code: 'BAD_IMAGE' })
    const other = { ...machine.image(), globals: [] }
    assert.throws(() => Machine.open(engine, { image: other, root: rootOf(other) }), { code: 'BAD_IMAGE' })
  })

  it('survives an image made to harm', () => {
    const machine = machineOf(engine, COUNTER)
    const good = machine.image()
    const harmful = [
      { ...good, anchors: good.anchors.map(() => -1) },
      { ...good, anchors: good.anchors.map(() => 0x7fff_ffff) },
      { ...good, anchors: [] },
      { ...good, globals: [-1] },
      { ...good, globals: [0] },
      { ...good, memory: good.memory.map((byte, i) => (i % 3 ? byte : 0xff)) },
      { ...good, memory: new Uint8Array(good.memory.length) },
    ]
    for (const image of harmful) {
      const opened = Machine.open(engine, { image: { ...image, memory: image.memory.slice() }, root: rootOf(image) })
      const { outcome } = opened.call(request('increment', [], { limits: { gas: 10_000_000n } }))
      assert.equal(outcome.ok, false)
      assert.equal(hex(opened.root()), hex(rootOf(image)))
    }
  })

  it('makes room again after a call that filled the memory', () => {
    const machine = machineOf(
      engine,
      `const a = []; export const fill = () => { for (;;) a.push(new Uint8Array(1e6)) }`,
    )
    const { pages } = machine.image()
    assert.equal(call(machine, 'fill'), 'OUT_OF_MEMORY')
    assert.equal(machine.image().pages, pages)
    assert.equal(call(machine, 'fill'), 'OUT_OF_MEMORY')
  })
})

describe('vm/machine: contracts', () => {
  it('calls init once, with its arguments, and never again', () => {
    const source = 'let n; export function init(a, b) { n = a + b; return n } export const read = () => n'
    assert.equal(end(genesis(source, request('init', [2, 3]))), '5')
    const machine = machineOf(engine, source, request('init', [2, 3]))
    assert.equal(call(machine, 'init', 8, 9), 'NO_SUCH_FUNCTION')
    assert.equal(query(machine, 'read'), '5')
  })

  it('waits for what init and the module await', () => {
    assert.equal(end(genesis('await null; export async function init() { await null; return 1 }')), '1')
    assert.equal(end(genesis('await new Promise(() => {})')), 'NEVER_SETTLED')
    assert.equal(end(genesis('export const init = () => new Promise(() => {})')), 'NEVER_SETTLED')
  })

  it('says in which line a module failed', () => {
    const failing: Record<string, string> = {
      '\n\nlet a = ;': "SyntaxError: unexpected token in expression: ';' (line 3)",
      '\nnull.x': "TypeError: cannot read property 'x' of null (line 2)",
      'await null\n\n\nthrow new RangeError("late")': 'RangeError: late (line 4)',
      'throw "a string"': 'a string',
    }
    for (const [source, expected] of Object.entries(failing)) {
      const outcome = genesis(source)
      assert.equal(end(outcome), 'CONTRACT_THREW')
      assert.equal(message(outcome), expected)
    }
  })

  it('bounds what a module may use while it loads', () => {
    const few = request('init', [], { limits: { gas: 50_000_000n } })
    assert.equal(end(genesis('for (;;);', few)), 'OUT_OF_GAS')
    assert.equal(end(genesis('const a = []; for (;;) a.push(new Uint8Array(1e6))')), 'OUT_OF_MEMORY')
    assert.equal(end(genesis(`throw new Error('${'x'.repeat(5000)}')`)), 'CONTRACT_THREW')
  })

  it('imports amigos:context and nothing else', () => {
    for (const name of [
      'fs',
      'node:fs',
      './other.ts',
      'amigos:runtime',
      'amigos:boot',
      'amigos:entry',
      'contract.js',
      '',
    ]) {
      const outcome = genesis(`import * as other from '${name}'; export { other }`)
      assert.equal(end(outcome), 'CONTRACT_THREW', name)
      assert.match(message(outcome), /cannot import/)
    }
  })

  it('refuses a module that is not UTF-8', () => {
    const { outcome } = Machine.genesis(engine, Uint8Array.of(0x27, 0xff, 0x27), request('init'))
    assert.equal(end(outcome), 'CONTRACT_THREW')
  })

  it('calls exported functions, whatever their names, and nothing else', () => {
    const machine = machineOf(
      engine,
      `export const then = resolve => 'then'; export default () => 'default'; export const number = 1
       export const f = function () { return this }; export class C {}
       const g = () => 'g'; export { g as 'a b', g as '__proto__' }`,
    )
    for (const name of ['toString', 'constructor', 'hasOwnProperty', '', 'number', 'f\0', '/', 'default.', 'g', '0']) {
      assert.equal(call(machine, name), 'NO_SUCH_FUNCTION', name)
    }
    for (const name of ['then', 'default']) assert.equal(call(machine, name), `"${name}"`)
    for (const name of ['a b', '__proto__']) assert.equal(call(machine, name), '"g"')
    assert.equal(call(machine, 'f'), 'null')
    assert.equal(call(machine, 'C'), 'CONTRACT_THREW')
    assert.equal(call(machineOf(engine, ''), '__proto__'), 'NO_SUCH_FUNCTION')
  })

  it('settles promises by what can still happen, and no more', () => {
    const machine = machineOf(
      engine,
      `let n = 0
       export async function later(x) { for (let i = 0; i < 5; i++) await null; n += x; return n }
       export async function fails() { await null; throw new TypeError('late') }
       export const never = () => new Promise(() => {})
       export const thenable = () => ({ then(resolve) { resolve(1) } })
       export const orphan = () => { Promise.reject(new Error('nobody listens')); return 'fine' }
       export const read = () => n
       export const background = () => { Promise.resolve().then(() => { n = 50 }); return n }`,
    )
    assert.equal(call(machine, 'later', 2), '2')
    assert.equal(message(machine.call(request('fails')).outcome), 'TypeError: late')
    assert.equal(call(machine, 'never'), 'NEVER_SETTLED')
    assert.equal(call(machine, 'thenable'), 'RESULT_NOT_A_VALUE')
    assert.equal(call(machine, 'orphan'), '"fine"')
    assert.equal(call(machine, 'background'), '2')
    assert.equal(call(machine, 'read'), '50')
  })

  it('leaves nothing to do to the first call: what collecting garbage sets off belongs to the genesis', () => {
    const source = (late: string) =>
      `let n = 0; const registry = new FinalizationRegistry(() => { ${late} })
       let cycle = {}; cycle.self = cycle; registry.register(cycle, 1); cycle = null
       export const count = () => n`
    assert.equal(end(machineOf(engine, source('n++')).query(request('count'))), '1')
    const { outcome } = Machine.genesis(engine, bytes(source('throw new Error("late")')), request('init'))
    assert.equal(end(outcome), 'CONTRACT_THREW')
  })

  it('shows what was thrown, in at most 1,000 characters', () => {
    const machine = machineOf(engine, `export const raise = js => { throw (0, eval)('(' + js + ')') }`)
    const thrown: Record<string, string> = {
      'new RangeError("r")': 'RangeError: r',
      '"text"': 'text',
      '({ a: [1n] })': '{"a":[{"/":{"bigint":"1"}}]}',
      null: 'null',
      undefined: 'null',
      'Object.assign(new Error("m"), { name: "Mine" })': 'Mine: m',
      'Object.assign(new Error("m"), { name: 1, message: {} })': 'Error: ',
      '() => 1': 'something that cannot be shown',
      '"\\ud83d"': '\ufffd',
    }
    for (const [js, expected] of Object.entries(thrown)) {
      assert.equal(message(machine.query(request('raise', [js]))), expected, js)
    }
    assert.equal(message(machine.query(request('raise', ['"é".repeat(5000)']))), 'é'.repeat(1000))
  })
})

describe('vm/machine: context', () => {
  const CONTEXT = `
    import { caller, owner, service, log } from 'amigos:context'
    export const who = () => [caller(), owner(), service()]
    export const when = () => [Date.now(), new Date().getTime(), new Date(2024, 0, 1).toISOString(), new Date().getTimezoneOffset()]
    export const random = n => Array.from({ length: n }, () => Math.random())
    export const talk = () => { log('a', 1, { b: [2n] }, () => 1); console.log('c'); console.warn(); return 1 }
    export const shout = () => { for (let i = 0; i < 1000; i++) log('x'.repeat(1e4)) }
    export const whisper = () => { for (let i = 0; i < 1000; i++) log(i) }
    export const lament = () => { log('before'); throw new Error('after') }
  `
  let machine: Machine
  before(() => {
    machine = machineOf(engine, CONTEXT)
  })

  it('tells caller, owner and service', () => {
    assert.equal(query(machine, 'who'), '["user:caller","user:owner","service:id"]')
    const odd = { caller: '"\\\u0000é', owner: '', service: '\u{1F600}' }
    assert.equal(end(machine.query(request('who', [], { context: odd }))), JSON.stringify(Object.values(odd)))
  })

  it('has the time of the call and no other, in UTC', () => {
    assert.equal(query(machine, 'when'), `[${TIME},${TIME},"2024-01-01T00:00:00.000Z",0]`)
  })

  it('draws random numbers from the seed, the same for the same', () => {
    const draw = (seed: Uint8Array) => end(machine.query(request('random', [3], { context: { seed } })))
    const zero = draw(new Uint8Array(32))
    assert.equal(draw(new Uint8Array(32)), zero)
    const others = Array.from({ length: 32 }, (_, i) => draw(new Uint8Array(32).fill(1, i, i + 1)))
    assert.equal(new Set([zero, ...others]).size, 33)
    const many: number[] = JSON.parse(end(machine.query(request('random', [1000]))))
    assert(many.every((x) => x >= 0 && x < 1))
    const mean = many.reduce((a, b) => a + b) / many.length
    assert(mean > 0.45 && mean < 0.55)
  })

  it('records what is logged, also by a call that failed', () => {
    assert.deepEqual(machine.query(request('talk')).logs, [
      'a 1 {"b":[{"/":{"bigint":"2"}}]} something that cannot be shown',
      'c',
      '',
    ])
    const failed = machine.query(request('lament'))
    assert.equal(failed.ok, false)
    assert.deepEqual(failed.logs, ['before'])
    assert.deepEqual(machine.query(request('who')).logs, [])
  })

  it('keeps a byte order mark wherever a contract writes one', () => {
    const machine = machineOf(
      engine,
      `import { emit } from 'amigos:events'
       import { get, put } from 'amigos:content'
       export const say = () => { console.log('\\ufeffa'); emit('\\ufeff', 1); return '\\ufeffa' }
       export const fail = () => { throw '\\ufeffa' }
       export const read = () => get('\\ufeff' + put(new Uint8Array(1)))`,
    )
    const said = machine.query(request('say'))
    assert(said.ok, message(said))
    assert.deepEqual([said.logs, said.events[0]!.name], [['\ufeffa'], '\ufeff'])
    assert.equal(message(machine.query(request('fail'))), '\ufeffa')
    assert.match(message(machine.query(request('read'))), /^TypeError: content is named by/)
  })

  it('bounds what is logged', () => {
    const { logs } = machine.query(request('shout'))
    assert(logs.every((line) => line.length === 1000))
    assert(logs.length >= 10 && logs.join('').length <= LOG_BYTES_MAX)
    assert.equal(machine.query(request('whisper')).logs.length, LOG_LINES_MAX)
  })
})

describe('vm/machine: limits', () => {
  it('charges the same gas for the same, exactly', () => {
    const [one, other] = [machineOf(engine, COUNTER), machineOf(engine, COUNTER)]
    const gas = (machine: Machine) => machine.query(request('increment')).gas
    assert.equal(gas(one), gas(one))
    assert.equal(gas(one), gas(other))
  })

  it('succeeds with the gas that it uses, and fails with less', () => {
    const machine = machineOf(engine, COUNTER)
    const { gas } = machine.query(request('increment'))
    const limited = (limit: bigint) => machine.query(request('increment', [], { limits: { gas: limit } }))
    assert.deepEqual([end(limited(gas)), limited(gas).gas], ['1', gas])
    for (const less of [gas - 1n, gas / 2n, 1n, 0n]) {
      assert.deepEqual([end(limited(less)), limited(less).gas], ['OUT_OF_GAS', less])
    }
    assert.equal(call(machine, 'increment'), '1')
  })

  it('bounds the result to the byte', () => {
    const machine = machineOf(engine, `export const text = n => 'x'.repeat(n)`)
    const limits = { resultBytes: 10 }
    assert.equal(end(machine.query(request('text', [8], { limits }))), '"xxxxxxxx"')
    assert.equal(end(machine.query(request('text', [9], { limits }))), 'RESULT_TOO_LARGE')
    assert.equal(end(machine.query(request('text', [90_000], { limits }))), 'RESULT_TOO_LARGE')
    assert.equal(end(machine.query(request('text', [0], { limits: { resultBytes: 0 } }))), 'RESULT_TOO_LARGE')
  })

  it('leaves out what could tell processors or hosts apart', () => {
    const machine = machineOf(
      engine,
      `export const types = () => ['performance', 'SharedArrayBuffer', 'Atomics', 'process', 'setTimeout', 'WebAssembly', 'fetch', 'navigator', 'Intl']
         .map(name => typeof globalThis[name])
       export const nan = () => [...new Uint8Array(new Float64Array([NaN, 0 / 0, -Math.sqrt(-1), Infinity - Infinity]).buffer)]`,
    )
    assert.deepEqual(new Set(JSON.parse(query(machine, 'types'))), new Set(['undefined']))
    const nan = [0, 0, 0, 0, 0, 0, 248, 127]
    assert.deepEqual(JSON.parse(query(machine, 'nan')), [...nan, ...nan, ...nan, ...nan])
  })
})
