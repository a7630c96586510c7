import assert from 'node:assert/strict'
import { MAX_FUNCTIONS, MAX_TYPE_NODES } from '../../daemon/contract/constants.ts'
import { readInterface } from '../../daemon/contract/interface.ts'
import { type Module, parseModule } from '../../daemon/contract/syntax.ts'
import type { ExportedFunction, Problem, ValueType } from '../../daemon/contract/types.ts'
import { failure } from './folder.ts'

function read(files: Record<string, string> | string): ReturnType<typeof readInterface> {
  const problems: Problem[] = []
  const sources = typeof files === 'string' ? { 'main.ts': files } : files
  const modules = new Map<string, Module>()
  for (const [path, text] of Object.entries(sources)) modules.set(path, parseModule(path, text, problems)!)
  assert.deepEqual(problems, [])
  return readInterface('main.ts', modules)
}

const only = (files: Record<string, string> | string): ExportedFunction => {
  const { functions } = read(files)
  assert.equal(functions.length, 1)
  return functions[0]!
}

/** The type of the parameter of `f(x: TYPE)`. */
const typeOf = (text: string, declarations = ''): ValueType | undefined =>
  only(`${declarations}\nexport function f(x: ${text}): void {}`).params[0]?.type

const string: ValueType = { kind: 'string' }
const number: ValueType = { kind: 'number' }
const any: ValueType = { kind: 'any' }
const object = (fields: Record<string, ValueType>, ...optional: string[]): ValueType => ({
  kind: 'object',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type, optional: optional.includes(name) })),
})

