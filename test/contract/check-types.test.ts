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

  it('lets a contract ask whether there is something, in code that runs elsewhere, too', () => {
    const source =
      "export const f = (): boolean => typeof window === 'undefined' && typeof Intl === 'undefined' && typeof nothing !== 'string'"
    assert.deepEqual(told(source), [])
    assert.deepEqual(
      told("import { f } from './a.js'\nexport const g = (): unknown => f", {
        'a.js': "export const f = () => typeof process === 'undefined'",
      }),
      [],
    )
    assert.equal(
      told('export let t: ReturnType<typeof setTimeout> | undefined\nexport let u: typeof nothing').length,
      2,
    )
    assert.match(told('export const f = (): string => typeof fetch(1)').join(), /there is no fetch/)
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
    assert.equal(check(source).signatureOf('f')?.result.text, '{ all: { who: string; }[]; n: number; }')
    const {
      interface: [f],
      warnings,
    } = await inFolder({ 'main.ts': source }, build)
    assert.equal(f!.returns, '{ all: { who: string; }[]; n: number; }')
    assert.equal(f!.result.kind, 'object')
    assert.deepEqual(warnings, [])
  })

  it('infers parameters from their defaults, in TypeScript alone what is more than a literal', async () => {
    const source =
      "const u = 'x'\nexport const f = (a = -1, b = u, { c = 1 } = {}, d = new Date(), e = ['x'], g = {}) => [a, b, c, d, e, g]"
    const read = async (files: Record<string, string>, main = 'main.ts') => {
      const manifest = `name: sample\nversion: 0.1.0\nmain: ${main}\n`
      const { interface: all, warnings } = await inFolder({ ...files, 'amigo.yaml': manifest }, build)
      return {
        kinds: all[0]!.params.map(({ type }) => type.kind),
        texts: all[0]!.params.map(({ text }) => text),
        warnings,
      }
    }
    const typed = await read({ 'main.ts': source })
    assert.deepEqual(typed.kinds, ['number', 'string', 'object', 'date', 'array', 'any'])
    assert.equal(typed.texts.join(), 'number,string,{ c?: number | undefined; },Date,string[],{}')
    assert.deepEqual(typed.warnings, [])
    const plain = await read({ 'main.js': source.replace('-1', '1') }, 'main.js')
    assert.deepEqual(plain.kinds, ['number', 'any', 'any', 'any', 'any', 'any'])
    assert.match(plain.warnings.join(), /taken as any/)
  })

  it('warns of state that nobody can read, with what to do', () => {
    const hidden: Record<string, string> = {
      'a WeakMap': 'const a = new WeakMap<object, number>()',
      'a WeakSet in a map': 'const a = new Map<string, WeakSet<object>>()',
      'a promise': 'let a: Promise<number> | undefined',
      'a generator': 'const a = (function* () { yield 1 })()',
      'a symbol': "const a = { key: Symbol('x') }",
      'a function in a field': 'class C { now: () => number = Date.now }\nconst a = new C()',
      'a function that may be in a field, behind another class':
        'class C { constructor(private now?: () => number) {} get() { return this.now?.() } }\nclass D { c = new C() }\nconst a = new D()',
      'a private field': 'class C { #x = 1; get() { return this.#x } }\nconst a: C[] = []',
    }
    for (const [name, source] of Object.entries(hidden)) {
      const [found] = check(`${source}\nexport const f = (): unknown => a`).warnings
      assert.match(found ?? '', /^main\.ts:\d+: a holds /, name)
    }
    const plain =
      'class C { x = 1; m(now: () => number) { return now() } static f = () => 1; get g() { return () => this.x } }\nconst a = new Map<string, C[]>()\nconst b = new Date(), c = new Uint8Array(2), d = 1n'
    assert.deepEqual(check(`${plain}\nexport const f = (): unknown => [a, b, c, d]`).warnings, [])
    const own = 'const a = new WeakMap()\nexport const state = (): number => 1\nexport const migrate = (): void => {}'
    assert.deepEqual(check(`${own}\nexport const f = (): unknown => a`).warnings, [])
  })

  const warned = (main: string, others: Record<string, string> = {}): string[] => check(main, others).warnings

  it('finds hidden state behind inheritance, unions, imports and in destructured variables', () => {
    const sources = [
      'class A { #x = 1 }\nclass B extends A {}\nexport const a: B | undefined = undefined',
      'class A { #m() {} }\nexport const a = { list: [new A()] }',
      'export const { a } = { a: new WeakMap() }',
      'export const a: Record<string, Promise<void>> = {}',
      'class A { #x = 1 }\nclass B extends Map<string, A> {}\nexport const a = new B()',
      'class B extends WeakMap<object, number> { n = 1 }\nexport const a = new B()',
      'class A<T> extends Array<T> {}\nclass B extends A<Promise<void>> {}\nexport const a = new B()',
      'export const a = [1][Symbol.iterator]()',
      'export const a = { m: new Map<string, number>().entries() }',
      'export const a = { get now(): number { return 1 } }',
    ]
    for (const source of sources) assert.match(warned(source).join(), /^main\.ts:\d+: \S.* holds /, source)
    const lib = 'export class A { #x = 1 }'
    assert.equal(warned("import { A } from './a.ts'\nexport const a = new A()", { 'a.ts': lib }).length, 1)
    const endless = 'interface T<A> { a: A; next?: T<T<A>> }\nexport let t: T<number> | undefined'
    assert.deepEqual(warned(`${endless}\ndeclare const ghost: WeakMap<object, 1>`), [])
    const asked = 'class A extends Map<string, number> { get n(): number { return 1 } }\nexport const a = new A()'
    assert.deepEqual(warned(asked), [])
  })

  it('warns of functions that remember, where a module keeps them', () => {
    const remembering: Record<string, string> = {
      'an assignment': 'let a = () => 1\nexport function f(n: number): void { a = () => n }',
      'an assignment inside':
        'const a: Record<string, () => number> = {}\nexport function f(n: number): void { a[n] = () => n }',
      'a call': 'const a: (() => number)[] = []\nexport function f(n: number): void { a.push(() => n) }',
      'an object':
        'const a = new Map<string, { g: () => number }>()\nexport function f(n: number): void { a.set("", { g: () => n }) }',
      'a name':
        'const a: (() => number)[] = []\nexport function f(): void { let n = 0; function g(): number { return n++ }\n a.push(g) }',
      'a factory':
        'const make = () => { let n = 0; return () => n++ }\nconst a = make()\nexport function f(): number { return a() }',
      'an object of functions':
        'const make = () => { let n = 0; return { add: () => n++ } }\nconst a = make()\nexport function f(): number { return a.add() }',
    }
    for (const [name, source] of Object.entries(remembering)) {
      const found = warned(source)
      assert.equal(found.length, 1, `${name}: ${found.join()}`)
      assert.match(found[0]!, /^main\.ts:\d: a keeps /, name)
    }
    const harmless = [
      'let n = 0\nlet a = () => 1\nexport function f(): void { a = () => n }',
      'const a: number[] = []\nexport function f(n: number): void { a.push([n].map((x) => x + n).length) }',
      'const a = { f: () => 1 }, b = [1].map((x) => x)\nexport function f(n: number): unknown { const c = () => n; return [a, b, c()] }',
    ]
    for (const source of harmless) assert.deepEqual(warned(source), [], source)
  })

  it('warns of state that is no variable of a module', () => {
    const hidden: Record<string, string> = {
      'the class': 'class A { static n = 0 }\nexport function f(): void { A.n++ }',
      'the list of a class': 'class A { static all: number[] = [] }\nexport function f(): void { A.all.push(1) }',
      'the function': 'export function f(): void { f.n = 1 }\nf.n = 0',
      globalThis: 'export function f(): void { (globalThis as any).n = 1 }',
      'globalThis, to be filled': '(globalThis as any).all = {}\nexport function f(): void {}',
      'globalThis, with what is no function':
        '(globalThis as any).all = { n: 1, f() {} }\nexport function f(): void {}',
      'globalThis, while a call runs': 'export function f(): void { (globalThis as any).g = () => 1 }',
      'the default export': 'export default { n: 1 }\nexport function f(): void {}',
      'a namespace': 'namespace N { export let n = 0 }\nexport function f(): void { N.n++ }',
      'a list in a namespace':
        'namespace N { export const l: number[] = [] }\nexport function f(): void { N.l.push(1) }',
    }
    for (const [name, source] of Object.entries(hidden))
      assert.match(warned(source).join('\n'), /^main\.ts:\d: .*, where nobody can read it/, name)
    const plain = [
      'class A { static readonly n = 0; m = 1 }\nconst a = new A()\nexport function f(): void { a.m++ }',
      'namespace N { export const twice = (x: number) => x * FACTOR; const FACTOR = 2 }\nexport const f = () => N.twice(1)',
      'declare global { var crypto: { randomUUID(): string } }\nglobalThis.crypto = { randomUUID: () => "1" }\nexport const f = () => crypto.randomUUID()',
      'declare namespace N { let n: number }\nexport default function f(): void {}',
    ]
    for (const source of plain) assert.deepEqual(warned(source), [], source)
  })

  it('warns of methods that promise a locale', () => {
    const source = "export const f = (a: string, b: Date): unknown => [a.localeCompare('b'), b.toLocaleString()]"
    assert.deepEqual(
      warned(source).map((line) => line.split(' ')[1]),
      ['localeCompare', 'toLocaleString'],
    )
    assert.deepEqual(
      warned('const o = { toLocaleString: () => 1 }\nexport const f = (): number => o.toLocaleString()'),
      [],
    )
    assert.equal(
      warned("import { f } from './a.js'\nexport const g = (): unknown => f", {
        'a.js': 'export const f = (x) => x.localeCompare(1)',
      }).length,
      1,
    )
  })

  it('finds forbidden names whatever a comment says, and takes labels and members for what they are', () => {
    assert.match(told('// @ts-nocheck\nexport const f = () => process.env').join(), /^main\.ts:2: there is no process/)
    assert.match(
      told('export const f = (): unknown => {\n  // @ts-ignore\n  return fetch\n}').join(),
      /^main\.ts:3: there is no fetch/,
    )
    const own = `export function f(x: any): unknown {
      const { process, module: m } = x
      global: for (;;) break global
      return { Buffer: x.Buffer, window: m, process, location: x?.location }
    }`
    assert.deepEqual(told(own), [])
    assert.equal(told('export const f = (): unknown => fetch').length, 1, 'each is told once')
  })

  it('says so of code that is too deep for it', () => {
    const deep = `export const f = (): number => ${'-('.repeat(20_000)}1${')'.repeat(20_000)}`
    assert.match(told(deep).join(), /nested too deeply/)
    assert.deepEqual(told(`export const f = (): string => ''${" + 'a'".repeat(5000)}`), [])
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
