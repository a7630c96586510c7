import assert from 'node:assert/strict'
import { checkTypes } from '../../daemon/contract/check-types.ts'
import { readInterface } from '../../daemon/contract/interface.ts'
import { declareService } from '../../daemon/contract/linking/declare.ts'
import { isInRange, selectorOf } from '../../daemon/contract/linking/version-range.ts'
import { parseModule } from '../../daemon/contract/syntax.ts'
import type { ExportedFunction } from '../../daemon/contract/types.ts'
import { failure } from './folder.ts'

/** The declarations of a contract of these files; with an entry of none of them, those of its interface alone. */
function declared(files: Record<string, string>, entry = 'main.ts'): string {
  const modules = Object.entries(files).map(([path, text]) => [path, parseModule(path, text, [])!] as const)
  const { functions } = readInterface('main.ts', new Map(modules))
  return declareService(entry, functions, new Map(Object.entries(files)))
}

/** What is wrong with a module that imports these declarations. */
function told(declarations: string, main: string): string[] {
  const texts = new Map([
    ['service.d.ts', declarations],
    ['main.ts', `${main}\nexport {}`],
  ])
  const links = new Map([['main.ts', new Map([['s', { path: 'service.d.ts' }]])]])
  return checkTypes('main.ts', texts, links).problems.map(({ reason }) => reason)
}

const one = (text: string): string => declared({ 'main.ts': text })

