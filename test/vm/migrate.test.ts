import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Outcome } from '../../daemon/vm/types.ts'
import { inFolder } from '../contract/folder.ts'
import { bytes, end, loadTestEngine, machineOf, message, request } from './kit.ts'
import { registered } from './registered.ts'

let engine: Engine
before(async () => {
  engine = await loadTestEngine()
})

const migrate = (source: string, old: string): { outcome: Outcome; machine?: Machine } =>
  Machine.genesis(engine, bytes(source), request('migrate', old), { audit: true })

const stateOf = (machine: Machine): string => end(machine.state(request('', [])))

const CLASS = 'class Post { constructor() { throw 1 } text() { return this.t } }\n'
const READ = '\nexport const read = () => '

describe('vm/migrate: by name', () => {
  const again = (source: string, names: string, classes = '', constants = ''): void => {
    const contract = registered(source, names, classes, '', constants)
    const text = stateOf(machineOf(engine, contract))
    const { outcome, machine } = migrate(contract, text)
    assert.equal(message(outcome), '')
    assert.equal(stateOf(machine!), text)
    assert.equal(machine!.query(request('init')).ok, false)
  }

  it('brings back every kind of value, shared references and cycles', () => {
    again(
      'let n = 5, s = "x", u, z = -0, b = 7n, d = new Date(9), y = Uint8Array.of(1), l = [1, [2]]',
      'n, s, u, z, b, d, y, l',
    )
    again(
      'let m = new Map([[{ a: 1 }, new Set([1, "2"])]]), f = Float64Array.of(0.5), r = /x/g, e = new RangeError("no")',
      'm, f, r, e',
    )
    again(
      'let a = { list: [] }, b = new Map(); a.list.push(a, b); b.set(a, b); b.set(b, a); const c = new Set([b, a])',
      'a, b, c',
      '',
      'c',
    )
    again(
      'const q = JSON.parse(\'{"__proto__":{"x":1},"/":2,"toJSON":3}\'); let w = { "/": [q], "~": q }',
      'q, w',
      '',
      'q',
    )
    again('class P { x = [this] }; class Q extends P { y = 1 }; let p = new Q(), o = [p, new P()]', 'p, o', 'P, Q')
    again(
      'class Bag extends Map { }; class L extends Array { }; let g = new Bag([[1, 2]]), l = new L(1, 2); g.x = l',
      'g, l',
      'Bag, L',
    )
    again('class Bag extends Map { }; const g = new Bag([[1, 2]]); g.x = 5', 'g', 'Bag', 'g')
    again('const d = new Date(5), y = Uint8Array.of(1, 2)', 'd, y', '', 'd, y')
    again('const d = new Date(5), y = Uint8Array.of(1, 2); d.x = 1; y.name = "n"', 'd, y', '', 'd, y')
    again('class Bad extends Error { code = 5 }; let e = new Bad("m")', 'e', 'Bad')
  })

  it('leaves constants as they are that have not changed: tables of functions, frozen ones, and what is in them', () => {
    const source = (names: string) =>
      registered(
        `const table = { add: n => n + 1, more: [() => 2] }
         const fixed = Object.freeze({ max: 5, names: Object.freeze(['a']) })
         let pick = [table.more, fixed.names]
         export const read = () => [pick[0] === table.more, pick[1] === fixed.names, table.add(1), fixed.max]`,
        names,
        '',
        '',
        'table, fixed',
      )
    const contract = source('table, fixed, pick')
    const { outcome, machine } = migrate(contract, stateOf(machineOf(engine, contract)))
    assert.equal(message(outcome), '')
    assert.equal(end(outcome), '{"migrated":false,"dropped":[],"kept":["/table","/fixed","/pick"]}')
    assert.equal(end(machine!.query(request('read'))), '[true,true,2,5]')
  })

  it('fills constants in place, whoever else holds them', () => {
    const contract = registered(
      `const list = [1, 2, 3], map = new Map([['old', 1]]), set = new Set([9]), o = { gone: 1 }, held = [list, map, set, o], LIMIT = 8
       export const read = () => [held[0] === list, list, map, set, o, LIMIT]; export const init = () => { throw 1 }`,
      'list, map, set, o, LIMIT',
      '',
      '',
      'list, map, set, o, LIMIT',
    )
    const old =
      '{"list":[5],"map":{"/":{"map":[["k",{"/":{"ref":"/o"}}]]}},"set":{"/":{"set":[1]}},"o":{"n":1},"LIMIT":7}'
    const { outcome, machine } = migrate(contract, old)
    assert.equal(end(outcome), '{"migrated":false,"dropped":[],"kept":["/list","/map","/set","/o"]}')
    assert.equal(
      end(machine!.query(request('read'))),
      '[true,[5],{"/":{"map":[["k",{"n":1}]]}},{"/":{"set":[1]}},{"n":1},8]',
    )
  })

  const KINDS =
    `Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array
    Float64Array BigInt64Array BigUint64Array ArrayBuffer DataView`.split(/\s+/)
  for (const kind of KINDS)
    it(`brings back ${kind}, in variables and in place in constants`, () => {
      const fresh = kind === 'DataView' ? 'new DataView(new ArrayBuffer(20), 4, 8)' : `new ${kind}(8)`
      const source = (first: string) =>
        registered(
          `const c = ${fresh}, held = c; let v = ${fresh}, none = new ${kind === 'DataView' ? 'DataView(new ArrayBuffer(0))' : `${kind}(0)`}, same = c
           const inside = { c: [${fresh}] }
           const bytesOf = x => x instanceof ArrayBuffer ? new Uint8Array(x) : new Uint8Array(x.buffer, x.byteOffset, x.byteLength)
           for (const x of ${first}) bytesOf(x).forEach((_, i, all) => { all[i] = 1 + i })
           export const read = () => [held === c, same === c, v instanceof ${kind}, inside.c[0] instanceof ${kind}, bytesOf(v).length, bytesOf(held)[7]]`,
          'c, v, none, same, inside',
          '',
          '',
          'c, inside',
        )
      const text = stateOf(machineOf(engine, source('[c, v, inside.c[0]]')))
      const { outcome, machine } = migrate(source('[]'), text)
      assert.equal(
        end(outcome),
        '{"migrated":false,"dropped":[],"kept":["/c","/v","/none","/same","/inside"]}',
        message(outcome),
      )
      assert.equal(stateOf(machine!), text)
      const length = Number(/\d+/.exec(kind)?.[0] ?? 8)
      assert.equal(
        end(machine!.query(request('read'))),
        `[true,true,true,true,${kind.endsWith('Array') ? length : 8},8]`,
      )
    })

  it('says what something was and is, and how long', () => {
    const why = (source: string, old: string): string => {
      const { outcome } = migrate(registered(source, 'v', 'Mine', '', 'v'), old)
      assert.equal(end(outcome), 'MIGRATION_NEEDED')
      return message(outcome)
    }
    const text = '{"v":{"/":{"class":["Float64Array",{"/":{"bytes":"AAAAAAAAAAA"}}]}}}'
    const mine = 'class Mine extends Float64Array { }\n'
    assert.match(why(`${mine}const v = new Map()`, text), /was a Float64Array and is a Map in the new/)
    assert.match(
      why(`${mine}const v = new Float32Array(2)`, text),
      /was a Float64Array and is a Float32Array in the new/,
    )
    assert.match(why(`${mine}const v = new Float64Array(2)`, text), /was 8 bytes long and has 16 in the new/)
    assert.match(why(`${mine}const v = new Uint8Array(8)`, text), /was a Float64Array and is a Uint8Array in the new/)
    assert.match(
      why(`${mine}const v = new Float64Array(1)`, '{"v":1}'),
      /was a number and is a Float64Array in the new/,
    )
  })

  it('gives instances the class of the same name, without its constructor', () => {
    const source = registered(
      `${CLASS}let posts = []${READ}posts[0].text() + (posts[0] instanceof Post)`,
      'posts',
      'Post',
    )
    const { machine } = migrate(source, '{"posts":[{"/":{"class":["Post",{"t":"hi"}]}}]}')
    assert.equal(end(machine!.query(request('read'))), '"hitrue"')
  })

  it('says what had no place', () => {
    const { outcome } = migrate(
      registered('let a = 1, fresh = 2', 'a, fresh'),
      '{"a":2,"b":{"/":{"opaque":"WeakMap"}},"lib/x.ts":{"y":1}}',
    )
    assert.equal(end(outcome), '{"migrated":false,"dropped":["/b","/lib~1x.ts/y"],"kept":["/a"]}')
  })

  it('takes variables of other sources by their path', () => {
    const source = `let n = 0; import { register as r } from 'amigos:state'; r('lib/x.ts', () => ({ n }), { n: v => { n = v } }, {})${READ}n`
    const { outcome, machine } = migrate(source, '{"lib/x.ts":{"n":4}}')
    assert.equal(end(outcome), '{"migrated":false,"dropped":[],"kept":["/lib~1x.ts/n"]}')
    assert.equal(end(machine!.query(request('read'))), '4')
  })

  const NEEDED: [string, string, string, string][] = [
    ['a function', 'let v', '{"v":{"a~":[{"/":{"function":"f"}}]}}', '/v/a~0/0'],
    ['what cannot be shown', 'let v', '{"v":{"/":{"map":[[1,{"/":{"opaque":"WeakMap"}}]]}}}', '/v/~1/map/0/1'],
    [
      'a private field',
      'let v',
      '{"v":{"/":{"class":["Post",{"#x":{"/":{"opaque":"private"}}}]}}}',
      '/v/~1/class/1/#x',
    ],
    ['an unknown class', 'let v', '{"v":[{"/":{"class":["Nope",{}]}}]}', '/v/0'],
    ['a class with private members', 'let v', '{"v":{"/":{"class":["Secret",{}]}}}', '/v'],
    ['another kind of constant', 'const v = []', '{"v":{"a":1}}', '/v'],
    ['a primitive for a container', 'const v = []', '{"v":1}', '/v'],
    ['a frozen constant', 'const v = Object.freeze([1])', '{"v":[]}', '/v'],
    ['a frozen object', 'const v = Object.freeze({ n: 1 })', '{"v":{"n":2}}', '/v'],
    ['a table with other data', 'const v = { n: 1, f() {} }', '{"v":{"n":2,"f":{"/":{"function":"f"}}}}', '/v/f'],
    ['a table without that function', 'const v = { n: 1 }', '{"v":{"n":1,"f":{"/":{"function":"f"}}}}', '/v/f'],
    ['another length', 'const v = new Uint8Array(2)', '{"v":{"/":{"bytes":"AA"}}}', '/v'],
    ['another class of constant', 'const v = new Map()', '{"v":{"/":{"class":["Bag",{"/":{"map":[]}}]}}}', '/v'],
    ['a variable that is a function', 'let v = () => 1', '{"v":{"/":{"function":"v"}}}', '/v'],
    ['something lost behind a reference', 'let v', '{"x":[{"/":{"function":"f"}}],"v":{"/":{"ref":"/x"}}}', '/x/0'],
  ]
  for (const [what, source, old, path] of NEEDED)
    it(`cannot carry over ${what}`, () => {
      const constants = source.startsWith('const') ? 'v' : ''
      const contract = registered(
        `${CLASS}class Secret { #a = 1 }\n${source}`,
        'v',
        'Post, Secret',
        ", { Secret: ['#a'] }",
        constants,
      )
      const { outcome, machine } = migrate(contract, old)
      assert.equal(end(outcome), 'MIGRATION_NEEDED', message(outcome))
      assert.equal(machine, undefined)
      assert(message(outcome).includes(` ${path} `), message(outcome))
    })

  it('keeps a constant that is code', () => {
    const { outcome } = migrate(registered('const f = (0, () => 1)', 'f', '', '', 'f'), '{"f":{"/":{"function":""}}}')
    assert.equal(end(outcome), '{"migrated":false,"dropped":[],"kept":[]}')
  })
})

