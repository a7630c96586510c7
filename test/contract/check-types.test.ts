import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import { checkTypes } from '../../daemon/contract/check-types.ts'
import { failure, inFolder } from './folder.ts'

const check = (main: string, others: Record<string, string> = {}) =>
  checkTypes('main.ts', new Map(Object.entries({ 'main.ts': main, ...others })))
const told = (main: string, others: Record<string, string> = {}): string[] =>
  check(main, others).problems.map(({ file, line, reason }) => `${file}:${line}: ${reason}`)

describe('the check of types', () => {
  it('names type errors with their place, in every file that is reached', () => {
    const lib = 'export function half(n: number): number {\n  return String(n)\n}'
    const found = told("import { half } from './lib.ts'\nexport function f(a: string): number { return half(a) }", {
      'lib.ts': lib,
    })
    assert.equal(found.length, 2)
    assert.match(found.join('\n'), /^lib\.ts:2: .*'string' is not assignable to type 'number' \(TS2322\)$/m)
    assert.match(found.join('\n'), /^main\.ts:2: /m)
  })

  it('wants the types of parameters in TypeScript, and none in JavaScript', () => {
    assert.match(told('export function f(a) { return 1 }').join(), /TS7006/)
    assert.deepEqual(
      told("import { f } from './a.js'\nexport const g = (): number => f(1)", {
        'a.js': 'export function f(a) { return a * "2" }',
      }),
      [],
    )
  })

  it('knows what a contract does not have, by name, in JavaScript too', () => {
    for (const name of ['fetch', 'process', 'setTimeout', 'performance', 'Buffer', 'document', 'crypto', 'require']) {
      for (const found of [
        told(`export const f = (): unknown => ${name}`),
        told("import { f } from './a.js'\nexport const g = (): unknown => f", {
          'a.js': `export const f = () => ${name}`,
        }),
      ])
        assert.match(found.join(), new RegExp(`there is no ${name}: `), name)
    }
  })

  it('refuses what the language has and a contract does not, unless it is the author’s own', () => {
    for (const name of ['Intl', 'SharedArrayBuffer', 'Atomics']) {
      assert.match(told(`export const f = (): unknown => ${name}`).join(), new RegExp(`there is no ${name}: `))
    }
    assert.deepEqual(
      told('const Intl = { x: 1 }\nexport const f = (): number => Intl.x + ({ Atomics: 2 }).Atomics'),
      [],
    )
  })

  it('knows the engine’s modules and console', () => {
    assert.deepEqual(
      told(
        "import { caller, log } from 'amigos:context'\nexport const f = (): string => { log(1); console.log(2); return caller() }",
      ),
      [],
    )
    assert.match(
      told("import { nobody } from 'amigos:context'\nexport const f = (): unknown => nobody").join(),
      /no exported member/,
    )
  })

  it('takes a reference to the declarations that an editor uses', () => {
    assert.deepEqual(told('/// <reference path="./amigos.d.ts" />\nexport const f = (): number => 1'), [])
  })

  it('reads no file but those it is given', () => {
    assert.match(told('/// <reference path="/etc/passwd" />\nexport const f = (): number => 1').join(), /passwd/)
    assert.match(
      told("import x from '../../package.json'\nexport const f = (): unknown => x").join(),
      /Cannot find module/,
    )
  })

  it('infers results', async () => {
    const source = 'const all: { who: string }[] = []\nexport async function f() { return { all, n: all.length } }'
    assert.equal(check(source).resultOf('f'), '{ all: { who: string; }[]; n: number; }')
    const {
      interface: [f],
      warnings,
    } = await inFolder({ 'main.ts': source }, build)
    assert.equal(f!.returns, '{ all: { who: string; }[]; n: number; }')
    assert.equal(f!.result.kind, 'object')
    assert.deepEqual(warnings, [])
  })

  it('warns of state that nobody can read, with what to do', () => {
    const hidden: Record<string, string> = {
      'a WeakMap': 'const a = new WeakMap<object, number>()',
      'a WeakSet in a map': 'const a = new Map<string, WeakSet<object>>()',
      'a promise': 'let a: Promise<number> | undefined',
      'a generator': 'const a = (function* () { yield 1 })()',
      'a symbol': "const a = { key: Symbol('x') }",
      'a private field': 'class C { #x = 1; get() { return this.#x } }\nconst a: C[] = []',
    }
    for (const [name, source] of Object.entries(hidden)) {
      const [found] = check(`${source}\nexport const f = (): unknown => a`).hidden
      assert.match(found ?? '', /^main\.ts:\d+: a holds /, name)
    }
    const plain =
      'class C { x = 1 }\nconst a = new Map<string, C[]>()\nconst b = new Date(), c = new Uint8Array(2), d = 1n'
    assert.deepEqual(check(`${plain}\nexport const f = (): unknown => [a, b, c, d]`).hidden, [])
    const own = 'const a = new WeakMap()\nexport const state = (): number => 1\nexport const migrate = (): void => {}'
    assert.deepEqual(check(`${own}\nexport const f = (): unknown => a`).hidden, [])
  })

  it('comes with everything else that is wrong, in one list', async () => {
    const source = "import 'amigos:nothing'\nexport function f(): number { return fetch('x') }"
    const yaml = 'name: sample\nversion: 0.1.0\nmain: main.ts\naccess: {functions: {g: owner}}\n'
    const { problems } = await inFolder({ 'main.ts': source, 'amigo.yaml': yaml }, (dir) =>
      failure('BUILD_FAILED', () => build(dir)),
    )
    assert.deepEqual(
      problems.map(({ file, line }) => `${file}:${line}`),
      ['main.ts:1', 'main.ts:2', 'amigo.yaml:0'],
    )
    assert(problems.every(({ reason, hint }) => reason !== '' && hint !== ''))
  })
})