describe('the declarations of a service', () => {
  it('have what its author wrote, in promises', () => {
    const text = one(`export interface Post { id: number }
/** Adds one. */
export async function add(title: string, by?: string, ...tags: string[]): Promise<Post> { return { id: 1 } }
export const all = (): Post[] => []
export async function* each(): AsyncGenerator<Post> {}`)
    assert.match(text, /export function add\(title: string, by\?: string, \.\.\.tags: string\[\]\): Promise<Post>/)
    assert.match(text, /export function all\(\): Promise<Post\[\]>/)
    assert.match(text, /export function each\(\): Promise<Array<Post>>/)
    const main = `import { add, all, each, type Post } from 's'
const post: Post = await add('a', undefined, 'b', 'c')
const posts: Post[] = [...(await all()), ...(await each())]
export const ids: number[] = [post, ...posts].map(({ id }) => id)`
    assert.deepEqual(told(text, main), [])
    assert.match(
      told(text, `${main}\nconst wrong: string = post.id`)[0]!,
      /'number' is not assignable to type 'string'/,
    )
  })

  it('follow imports to the files that are meant', () => {
    const files = {
      'main.ts': "import type { Post } from './src/post.js'\nexport function get(): Post { throw 1 }",
      'src/post.ts': "import type { Author } from '../lib'\nexport interface Post { by: Author }",
      'lib/index.ts': 'export interface Author { name: string }',
    }
    const get: ExportedFunction = {
      name: 'get',
      kind: 'call',
      params: [],
      returns: 'Post',
      result: { kind: 'any' },
      doc: '',
    }
    const text = declareService('main.ts', [get], new Map(Object.entries(files)))
    assert.match(text, /get\(\): Promise<Post>/)
    assert.match(text, /by: Author/)
    assert.match(text, /name: string/)
  })

  it('hold the types that these name, of all files, each under a name of its own', () => {
    const text = declared({
      'main.ts': `import type { Author as Writer } from './a.ts'
export type { Author } from './b.ts'
export * from './c.ts'
interface Author2 { own: true }
export interface Post<T = Writer> extends Base<T> { author: T; by: Author2 }
interface Base<T> { self?: Post<T>; map: { [K in keyof T]: T[K] } }
export function get(): Post { throw 1 }`,
      'a.ts': 'export interface Author { a: 1 }',
      'b.ts': 'export interface Author { b: 2 }',
      'c.ts': 'export type Id = `id-$' + '{number}`\nexport type Of<T> = T extends (infer U)[] ? U : never',
    })
    const main = `import { get, type Author, type Id, type Of, type Post } from 's'
const post: Post = await get()
const written: 1 = post.author.a
const self: Post | undefined = post.self
const b: Author = { b: 2 }
const id: Id = 'id-7'
const of: Of<string[]> = 'a'
export const all = [written, self, b, id, of, post.by.own, post.map.a]`
    assert.deepEqual(told(text, main), [])
    assert.equal(told(text, `${main}\nconst wrong: Author = { a: 1 }`).length, 1)
  })

  it('take for anything what cannot be written down without the rest', () => {
    const text = declared({
      'main.ts': `import { Far } from 'npm'
import type { Gone } from './gone.ts'
class Box extends Far { x = 1 }
class Keeps<T> extends Map<string, T> { x = 1 }
class Named { [KEY] = 1 }
class Of { x: Far; constructor() { this.x = 1 } }
interface Both { y: 1 }
class Both { x = 1 }
enum Color { Red }
enum Color { Blue = 1 }
const KEY = 'k'
export interface All { box: Box; keeps: Keeps<number>; named: Named; of: Of; both: Both; color: Color; one: Color.Blue; other: Shade.Red; far: Far; gone: Gone; type: typeof KEY; deep: import('x').Y }
export interface Keyed { [KEY]: string }
export interface More extends Far { x: 1 }
export function f(all: All, keyed: Keyed, more: More): Box { throw 1 }
export function g<T>(x: T): T { return x }`,
    })
    const main = `import { f, g, type All } from 's'
const all: All = { box: 1, keeps: 1, named: 1, of: { x: 1 }, both: 1, color: 2, one: 2, other: 3, far: 3, gone: 4, type: 5, deep: 6 }
export const x: string = (await f(all, 7, 8)) ?? (await g(9))`
    assert.deepEqual(told(text, main), [])
  })

  it('have the values of enums', () => {
    const text = declared({
      'main.ts': `import { Shade } from './shade.ts'
export enum Color { Red, Green = 5, Blue, Minus = -1, Same = Red, Other = Color.Green }
export enum Word { A = 'a', 'b c' = \`b\` }
export enum Flags { Read = 1, Write = 1 << 1, All = Read | Write }
enum Mixed { A = 'a', B = 'a'.length }
export enum Nothing {}
export { Shade }
export type Post = { kind: Word.A; text: string } | { kind: Word.A; shade: Shade.Dark }
export function f(color: Color, words: Word[], flags: Flags, mixed: Mixed): Shade { throw 1 }
export function posts(): Post[] { throw 1 }`,
      'shade.ts': 'export enum Shade { Light, Dark }',
    })
    assert.match(text, /type Color = 0 \| 5 \| 6 \| -1\n/)
    const main = `import { f, posts, type Color, type Nothing, type Shade } from 's'
const color: Color = 5
const shade: Shade = await f(color, ['a', 'b'], 7, 'anything')
for (const post of await posts()) if ('text' in post) { const a: 'a' = post.kind }
const nothing: Nothing[] = []
const dark: 0 | 1 = shade`
    assert.deepEqual(told(text, main), [])
    const wrong = ['f(3, [], 0, 0)', "f(5, ['c'], 0, 0)", "f(5, [], 'a', 0)", 'f(5, [], 0, true)', 'nothing.push(1)']
    for (const one of wrong) assert.match(told(text, `${main}\n${one}`).join(), /TS2(345|322)/, one)
  })

  it('have of classes what is sent of an instance: public fields', () => {
    const text = declared({
      'main.ts': `import { Base } from './base.ts'
export class Post<T = string> extends Base<T> implements Iterable<T> {
  static count = 0
  title = ''
  readonly kind = 'post'
  votes?: number
  'as written': boolean = true
  at = new Date()
  tags = ['a']
  private secret = 1
  #hidden = 2
  protected inner = 3
  declare more: bigint
  constructor(public text: T, readonly by: string = 'me', private own = 1, plain = 2) { super(text) }
  get long(): boolean { return true }
  shout(): string { return this.title }
  *[Symbol.iterator]() {}
}
export abstract class Empty { abstract size: number; abstract go(): void }
export const all = (): Post[] => []
export function add(post: Post<number>, empty: Empty): void {}`,
      'base.ts': 'export class Base<T> { constructor(public readonly first: T) {} }',
    })
    const main = `import { add, all, type Empty, type Post } from 's'
const [post] = (await all()) as [Post]
const texts: string[] = [post.title, post.text, post.by, post.first]
const kind: 'post' = post.kind
const more: [number | undefined, boolean, Date, bigint] = [post.votes, post['as written'], post.at, post.more]
const tag: string = post.tags[0]
const plain = { title: '', kind, 'as written': true, at: new Date(), tags: [], more: 1n, text: 1, by: '', first: 1 }
const empty: Empty = { size: 1 }
await add(plain, empty)`
    assert.deepEqual(told(text, main), [])
    for (const gone of ['secret', '#hidden', 'inner', 'own', 'plain', 'long', 'shout', 'count', 'constructor_'])
      assert.match(told(text, `${main}\npost.${gone}`).join(), /TS(2339|18013|18016)/, gone)
    const wrong = [
      'add({ ...plain, text: "a" }, empty)',
      'add(plain, {})',
      'const n: number = post.title',
      'post.kind = "x"',
    ]
    for (const one of wrong) assert.equal(told(text, `${main}\n${one}`).length, 1, one)
  })

  it('take classes without types for anything', () => {
    const text = declared({
      'main.ts': `import { Post } from './post.js'\nexport function get(): Post { throw 1 }`,
      'post.js': 'export class Post { constructor() { this.x = 1 } }',
    })
    assert.deepEqual(told(text, "import { get } from 's'\nexport const x: number = (await get()).x"), [])
  })

  it('say what the interface says, where the sources say nothing', () => {
    const text = declared(
      { 'main.ts': "export function f(n = 1, at: Date = new Date(), list: ('a' | 7)[]): { x: bigint } { throw 1 }" },
      'gone.ts',
    )
    const shown =
      /export function f\(n: number \| undefined, at: Date \| undefined, list: \("a" \| 7\)\[\]\): Promise<\{ x: bigint \}>/
    assert.match(text, shown)
    assert.deepEqual(
      told(text, "import { f } from 's'\nexport const x: bigint = (await f(undefined, undefined, ['a', 7])).x"),
      [],
    )
  })

  it('are bounded', async () => {
    const nested = `export type Deep = ${'{ a: '.repeat(300)}1${' }'.repeat(300)}\nexport function f(d: Deep): void {}`
    assert.deepEqual(told(one(nested), "import { f } from 's'\nexport const x = f(null as never)"), [])
    const large = `export interface A { ${Array.from({ length: 20_000 }, (_, i) => `field${i}: string`).join('; ')} }`
    await failure('CONTRACT_TOO_LARGE', () => one(`${large}\nexport function f(): void {}`))
    const circle =
      "export * from './main.ts'\nexport type A = B\nexport type B = A\nexport function f(a: A): B { return a }"
    assert.match(one(circle), /type A = B/)
  })
})