describe('interface', () => {
  it('finds functions in all the ways to export one', () => {
    const { functions, warnings } = read({
      'main.ts': `
        export function a(): void {}
        export async function b(): Promise<string> { return '' }
        export const c = (): void => {}, d = function (): void {}
        export const e = (async (): Promise<void> => {}) satisfies () => unknown
        function inner(): void {}
        const arrow = (): void => {}
        import { far } from './lib.ts'
        export { inner as f, arrow as g, far as h }
        export { far as i } from './lib.ts'
        export * from './star.ts'
        export type { T } from './lib.ts'
        export interface I {}
        export type J = string`,
      'lib.ts': 'export function far(): number { return 1 }; export type T = 1',
      'star.ts': "export function j(): void {}; export function a(): number { return 2 }; export * from './main.ts'",
    })
    assert.deepEqual(
      functions.map(({ name }) => name),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'],
    )
    assert.deepEqual(functions.map(({ returns }) => returns).slice(0, 2), ['void', 'string'])
    assert.equal(functions.find(({ name }) => name === 'h')?.returns, 'number')
    assert.deepEqual(warnings, [])
  })

  it('tells queries from calls, and leaves out the life cycle', () => {
    const { functions } = read(`
      /** Looks. @query */ export function a(): void {}
      /**
       * Looks, too.
       *
       * More of it.
       * @query
       * @param x nothing
       */
      export const b = (): void => {}
      /** Mentions \`@query\` and @queryable only. */ export function c(): void {}
      // @query in a line comment
      export function d(): void {}
      /** of a local one @query */ function local(): void {}
      export { local as e }
      export function render(path: string): string { return path }
      export function state(): void {}
      export function health(): void {}
      export function init(): void {}
      export function migrate(): void {}`)
    const kinds = Object.fromEntries(functions.map(({ name, kind }) => [name, kind]))
    const query = 'query'
    assert.deepEqual(kinds, {
      a: query,
      b: query,
      c: 'call',
      d: 'call',
      e: query,
      render: query,
      state: query,
      health: query,
    })
    assert.equal(functions[0]?.doc, 'Looks.')
    assert.equal(functions[1]?.doc, 'Looks, too.\n\nMore of it.')
  })

  it('reads parameters', () => {
    const { params } = only(`export function f(
      this: void, a: string, b?: number, c = 1, d: 'x' | undefined = 'x', { e }: { e: bigint }, ...rest: boolean[]
    ): void {}`)
    assert.deepEqual(
      params.map(({ name, text, optional, rest }) => [name, text, optional, rest]),
      [
        ['a', 'string', false, false],
        ['b', 'number', true, false],
        ['c', 'number', true, false],
        ['d', "'x' | undefined", true, false],
        ['arg5', '{ e: bigint }', false, false],
        ['rest', 'boolean[]', true, true],
      ],
    )
    assert.deepEqual(
      params.map(({ type }) => type),
      [
        string,
        number,
        number,
        { kind: 'literal', value: 'x' },
        object({ e: { kind: 'bigint' } }),
        { kind: 'array', items: { kind: 'boolean' } },
      ],
    )
  })

  const types: [text: string, type: ValueType][] = [
    ['string', string],
    ['null', { kind: 'null' }],
    ['-1', { kind: 'literal', value: -1 }],
    ['-0', { kind: 'literal', value: 0 }],
    ['1e999', number],
    ['`a$' + '{string}`', string],
    ['true', { kind: 'literal', value: true }],
    ['string | number | string', { kind: 'union', of: [string, number] }],
    ['(string)[]', { kind: 'array', items: string }],
    ['readonly string[]', { kind: 'array', items: string }],
    ['[a: string, b?: number, ...c: string[]]', { kind: 'array', items: { kind: 'union', of: [string, number] } }],
    ['Array<string>', { kind: 'array', items: string }],
    ['Record<string, number>', { kind: 'record', values: number }],
    ['{ [key: string]: number }', { kind: 'record', values: number }],
    ['Map<string, Set<number>>', { kind: 'map', keys: string, values: { kind: 'set', items: number } }],
    ['Promise<string>', string],
    ['Date', { kind: 'date' }],
    ['Uint8Array', { kind: 'bytes' }],
    [
      '{ a: string; "b-c"?: number; d: string | undefined }',
      object({ a: string, 'b-c': number, d: string }, 'b-c', 'd'),
    ],
    ['Partial<{ a: string }>', object({ a: string }, 'a')],
    ['Required<{ a?: string }>', object({ a: string })],
    ['{ a: string } & { b: number }', object({ a: string, b: number })],
    ['string & { brand: 1 }', any],
    ['unknown', any],
    ['{}', any],
    ['() => void', any],
    ['keyof string', any],
    ['Pick<{ a: 1 }, "a">', any],
    ['NoSuchType', any],
    ['toString', any],
    ['ns.T', any],
    ['{ a: string; [key: string]: string }', any],
  ]
  for (const [text, type] of types)
    it(`reads ${text}`, () => {
      assert.deepEqual(typeOf(text), type)
    })

  it('resolves declarations of the file and of imported files', () => {
    const { params } = only({
      'main.ts': `
        import type { Far, Post, Page as Sheet } from './types.ts'
        export type * from './types.ts'
        import * as all from './types.ts'
        interface Base { id: number }
        interface Mine extends Base { text: Text }
        type Text = string
        export function f(a: Mine, b: Post, c: Sheet<Text>, d: all.Post, e: Far): void {}`,
      'types.ts':
        "export * from './star.ts'; export type { Post } from './post.ts'; export interface Page<T, U = T[]> { items: T[]; more: U }",
      'star.ts': 'export interface Far { far: string }',
      'post.ts': 'type Id = bigint; export interface Post { id: Id }',
    })
    const items: ValueType = { kind: 'array', items: string }
    assert.deepEqual(
      params.map(({ type }) => type),
      [
        object({ id: number, text: string }),
        object({ id: { kind: 'bigint' } }),
        object({ items, more: items }),
        any,
        object({ far: string }),
      ],
    )
  })

  it("lets a file's own type stand before a built-in one", () => {
    assert.deepEqual(typeOf('Record', 'interface Record { a: string }'), object({ a: string }))
  })

  it('ends recursive types', () => {
    assert.deepEqual(
      typeOf('Tree', 'interface Tree { value: string; children: Tree[] }'),
      object({ value: string, children: { kind: 'array', items: any } }),
    )
    assert.deepEqual(typeOf('A', 'type A = B; type B = A'), any)
    assert.deepEqual(typeOf('L<1>', 'type L<T> = { next: L<T[]> }'), object({ next: any }))
    assert.deepEqual(typeOf('A', 'interface A extends B {}; interface B extends A {}'), any)
  })

  it('bounds what aliases and generics unfold to', () => {
    const aliases = Array.from({ length: 40 }, (_, i) => `type T${i + 1} = { a: T${i}; b: T${i} }`).join('\n')
    const parents = Array.from({ length: 40 }, (_, i) => `interface I${i + 1} extends I${i}, I${i} {}`).join('\n')
    assert.deepEqual(typeOf('I40', `interface I0 { a: string }\n${parents}`), any)
    const generic = 'type P<T> = { a: T; b: T }'
    const nested = `${'P<'.repeat(40)}string${'>'.repeat(40)}`
    for (const type of [typeOf('T40', `type T0 = string\n${aliases}`), typeOf(nested, generic)]) {
      const nodes = JSON.stringify(type).split('"kind"').length
      assert(nodes > 10 && nodes <= 2 * MAX_TYPE_NODES, String(nodes))
    }
  })

  it('reads what is given item by item', () => {
    const { functions, warnings } = read({
      'main.ts': `export async function* one(): AsyncGenerator<number> {}
export function two(): AsyncIterable<{ a: string }> { return other() }
export async function three(): Promise<AsyncIterableIterator<Uint8Array>> { return other() }`,
    })
    const stream = (items: ValueType): ValueType => ({ kind: 'stream', items })
    assert.deepEqual(
      functions.map(({ name, result, returns }) => [name, result, returns]),
      [
        ['one', stream({ kind: 'number' }), 'AsyncGenerator<number>'],
        [
          'two',
          stream({ kind: 'object', fields: [{ name: 'a', type: { kind: 'string' }, optional: false }] }),
          'AsyncIterable<{ a: string }>',
        ],
        ['three', stream({ kind: 'bytes' }), 'AsyncIterableIterator<Uint8Array>'],
      ],
    )
    assert.deepEqual(warnings, [])
  })

  it('warns of what cannot be called and of missing types, with file and line', () => {
    const { functions, warnings } = read({
      'main.ts': `export const limit = 3
export class Thing {}
export function bare(a, b) {}
export function* many(): Generator<number> {}
export default function (): void {}
export const { x, y: [z] } = { x: 1, y: [2] }
export * as ns from './lib.ts'
export { far } from './lib.ts'
export const made = bind()
enum E { A }
export { E }
function hidden(): void {}
export { hidden as 'not-a-name' }
export { caller } from 'amigos:context'
function bind() { return () => 1 }`,
      'lib.ts': 'export const far = 1',
    })
    assert.deepEqual(
      functions.map(({ name, params, returns }) => [name, params.map(({ text }) => text), returns]),
      [['bare', ['any', 'any'], 'any']],
    )
    const warned = warnings.map((line) => line.split(' ').slice(0, 2).join(' '))
    assert.deepEqual(warned, [
      'main.ts:1: limit',
      'main.ts:2: Thing',
      'main.ts:3: bare',
      'main.ts:4: many',
      'main.ts:5: default',
      'main.ts:6: x',
      'main.ts:6: z',
      'main.ts:7: ns',
      'main.ts:8: far',
      'main.ts:9: made',
      'main.ts:11: E',
      'main.ts:13: not-a-name',
      'main.ts:14: caller',
    ])
  })

  it('takes the implementation of an overloaded function', () => {
    const source = `export function f(a: string): string
      export function f(a: number): number
      export function f(a: string | number): string | number { return a }`
    assert.equal(only(source).params[0]?.text, 'string | number')
  })

  it('survives circles of re-exports', () => {
    const { functions, warnings } = read({
      'main.ts': "export { a } from './b.ts'; export * from './b.ts'; export function f(): void {}",
      'b.ts': "export { a } from './main.ts'; export * from './main.ts'",
    })
    assert.deepEqual(
      functions.map(({ name }) => name),
      ['f'],
    )
    assert.equal(warnings.length, 1)
  })

  it('makes comments and type texts fit to show', () => {
    const { doc, params } = only(
      '/** One\u001b[31m\r\n * two\u202e */\nexport function f(a: {\n  b: string // \u0007\n}): void {}',
    )
    assert.equal(doc, 'One [31m\ntwo')
    assert.equal(params[0]?.text.includes('\u0007'), false)
  })

  it('bounds the number of functions and of parameters', async () => {
    const many = Array.from({ length: MAX_FUNCTIONS + 1 }, (_, i) => `export function f${i}(): void {}`).join('\n')
    await failure('CONTRACT_TOO_LARGE', () => read(many))
    const params = Array.from({ length: 33 }, (_, i) => `p${i}: string`)
    await failure('CONTRACT_TOO_LARGE', () => read(`export function f(${params}): void {}`))
  })
})
