import assert from 'node:assert/strict'
import { contentCid } from '../../daemon/vm/machine/content-cid.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { bytes, end, hex, loadTestEngine, machineOf, message, type RequestOptions, request, testVm } from './kit.ts'
import { registered } from './registered.ts'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const open = (source: string, names: string, classes = '', more = ''): Machine =>
  machineOf(engine, registered(source, names, classes, more))

/** The state at a path; nothing of the machine is changed by it. */
function stateOf(machine: Machine, path: unknown[] | string = [], options: RequestOptions = {}): string {
  const root = hex(machine.root())
  const outcome = machine.state(request('', path, options))
  assert.equal(hex(machine.root()), root)
  return end(outcome)
}

const shown = (expression: string, before = ''): string => stateOf(open(`${before};let v = ${expression}`, 'v'), ['v'])

describe('vm/state: what is shown', () => {
  const VALUES: Record<string, string> = {
    '[1, -0, NaN, "é", true, null, undefined, 10n ** 20n]':
      '[1,{"/":{"number":"-0"}},{"/":{"number":"NaN"}},"é",true,null,{"/":{"undefined":true}},{"/":{"bigint":"100000000000000000000"}}]',
    '[, 1]': '[{"/":{"undefined":true}},1]',
    '({ a: undefined, b: [] , c: {} })': '{"a":{"/":{"undefined":true}},"b":[],"c":{}}',
    '({ "/": 1, b: 2 })': '{"/":{"object":[["/",1],["b",2]]}}',
    'JSON.parse(\'{"__proto__":1}\')': '{"__proto__":1}',
    'new Map([["a", 1], [{ b: 2 }, new Set([3])]])': '{"/":{"map":[["a",1],[{"b":2},{"/":{"set":[3]}}]]}}',
    '[new Map(), new Set()]': '[{"/":{"map":[]}},{"/":{"set":[]}}]',
    'new Date(0)': '{"/":{"date":"1970-01-01T00:00:00.000Z"}}',
    'new Date(NaN)': '{"/":{"opaque":"invalid date"}}',
    'Uint8Array.of(1, 2)': '{"/":{"bytes":"AQI"}}',
    'Uint16Array.of(1)': '{"/":{"class":["Uint16Array",{"/":{"bytes":"AQA"}}]}}',
    'new ArrayBuffer(1)': '{"/":{"class":["ArrayBuffer",{"/":{"bytes":"AA"}}]}}',
    'new DataView(new ArrayBuffer(2), 1)': '{"/":{"class":["DataView",{"/":{"bytes":"AA"}}]}}',
    '/a"/gi': '{"/":{"class":["RegExp",{"source":"a\\"","flags":"gi","lastIndex":0}]}}',
    'new TypeError("no")': '{"/":{"class":["TypeError",{"message":"no"}]}}',
    'function f() {}': '{"/":{"function":"f"}}',
    '[() => 1, class A {}]': '[{"/":{"function":""}},{"/":{"function":"A"}}]',
    'new (class Post { constructor() { this.t = 1 } })()': '{"/":{"class":["Post",{"t":1}]}}',
    'new (class Bag extends Map { })([[1, 2]])': '{"/":{"class":["Bag",{"/":{"map":[[1,2]]}}]}}',
    'Object.assign(new Map([[1, 2]]), { x: 1 })': '{"/":{"class":["Map",{"/":{"map":[[1,2]]}},{"x":1}]}}',
    'new (class List extends Array { })(1, 2)': '{"/":{"class":["List",[1,2]]}}',
    'Object.create(null)': '{}',
    '({ get a() { throw 1 } })': '{"a":{"/":{"opaque":"getter"}}}',
    'Object.defineProperty([1], 0, { get() { throw 1 } })': '[{"/":{"opaque":"getter"}}]',
    'new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 1 } })': '{"/":{"opaque":"Proxy"}}',
    'new Proxy(() => 1, { get() { throw 1 } })': '{"/":{"opaque":"Proxy"}}',
    'new (class A extends Object { })()': '{"/":{"class":["A",{}]}}',
    'Object.create(new Proxy({}, { get() { throw 1 }, getOwnPropertyDescriptor() { throw 1 } }))':
      '{"/":{"class":["",{}]}}',
    'Symbol("s")': '{"/":{"opaque":"Symbol"}}',
    '[new WeakMap(), new WeakSet(), new WeakRef({}), Promise.resolve()]':
      '[{"/":{"opaque":"WeakMap"}},{"/":{"opaque":"WeakSet"}},{"/":{"opaque":"WeakRef"}},{"/":{"opaque":"Promise"}}]',
    '(function* () {})()': '{"/":{"opaque":"Generator"}}',
    'new Map().entries()': '{"/":{"opaque":"Map Iterator"}}',
    '[new Number(1), Object("a")]': '[{"/":{"opaque":"Number"}},{"/":{"opaque":"String"}}]',
    '10n ** 10001n': '{"/":{"opaque":"large bigint"}}',
    '({ toJSON() { throw 1 } })': '{"toJSON":{"/":{"function":"toJSON"}}}',
  }
  for (const [expression, expected] of Object.entries(VALUES))
    it(expression, () => assert.equal(shown(expression), expected))

  it('an object that occurs again is named by where it was first', () => {
    const machine = open('const p = { a: [] }; p.me = p; let q = [p, p.a, new Map([[p, p.a]])]; q["~/"] = 1', 'p, q')
    assert.equal(
      stateOf(machine),
      '{"p":{"a":[],"me":{"/":{"ref":"/p"}}},"q":[{"/":{"ref":"/p"}},{"/":{"ref":"/p/a"}},{"/":{"map":[[{"/":{"ref":"/p"}},{"/":{"ref":"/p/a"}}]]}}]}',
    )
    assert.equal(
      shown('(() => { const o = {}; return [{ "/": o, "~/": o }, { "~/": [o] }, new Map([[o, new Set([o])]])] })()'),
      '[{"/":{"object":[["/",{}],["~/",{"/":{"ref":"/0/~1/object/0/1"}}]]}},{"~/":[{"/":{"ref":"/0/~1/object/0/1"}}]},{"/":{"map":[[{"/":{"ref":"/0/~1/object/0/1"}},{"/":{"set":[{"/":{"ref":"/0/~1/object/0/1"}}]}}]]}}]',
    )
  })

  it('classes go by the names that they are registered under, private fields by theirs alone', () => {
    const source = 'const B = class A { #x = 1; y = 2 }; class C extends B { #z = 3 }; let v = [new B(), new C()]'
    assert.equal(
      stateOf(open(source, 'v', 'B, C', `, { B: ['#x'], C: ['#z'] }`)),
      '{"v":[{"/":{"class":["B",{"y":2,"#x":{"/":{"opaque":"private"}}}]}},{"/":{"class":["C",{"y":2,"#z":{"/":{"opaque":"private"}},"#x":{"/":{"opaque":"private"}}}]}}]}',
    )
  })

  it('what nests deeper than 512 levels, to that level', () => {
    for (const step of [
      '[a]',
      '({ a })',
      'new Map([[1, a]])',
      'new Set([a])',
      'new (class N { a = a })()',
      'new (class M extends Map {})([[1, a]])',
    ]) {
      const text = stateOf(open(`let a = 1; for (let i = 0; i < 3000; i++) a = ${step}`, 'a'), ['a'], {})
      const json = JSON.stringify(JSON.parse(text))
      assert.equal(json.split('"too deep"').length >= 2, true)
      const round = machineOf(engine, 'export const migrate = old => {}', { ...request('migrate', text) })
      assert(round)
    }
  })

  it('nothing, when nothing is registered', () => {
    assert.equal(stateOf(machineOf(engine, 'let n = 1')), '{}')
  })
})