describe('ranges', () => {
  const ranges: Record<string, [inside: string[], outside: string[]]> = {
    '*': [['0.0.1', '9.9.9', '1.0.0-rc.1'], []],
    '^1.2': [
      ['1.2.0', '1.9.0', '1.2.3+build'],
      ['1.1.9', '2.0.0', '1.3.0-rc.1'],
    ],
    '^0.1': [
      ['0.1.0', '0.1.9'],
      ['0.2.0', '0.0.9', '1.0.0'],
    ],
    '^0.0.3': [['0.0.3'], ['0.0.4', '0.1.0']],
    '^0.0': [['0.0.0', '0.0.9'], ['0.1.0']],
    '~1.2.3': [
      ['1.2.3', '1.2.9'],
      ['1.2.2', '1.3.0'],
    ],
    '~1': [['1.0.0', '1.9.9'], ['2.0.0']],
    '1': [
      ['1.0.0', '1.9.9'],
      ['0.9.9', '2.0.0'],
    ],
    v1: [['1.0.0', '1.9.9'], ['2.0.0']],
    '1.2': [['1.2.0', '1.2.9'], ['1.3.0']],
    '1.2.3': [['1.2.3'], ['1.2.4', '1.2.2']],
    '1.0.0-rc.1': [['1.0.0-rc.1'], ['1.0.0', '1.0.0-rc.2']],
  }
  for (const [range, [inside, outside]] of Object.entries(ranges))
    it(`${range} takes what npm's does`, () => {
      assert.deepEqual(
        inside.filter((version) => !isInRange(range, version)),
        [],
      )
      assert.deepEqual(
        outside.filter((version) => isInRange(range, version)),
        [],
      )
    })

  it('are written behind a name as names have them', () => {
    const shown = ['*', '^1.2', '1', 'v1', '1.2', '1.2.3', '~1.2.3'].map(selectorOf)
    assert.deepEqual(shown, ['', '@^1.2', '@v1', '@v1', '@~1.2', '@1.2.3', '@~1.2.3'])
  })
})
