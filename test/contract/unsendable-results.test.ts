/** Results that cannot be sent are told when a contract is built, not when it is called. */
import assert from 'node:assert/strict'
import { build } from '../../daemon/contract/build.ts'
import { checkTypes } from '../../daemon/contract/check-types.ts'
import { inFolder } from './folder.ts'

const warned = (main: string, others: Record<string, string> = {}): string[] => {
  const { problems, warnings } = checkTypes('main.ts', new Map(Object.entries({ 'main.ts': main, ...others })))
  assert.deepEqual(problems, [])
  return warnings
}

const TYPES = `
class Post { text = ''; draw(): string { return this.text } }
class Secret { #key = 1; same(): boolean { return this.#key === 1 } }
class Plain { text = ''; at = new Date() }
class Bag extends Map<string, number> { }
class Draft extends Plain { get long(): boolean { return this.text.length > 9 } }
interface Tree { name: string; children: Tree[] }
interface Button { label: string; press(): void }
enum Color { Red, Green }
`
const BAD: [result: string, told: RegExp][] = [
  ['() => number', /f returns a function, which cannot be sent: return what it gives$/],
  ['Promise<() => number>', /a function/],
  ['{ on: (() => void) | null }', /a function, which cannot be sent, at on: /],
  ['{ a: { b: Function }[] }', /a function, which cannot be sent, at a\[\]\.b: /],
  ['Button', /a function, .* at press: /],
  ['typeof Post', /a function/],
  ['symbol', /a symbol, which cannot be sent: return a string$/],
  ['Map<string, symbol>', /a symbol, .* at \[\]: /],
  ['Promise<number>[]', /a promise inside, .* at \[\]: await it first/],
  ['[number, Promise<number>]', /a promise inside/],
  ['Float64Array', /a typed array \(Float64Array\), which cannot be sent: return Array\.from/],
  ['Record<string, BigInt64Array>', /a typed array \(BigInt64Array\)/],
  ['DataView', /a DataView/],
  ['RegExp', /a RegExp, which arrives as \{\}: return its source/],
  ['TypeError | string', /an error \(TypeError\)/],
  ['WeakMap<object, number>', /a WeakMap, which arrives as \{\}/],
  ['IterableIterator<number>', /an iterator/],
  ['MapIterator<number>', /an iterator/],
  ['AsyncIterable<symbol>', /a symbol, .* at \[\]: /],
  ['AsyncGenerator<number>[]', /an iterator, .* at \[\]: /],
  ['Post', /an instance of Post, which arrives as a plain object without draw: return an object/],
  ['Set<Post> | undefined', /an instance of Post, .* at \[\]: /],
  ['Secret', /an instance of Secret, .* without #key: /],
  ['Draft', /without long/],
]
const GOOD = [
  ...['void', 'Promise<void>', 'undefined', 'never', 'any', 'unknown', 'object', 'null', 'string | 5', 'bigint'],
  ...['Date', 'Uint8Array', 'ArrayBuffer', 'Map<string, Set<bigint>>', 'readonly [string, Date?]', 'Tree', 'Color'],
  ...['Plain', 'Bag', 'Partial<Plain>', 'Promise<Plain[]>', 'Record<string, Tree>', '{ readonly a?: Date }', '{}'],
  ...['AsyncGenerator<number>', 'AsyncIterable<Plain>', 'Promise<AsyncIterableIterator<string>>'],
]

describe('the check of results', () => {
  for (const [result, told] of BAD)
    it(`tells of ${result}`, () => {
      const found = warned(`${TYPES}\nexport declare const used: Color\nexport function f(): ${result} { throw 1 }`)
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0]!, told)
      assert.match(found[0]!, /^main\.ts:12: f returns /)
    })

  it('lets through what can be sent', () => {
    for (const result of GOOD)
      assert.deepEqual(warned(`${TYPES}\nexport function f(): ${result} { throw 1 }`), [], result)
    assert.deepEqual(warned('export async function f() { return { n: 1 } }\nexport async function g() {}'), [])
  })

  it('looks at results that are inferred, at every overload, and where a function comes from', () => {
    assert.match(
      warned('export const f = () => ({ go: () => 1 })').join(),
      /^main\.ts:1: f returns a function, .* at go/,
    )
    const over =
      'export function f(a: string): string\nexport function f(a: number): symbol\nexport function f(): any {}'
    assert.match(warned(over).join(), /a symbol/)
    const lib = '\nexport function far(): RegExp { return /a/ }\nexport function unused(): symbol { throw 1 }'
    assert.match(
      warned("export { far as near } from './lib.ts'", { 'lib.ts': lib }).join('\n'),
      /^lib\.ts:2: near returns a RegExp.*$/,
    )
  })

  it('leaves out what is not sent', () => {
    for (const name of ['init', 'migrate', 'state'])
      assert.deepEqual(warned(`export function ${name}(): unknown[] { return [] }\nexport function f(): void {}`), [])
    assert.deepEqual(
      warned('export function state(): () => void { throw 1 }\nfunction inner(): symbol { throw 1 }\nvoid inner'),
      [],
    )
  })

  it('ends, however types are nested', () => {
    const deep = 'type A<T> = { next: A<T[]>; value: T }\nexport function f(): A<number> { throw 1 }'
    assert.deepEqual(warned(deep), [])
  })

  it('comes with the warnings of a build', async () => {
    const { warnings } = await inFolder({ 'main.ts': 'export function f(): symbol { throw 1 }' }, build)
    assert.match(warnings.join(), /main\.ts:1: f returns a symbol/)
  })
})