const MALFORMED = [
  '{',
  '',
  '{"v":1e400}',
  '{"v":{"/":{"x":1}}}',
  '{"v":{"/":1}}',
  '{"v":{"/":{"map":[]},"a":1}}',
  '{"v":{"/":{"map":[1]}}}',
  '{"v":{"/":{"map":{}}}}',
  '{"v":{"/":{"class":["A"]}}}',
  '{"v":{"/":{"class":[1,{}]}}}',
  '{"v":{"/":{"class":["A",1]}}}',
  '{"v":{"/":{"class":["RegExp",{"source":"(","flags":"","lastIndex":0}]}}}',
  '{"v":{"/":{"class":["Float64Array",{"/":{"bytes":"AA"}}]}}}',
  '{"v":{"/":{"ref":"/nope"}}}',
  '{"v":{"/":{"ref":"v"}}}',
  '{"v":{"/":{"ref":"/v"}}}',
  '{"v":{"/":{"ref":"/v/~2"}}}',
  '{"v":{"/":{"ref":"/__proto__"}}}',
  '{"v":{"/":{"ref":1}}}',
  '{"v":{"/":{"bytes":"AA=="}}}',
  '{"v":{"/":{"bigint":"01"}}}',
  '{"v":{"/":{"date":"2023"}}}',
  '{"v":{"/":{"undefined":false}}}',
  '{"v":{"/":{"function":1}}}',
  '{"v":{"/":{"set":{}}}}',
  '{"v":{"/":{"object":[[1,2]]}}}',
  '{"a":1,"v":{"/":{"ref":"/a"}}}',
  '{"a":[1],"v":{"/":{"ref":"/a/length"}}}',
  '{"v":[{"/":{"ref":"/v/00"}}]}',
]

