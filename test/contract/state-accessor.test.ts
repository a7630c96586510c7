import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import { withStateAccessor } from '../../daemon/contract/state-accessor.ts'
import { parseModule } from '../../daemon/contract/syntax.ts'
import { failure, inFolder } from './folder.ts'

function lineOf(text: string, path = 'main.ts', main = 'main.ts'): string {
  const module = parseModule(path, text, [])
  assert(module)
  const whole = withStateAccessor(module, main)
  assert(whole.startsWith(text))
  return whole
    .slice(text.length)
    .trim()
    .replace("import { register as __amigos_register } from 'amigos:state'; __amigos_register", '')
}

const CASES: [source: string, line: string][] = [
  [
    'let n = 0',
    "('', () => ({ n }), { n: (__amigos_register) => { n = __amigos_register } }, {})".replaceAll("'", '"'),
  ],
  ['const list: number[] = []', '("", () => ({ list }), {}, {})'],
  ['export var v', '("", () => ({ v }), { v: (__amigos_register) => { v = __amigos_register } }, {})'],
  ['const { a, b: [c = 1, ...d], ...e } = f()', '("", () => ({ a, c, d, e }), {}, {})'],
  ['const [, x] = f(), y = g()', '("", () => ({ x, y }), {}, {})'],
  ['const f = () => 1, g = function () {}, h = (() => 1) as () => number', ''],
  ['let f = () => 1', '("", () => ({ f }), { f: (__amigos_register) => { f = __amigos_register } }, {})'],
  ['class Post {}; export default class Board {}', '("", () => ({}), {}, { Post, Board })'],
  ['const Post = class { #a = 1; static #b = 2; #m() {} }', '("", () => ({}), {}, { Post }, { Post: ["#a"] })'],
  ['declare let n: number; declare const m: string; declare class C {}', ''],
  ['import { a } from "./a.ts"; function f() { let b }; { let c }; enum E { A }; type T = 1', ''],
  ['const __proto__ = []', `("", () => ({ ['__proto__']: __proto__ }), {}, {})`],
  ['let n = 1 // end', '("", () => ({ n }), { n: (__amigos_register) => { n = __amigos_register } }, {})'],
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

  it('is for the compiler alone', async () => {
    for (const main of [
      "import 'amigos:state'",
      "import('amigos:state')",
      "export * from 'amigos:state'",
      'let __amigos_register = 1',
    ]) {
      const error = await inFolder({ 'main.ts': `\n${main}\nexport function f(): void {}` }, (dir) =>
        failure('BUILD_FAILED', () => build(dir)),
      )
      assert.equal(error.problems[0]?.line, 2)
    }
  })
})