describe('vm/state: paths', () => {
  let machine: Machine
  before(() => {
    machine = open(
      `class P { t = [{ u: 1 }] }
       let o = { list: [10, 20], m: new Map([['k', new P()], [5, 'five'], [7n, 'seven']]), s: new Set(['a', 'b']), get g() { throw 1 } }`,
      'o',
      'P',
    )
  })
  const PATHS: [unknown[] | string, string][] = [
    [['o', 'list', 1], '20'],
    [['o', 'list', '1'], '20'],
    [['o', 'm', 'k', 't', 0], '{"u":1}'],
    [['o', 'm', '5'], '"five"'],
    [['o', 'm', 7n], '"seven"'],
    [['o', 's', 1], '"b"'],
    [['o', 'g'], '{"/":{"opaque":"getter"}}'],
    [['o', 'g', 'x'], 'NO_SUCH_STATE'],
    [['x'], 'NO_SUCH_STATE'],
    [['o', 'list', 2], 'NO_SUCH_STATE'],
    [['o', 'list', 'length'], 'NO_SUCH_STATE'],
    [['o', '__proto__'], 'NO_SUCH_STATE'],
    [['o', 'list', 1, 'x'], 'NO_SUCH_STATE'],
    [['o', {}], 'NO_SUCH_STATE'],
    ['{}', 'ARGUMENTS_NOT_VALUES'],
    ['[', 'ARGUMENTS_NOT_VALUES'],
  ]
  for (const [path, expected] of PATHS)
    it(typeof path === 'string' ? path : path.map(String).join(' / '), () =>
      assert.equal(stateOf(machine, path), expected),
    )
})