describe('vm/migrate: with migrate(old)', () => {
  const given = (expression: string, old: string): Outcome => {
    const { machine, outcome } = migrate(
      `let result; export const migrate = old => { result = ${expression} }${READ}result`,
      old,
    )
    return machine ? machine.query(request('read')) : outcome
  }

  it('gives values as such, instances as plain objects, what is lost as undefined', () => {
    const old =
      '{"m":{"/":{"map":[[1,{"/":{"set":[2]}}]]}},"d":{"/":{"date":"1970-01-01T00:00:00.000Z"}},"b":{"/":{"bigint":"7"}},"y":{"/":{"bytes":"AQ"}},"p":{"/":{"class":["Post",{"t":1}]}}}'
    assert.equal(end(given('old', old)), old.replace('{"/":{"class":["Post",{"t":1}]}}', '{"t":1}'))
    assert.equal(
      end(given('[old.m instanceof Map, old.d.getTime(), old.b + 1n, old.p.constructor === Object]', old)),
      '[true,0,{"/":{"bigint":"8"}},true]',
    )
    assert.equal(
      end(given('[old.f, old.o, "o" in old]', '{"f":{"/":{"function":"f"}},"o":{"/":{"opaque":"Proxy"}}}')),
      '[null,null,true]',
    )
    assert.equal(
      end(
        given(
          '[old.a.me === old.a, old.b === old.a.list]',
          '{"a":{"list":[],"me":{"/":{"ref":"/a"}}},"b":{"/":{"ref":"/a/list"}}}',
        ),
      ),
      '[true,true]',
    )
    assert.equal(end(given('old', '[1]')), '[1]')
    assert.equal(
      end(given('[Object.getPrototypeOf(old) === Object.prototype, Object.keys(old)]', '{"__proto__":{"x":1}}')),
      '[true,["__proto__"]]',
    )
  })

  it('waits for it, and says that it was there', () => {
    const { outcome } = migrate('export const migrate = async old => { await null; return () => 1 }', '{}')
    assert.equal(end(outcome), '{"migrated":true,"dropped":[],"kept":[]}')
    assert.equal(end(migrate('export const migrate = () => { throw new Error("no") }', '{}').outcome), 'CONTRACT_THREW')
    assert.equal(end(migrate('export const migrate = () => new Promise(() => {})', '{}').outcome), 'NEVER_SETTLED')
  })

  it('is called by nobody else', () => {
    const machine = machineOf(engine, 'export const migrate = () => 1')
    assert.equal(end(machine.call(request('migrate')).outcome), 'NO_SUCH_FUNCTION')
  })

  for (const text of MALFORMED)
    it(`refuses ${text}`, () => {
      assert.equal(end(given('1', text)), 'ARGUMENTS_NOT_VALUES')
      assert.equal(end(migrate(registered('let v', 'v'), text).outcome), 'ARGUMENTS_NOT_VALUES')
    })

  it('is not led astray by setters on prototypes', () => {
    const hostile = `for (const type of [Object, Array]) for (const key of ['0', 'a', 'value', 'next'])
      Object.defineProperty(type.prototype, key, { set() { throw 'set' }, get() { return undefined }, configurable: true, __proto__: null });`
    const { outcome, machine } = migrate(
      registered(`${hostile}let v = 1`, 'v'),
      '{"v":[{"a":1},[2],{"/":{"map":[[1,{"value":3}]]}}]}',
    )
    assert.equal(message(outcome), '')
    assert.equal(stateOf(machine!), '{"v":[{"a":1},[2],{"/":{"map":[[1,{"value":3}]]}}]}')
  })
})

