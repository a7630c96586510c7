import assert from 'node:assert/strict'
import fc from 'fast-check'
import { accepts } from '../../daemon/contract/accepts.ts'
import { build } from '../../daemon/contract/build.ts'
import { breaksOf, mayBreak } from '../../daemon/contract/compare.ts'
import type { Interface, ValueType } from '../../daemon/contract/types.ts'
import { inFolder } from './folder.ts'

const interfaceOf = (source: string): Promise<Interface> =>
  inFolder({ 'main.ts': source }, async (dir) => (await build(dir)).interface)
const breaks = async (before: string, after: string): Promise<string[]> => {
  const found = breaksOf(await interfaceOf(before), await interfaceOf(after))
  return found.map(({ function: name, reason }) => `${name}: ${reason}`)
}

const type: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<ValueType>({ kind: 'string' }, { kind: 'number' }, { kind: 'any' }, { kind: 'null' }),
    fc.constantFrom<ValueType>({ kind: 'literal', value: 'a' }, { kind: 'literal', value: 1 }),
    tie('type').map((items): ValueType => ({ kind: 'array', items })),
    tie('type').map((values): ValueType => ({ kind: 'record', values })),
    fc.tuple(tie('type'), tie('type')).map(([keys, values]): ValueType => ({ kind: 'map', keys, values })),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map((of): ValueType => ({ kind: 'union', of })),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), tie('type'), fc.boolean()), {
        maxLength: 3,
        selector: ([name]) => name,
      })
      .map((fields): ValueType => {
        return { kind: 'object', fields: fields.map(([name, type, optional]) => ({ name, type, optional })) }
      }),
  ),
})).type
const extra = fc.constantFrom('refused' as const, 'ignored' as const)

describe('the comparison of two interfaces', () => {
  const SAME = 'export function f(a: string, b?: number): { x: number } { return { x: 1 } }'
  const LIST = 'export async function f(): Promise<number[]> { return [1] }'
  const STREAM = 'export async function* f(): AsyncGenerator<number> { yield 1 }'
  const fine: Record<string, [string, string]> = {
    'the same': [SAME, SAME],
    'a new function': [SAME, `${SAME}\nexport function g(): void {}`],
    'a new optional parameter': [SAME, SAME.replace('b?: number', 'b?: number, c?: string')],
    'a wider parameter': [SAME, SAME.replace('a: string', 'a: string | number')],
    'another name of a parameter': [SAME, SAME.replaceAll('a: string', 'z: string')],
    'more in a result': [SAME, SAME.replace('{ x: number }', '{ x: number; y?: string }')],
    'a rest parameter': [SAME, SAME.replace('b?: number', '...b: number[]')],
    'an array that is given item by item': [LIST, STREAM],
    'a call that becomes a query': [SAME, `/** @query */\n${SAME}`],
  }
  for (const [name, [before, after]] of Object.entries(fine))
    it(`finds nothing wrong with ${name}`, async () => assert.deepEqual(await breaks(before, after), []))

  const broken: Record<string, [string, string]> = {
    'a function that is gone': [SAME, 'export function g(): void {}'],
    'a new parameter': [SAME, SAME.replace('b?: number', 'b: number | undefined, c: string')],
    'a parameter that is gone': [SAME, SAME.replace(', b?: number', '')],
    'a parameter that must be given now': [SAME, SAME.replace('b?: number', 'b: number')],
    'a narrower parameter': [SAME, SAME.replace('a: string', "a: 'x' | 'y'")],
    'less in a result': [SAME, SAME.replace('{ x: number } {', '{ y: number } {').replace('x: 1', 'y: 1')],
    'a result that may be missing': [SAME, SAME.replace('): { x: number }', '): { x: number } | null')],
    'what is no longer given item by item': [STREAM, LIST],
    'a query that becomes a call': [`/** @query */\n${SAME}`, SAME],
    'a field that is not taken any more': [
      'export function f(o: { a: string; b?: string }): void {}',
      'export function f(o: { a: string }): void {}',
    ],
  }
  for (const [name, [before, after]] of Object.entries(broken))
    it(`names ${name}`, async () => {
      const found = await breaks(before, after)
      assert.equal(found.length, 1, found.join('; '))
      assert.match(found[0]!, /^f: /)
    })

  it('accepts every type for itself, and any for all', () => {
    fc.assert(fc.property(type, extra, (one, mode) => accepts(one, one, mode) && accepts({ kind: 'any' }, one, mode)))
  })

  it('accepts a type for every union that has it', () => {
    fc.assert(fc.property(type, type, extra, (a, b, mode) => accepts({ kind: 'union', of: [a, b] }, a, mode)))
  })

  it('is transitive', () => {
    fc.assert(
      fc.property(type, type, type, (a, b, c) => {
        const mode = 'refused'
        fc.pre(a.kind !== 'any' && b.kind !== 'any' && accepts(a, b, mode) && accepts(b, c, mode))
        return accepts(a, c, mode)
      }),
      { numRuns: 50, maxSkipsPerRun: 2000 },
    )
  })

  it('knows which versions may break which', () => {
    assert.deepEqual([mayBreak('1.2.0', '1.3.0'), mayBreak('1.2.0', '2.0.0')], [false, true])
    assert.deepEqual([mayBreak('0.2.0', '0.2.9'), mayBreak('0.2.0', '0.3.0')], [false, true])
    assert.deepEqual([mayBreak('10.0.0-rc.1', '10.0.0'), mayBreak('1.9.0', '10.0.0-rc.1')], [false, true])
    assert.deepEqual([mayBreak('0.0.1', '0.0.2'), mayBreak('0.9.0', '1.0.0')], [false, true])
  })
})
