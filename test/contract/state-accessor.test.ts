import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import { withStateAccessor } from '../../daemon/contract/state-accessor.ts'
import { parseModule } from '../../daemon/contract/syntax.ts'
import { end, loadTestEngine, machineOf, request } from '../vm/kit.ts'
import { failure, inFolder } from './folder.ts'

function lineOf(text: string, path = 'main.ts', main = 'main.ts'): string {
  const module = parseModule(path, text, [])
  assert(module)
  const whole = withStateAccessor(module, module.path === main ? '' : module.path)
  assert(whole.startsWith(text))
  return whole
    .slice(text.length)
    .trim()
    .replace("import { register as __amigos_register } from 'amigos:state'; __amigos_register", '')
}

const setters = (...names: string[]): string =>
  `{ ${names.map((name) => `${name}: (__amigos_register) => { ${name} = __amigos_register }`).join(', ')} }`

const CASES: [source: string, line: string][] = [
  ['let n = 0', `("", () => ({ n }), ${setters('n')}, {})`],
  ['const list: number[] = []', '("", () => ({ list }), {}, {})'],
  ['export var v', `("", () => ({ v }), ${setters('v')}, {})`],
  ['const { a, b: [c = 1, ...d], ...e } = f()', '("", () => ({ a, c, d, e }), {}, {})'],
  ['const [, x] = f(), y = g()', '("", () => ({ x, y }), {}, {})'],
  ['const f = () => 1, g = function () {}, h = (() => 1) as () => number', ''],
  ['let f = () => 1', `("", () => ({ f }), ${setters('f')}, {})`],
  ['class Post {}; export default class Board {}', '("", () => ({}), {}, { Post, Board })'],
  ['const Post = class { #a = 1; static #b = 2; #m() {} }', '("", () => ({}), {}, { Post }, { Post: ["#a"] })'],
  ['declare let n: number; declare const m: string; declare class C {}', ''],
  ['import { a } from "./a.ts"; function f() { let b }; { let c }; enum E { A }; type T = 1', ''],
  ['const __proto__ = []', `("", () => ({ ['__proto__']: __proto__ }), {}, {})`],
  [
    'if (1) { var a = 1; let b } else for (var c of []) { try { var d } catch (e) { var [f] = e } }',
    `("", () => ({ a, c, d, f }), ${setters('a', 'c', 'd', 'f')}, {})`,
  ],
  [
    'l: for (var i = (() => { var no })(); ;) { switch (i) { default: var s; function g() { var no } } }',
    `("", () => ({ i, s }), ${setters('i', 's')}, {})`,
  ],
  ['using u = f()', ''],
  ['let n = 1 // end', `("", () => ({ n }), ${setters('n')}, {})`],
]

describe('state accessor', () => {
  for (const [source, line] of CASES) it(source, () => assert.equal(lineOf(source), line))

  it('names a source that is not the entry by its path', () => {
    assert.equal(lineOf('const a = []', 'lib/a "b".ts'), '("lib/a \\"b\\".ts", () => ({ a }), {}, {})')
  })

  it('goes into the module, not into the sources, and moves no line of theirs', async () => {
    const files = {
      'main.ts': "import { m } from './m.ts'\nlet n = 0\nexport function f(): number { return n + m.length }",
      'm.ts': 'export const m = [1]',
    }
    const { module, sources } = await inFolder(files, build)
    const code = new TextDecoder().decode(module)
    assert.equal(code.match(/from "amigos:state"/g)?.length, 2)
    assert.match(code, /"m\.ts", \(\) => \(\{ m \}\)/)
    assert.equal(
      sources.some(({ content }) => Buffer.from(content).includes('__amigos_register')),
      false,
    )
  })

  it('survives the bundler: what the engine shows is what the sources call so', async () => {
    const files = {
      'main.ts': `import { Post, add, count } from './lib/a.ts'
import * as b from './lib/b.ts'
import data from './data.json'
/* a comment that ends the file is no trouble */
let n = data.length
export let exported = 1n
const [first, { deep: renamed = 'x', ...rest }] = [1, { other: 2 }] as [number, { deep?: string; other: number }]
var __proto__ = [1]
const __amigos = 'not ours'
let undefinedYet: number | undefined
enum Colour { Red }
function unused(): void {}
const alsoUnused = (): void => {}
export class Board { posts: Post[] = [] }
const board = new Board()
const mine = new b.Post(Colour.Red)
export function post(text: string): void { n++; board.posts.push(add(text)); if (n > 9) { var late = 'hoisted not' } }
export const counts = (): number[] => [n, count, b.count]
if (n > 0) { var hoisted = 'shown' }
// last line without an end`,
      'lib/a.ts': `import './b.ts'
export let count = 0
export class Post { text = ''; constructor(text: string) { this.text = text } }
export const add = (text: string): Post => { count++; return new Post(text) }`,
      'lib/b.ts': `import { count as other } from './a.ts'
export let count = 10
export class Post { colour: number; constructor(colour: number) { this.colour = colour } }
export const before = (): number => other`,
      'data.json': '["a"]',
    }
    const { module } = await inFolder(files, build)
    const machine = machineOf(await loadTestEngine(), new TextDecoder().decode(module))
    assert.equal(end(machine.call(request('post', ['hello'])).outcome), 'null')
    assert.deepEqual(JSON.parse(end(machine.state(request('', [])))), {
      'lib/a.ts': { count: 1 },
      'lib/b.ts': { count: 10 },
      n: 2,
      exported: { '/': { bigint: '1' } },
      first: 1,
      renamed: 'x',
      rest: { other: 2 },
      ['__proto__']: [1],
      __amigos: 'not ours',
      undefinedYet: { '/': { undefined: true } },
      board: { '/': { class: ['Board', { posts: [{ '/': { class: ['Post', { text: 'hello' }] } }] }] } },
      mine: { '/': { class: ['Post', { colour: 0 }] } },
      hoisted: 'shown',
    })
  })

  it('comes before anybody calls, whatever is imported when', async () => {
    const files = {
      'main.ts': `let n = 0
export async function f(): Promise<number> {
  const [lib, data] = await Promise.all([import('./lib.js'), import('./data.json')])
  return (n += lib.add() + data.default)
}`,
      'lib.js': "let m = 1\nexport const add = () => ++m\nexport const main = () => import('./main.ts')",
      'data.json': '40',
    }
    const { module } = await inFolder(files, build)
    const machine = machineOf(await loadTestEngine(), new TextDecoder().decode(module))
    assert.deepEqual(JSON.parse(end(machine.state(request('', [])))), { 'lib.js': { m: 1 }, n: 0 })
    assert.equal(end(machine.call(request('f')).outcome), '42')
    assert.deepEqual(JSON.parse(end(machine.state(request('', [])))), { 'lib.js': { m: 2 }, n: 42 })
  })

  it('is for the compiler alone', async () => {
    for (const main of [
      "import 'amigos:state'",
      "import('amigos:state')",
      "export * from 'amigos:state'",
      'let __amigos_register = 1',
      'const g = () => __amigos_registe\\u0072',
    ]) {
      const error = await inFolder({ 'main.ts': `\n${main}\nexport function f(): void {}` }, (dir) =>
        failure('BUILD_FAILED', () => build(dir)),
      )
      assert.equal(error.problems[0]?.line, 2)
    }
  })
})