describe('vm/migrate: as compiled', () => {
  const STORE = `export class Post { text: string; at = new Date(0); constructor(text: string) { this.text = text } }
    export const posts: Post[] = []; export let drafts = new Map<string, Post>()
    export function draft(text: string): void { drafts.set(text, new Post(text)) }`
  const MAIN = `import { posts, Post, draft, drafts } from './lib/store.ts'
    let count = 0n
    const { names, seen: [first] } = { names: new Set<string>(), seen: ['x'] }
    export function add(text: string): bigint { posts.push(new Post(text)); draft(text); drafts.set('same', posts[0]!); names.add(text); return ++count }
    export function look(): string { return [count, first, posts.map(p => p.constructor === Post && p.text), drafts.get('same') === posts[0], names.size].join() }`
  const modules = (main: string) =>
    inFolder({ 'main.ts': main, 'lib/store.ts': STORE }, async (dir) => (await build(dir)).module)

  it('the state of several sources goes over to the next version', async () => {
    const old = machineOf(engine, new TextDecoder().decode(await modules(MAIN)))
    old.call(request('add', ['a']))
    old.call(request('add', ['b']))
    const text = stateOf(old)
    const post = (t: string) =>
      `{"/":{"class":["Post",{"at":{"/":{"date":"1970-01-01T00:00:00.000Z"}},"text":"${t}"}]}}`
    assert.deepEqual(Object.keys(JSON.parse(text)).sort(), ['count', 'first', 'lib/store.ts', 'names'])
    assert.equal(end(old.state(request('', ['lib/store.ts', 'posts', 1, 'text']))), '"b"')
    assert.equal(end(old.state(request('', ['lib/store.ts', 'posts', 0]))).length, post('a').length)
    const next = new TextDecoder().decode(
      await modules(`${MAIN}\nlet added = 1\nexport function more(): number { return added }`),
    )
    const { outcome, machine } = migrate(next, text)
    assert.equal(message(outcome), '')
    assert.equal(end(machine!.query(request('look'))), end(old.query(request('look'))))
    assert.equal(end(machine!.query(request('look'))), '"2,x,a,b,true,2"')
    assert.equal(end(machine!.call(request('add', ['c'])).outcome), '{"/":{"bigint":"3"}}')
  })
})