describe('vm/state: what a contract can do about it', () => {
  it('state() says what it is', () => {
    const machine = machineOf(engine, registered('let n = 1; export const state = () => ({ n, f() {} })', 'n'))
    assert.equal(stateOf(machine), '{"n":1,"f":{"/":{"function":"f"}}}')
    assert.equal(stateOf(machine, ['n']), '1')
    const late = machineOf(engine, 'export async function state() { await null; return new Map([["a", () => 1]]) }')
    assert.equal(stateOf(late, ['a']), '{"/":{"function":""}}')
    assert.equal(stateOf(machineOf(engine, 'export const state = () => { throw 1 }')), 'CONTRACT_THREW')
    assert.equal(stateOf(machineOf(engine, 'export const state = () => new Promise(() => {})')), 'NEVER_SETTLED')
  })

  it('is put back whatever it did, and does not disturb calls', () => {
    const machine = machineOf(
      engine,
      registered('let n = 1; export const state = () => ++n; export const f = () => n', 'n'),
    )
    assert.deepEqual([stateOf(machine), stateOf(machine)], ['2', '2'])
    assert.equal(end(machine.call(request('f')).outcome), '1')
  })

  it('too much of it is refused, and a path narrows it', () => {
    const machine = open(
      'let big = "x".repeat(1e6), list = Array.from({ length: 1e5 }, () => 1), sparse = []; sparse[4e9] = 1; let bytes = new Uint8Array(1e6), n = 1',
      'big, list, sparse, bytes, n',
    )
    for (const path of [[], ['big'], ['list'], ['sparse'], ['bytes']])
      assert.equal(stateOf(machine, path), 'RESULT_TOO_LARGE')
    assert.equal(stateOf(machine, ['n']), '1')
    assert.equal(stateOf(machine, ['n'], { limits: { gas: 10_000n } }), 'OUT_OF_GAS')
  })

  it('does not ask replaced built-ins', () => {
    const expression = '[1, { a: new Map([[1, new Set([new Date(0)])]]) }, /x/g, new Error("e"), Uint8Array.of(1)]'
    const source = `let v = ${expression}; const { ownKeys } = Reflect, { defineProperty } = Object, { values } = Object
      const types = [Object, Map, Set, Date, RegExp, Uint8Array, String, Function, Promise, Reflect, JSON, ArrayBuffer, BigInt, WeakMap, Array]
      const targets = types.flatMap(type => type.prototype ? [type, type.prototype] : [type])
      const lists = targets.map(target => ownKeys(target).filter(key => key !== 'prototype' && key !== 'constructor'))
      const get = () => { throw 'asked' }, trap = { get, set: get, configurable: true, __proto__: null }
      for (let i = 0; i < targets.length; i++) for (let j = 0; j < lists[i].length; j++) try { defineProperty(targets[i], lists[i][j], trap) } catch {}`
    const machine = machineOf(engine, registered(source, 'v'))
    assert.equal(stateOf(machine, ['v']), shown(expression))
  })

  it('cannot register later', () => {
    const machine = machineOf(
      engine,
      `import { register } from 'amigos:state'; export const f = () => register('', () => ({}), {}, {})`,
    )
    const outcome = machine.query(request('f'))
    assert.equal(message(outcome), 'TypeError: nothing can be registered now')
  })
})

describe('vm/state: through a worker', () => {
  it('state, events and content come out, and a state goes into the next contract', async () => {
    const { vm, crashes } = await testVm({ workers: 1 })
    const source = registered(
      `import { emit } from 'amigos:events'; import { get, put } from 'amigos:content'
       let n = 0; export const add = cid => { n += get(cid).length; emit('added', n); return put(Uint8Array.of(n)) }`,
      'n',
    )
    try {
      await vm.genesis('a', bytes(source), request('init'))
      const cid = contentCid(bytes('four'))
      const missing = (await vm.call('a', request('add', [cid]))).outcome
      assert.equal(missing.ok ? '' : missing.error.needs, cid)
      const content = new Map([[cid, bytes('four')]])
      const { outcome } = await vm.call('a', { ...request('add', [cid]), content })
      assert(outcome.ok)
      assert.deepEqual(outcome.events, [{ name: 'added', value: bytes('4') }])
      assert.deepEqual(outcome.reads, [cid])
      assert.deepEqual(outcome.writes, [{ cid: contentCid(Uint8Array.of(4)), bytes: Uint8Array.of(4) }])
      const state = end(await vm.state('a', request('', [])))
      assert.equal(state, '{"n":4}')
      const next = await vm.genesis('b', bytes(source), request('migrate', state))
      assert.equal(end(next.outcome), '{"migrated":false,"dropped":[],"kept":["/n"]}')
      assert.equal(end(await vm.state('b', request('', ['n']))), '4')
      assert.deepEqual(crashes, [])
    } finally {
      await vm.stop()
    }
  })

  it('goes on from an image as before', () => {
    const warm = open('class P { a = [this] }; let n = new P()', 'n', 'P')
    const cold = Machine.open(engine, { image: warm.image(), root: warm.root() }, { audit: true })
    assert.equal(stateOf(cold), stateOf(warm))
    assert.equal(warm.state(request('', [])).gas, cold.state(request('', [])).gas)
  })
})
