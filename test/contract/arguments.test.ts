import assert from 'node:assert/strict'
import fc from 'fast-check'
import { checkArguments } from '../../daemon/contract/arguments.ts'
import { checkValue } from '../../daemon/contract/check-value.ts'
import { MAX_VALUE_DEPTH } from '../../daemon/contract/constants.ts'
import type { ExportedFunction, Json, Parameter, ValueType } from '../../daemon/contract/types.ts'
import { failure } from './folder.ts'

const param = (name: string, text: string, type: ValueType, also: Partial<Parameter> = {}): Parameter => ({
  name,
  text,
  type,
  optional: false,
  rest: false,
  ...also,
})
const fn = (...params: Parameter[]): ExportedFunction => ({
  name: 'add',
  kind: 'call',
  params,
  returns: 'void',
  result: { kind: 'void' },
  doc: '',
})

const string: ValueType = { kind: 'string' }
const number: ValueType = { kind: 'number' }
const any: ValueType = { kind: 'any' }
const add = fn(param('name', 'string', string), param('text', 'string', string, { optional: true }))

describe('arguments', () => {
  it('takes what fits', () => {
    checkArguments(add, ['a', 'b'])
    checkArguments(add, ['a'])
    checkArguments(fn(), [])
    const rest = fn(param('all', 'number[]', { kind: 'array', items: number }, { rest: true, optional: true }))
    checkArguments(rest, [])
    checkArguments(rest, [1, 2, 3])
  })

  const sentences: [args: Json[], sentence: RegExp][] = [
    [[], /^add\(name: string, text\?: string\): argument 1, "name", is missing\.$/],
    [['a', 'b', 'c'], /it takes 2 arguments, and 3 came/],
    [['a', 5], /argument 2, "text", has to be a string, and 5 came/],
    [['a', null], /argument 2, "text", has to be a string, and null came/],
    [[['x']], /argument 1, "name", has to be a string, and an array came/],
    [[{ '/': { bytes: 'AQ' } }], /has to be a string, and bytes came/],
    [[{ '/': { what: 'AQ' } }], /a value that is not in the encoding came/],
  ]
  for (const [args, sentence] of sentences)
    it(`says what is wrong with ${JSON.stringify(args)}`, async () => {
      assert.match((await failure('BAD_ARGUMENTS', () => checkArguments(add, args))).message, sentence)
    })

  it('names the place inside an argument', async () => {
    const tags: ValueType = { kind: 'array', items: string }
    const post: ValueType = { kind: 'object', fields: [{ name: 'tags', type: tags, optional: false }] }
    const head = fn(param('post', 'Post', post))
    const inside = async (value: Json) => (await failure('BAD_ARGUMENTS', () => checkArguments(head, [value]))).message
    assert.match(await inside({ tags: ['a', 1] }), /"post"\.tags\[1\], has to be a string, and 1 came/)
    assert.match(await inside({}), /"post"\.tags, has to be an array, and nothing came/)
    assert.match(await inside({ tags: [], more: 1 }), /"post"\.more, has to be left out, and 1 came/)
    const rest = fn(param('all', 'number[]', { kind: 'array', items: number }, { rest: true, optional: true }))
    assert.match((await failure('BAD_ARGUMENTS', () => checkArguments(rest, [1, 'x']))).message, /argument 2, "all",/)
  })

  const fits: [type: ValueType, good: Json[], bad: Json[]][] = [
    [
      number,
      [0, -1.5, { '/': { number: 'NaN' } }, { '/': { number: '-0' } }],
      ['1', null, Infinity, { '/': { number: '1' } }],
    ],
    [{ kind: 'boolean' }, [true], ['true', 0]],
    [{ kind: 'null' }, [null], [0, '', {}]],
    [{ kind: 'void' }, [], [null, {}]],
    [
      { kind: 'bigint' },
      [{ '/': { bigint: '-12' } }, { '/': { bigint: '0' } }],
      [1, { '/': { bigint: '01' } }, { '/': { bigint: '-0' } }, { '/': { bigint: 1 } }],
    ],
    [
      { kind: 'bytes' },
      [{ '/': { bytes: '' } }, { '/': { bytes: 'AQI' } }],
      ['AQI', { '/': { bytes: 'A' } }, { '/': { bytes: '*' } }],
    ],
    [
      { kind: 'date' },
      [{ '/': { date: '2030-01-31T00:00:00.000Z' } }],
      ['2030-01-31', { '/': { date: 'x' } }, { '/': { date: '2030-13-01T00:00:00Z' } }],
    ],
    [{ kind: 'literal', value: 'a' }, ['a'], ['b', null]],
    [{ kind: 'literal', value: 1 }, [1], ['1', true]],
    [{ kind: 'array', items: number }, [[], [1]], [[1, 'a'], {}, { '/': { set: [1] } }]],
    [{ kind: 'set', items: number }, [{ '/': { set: [1] } }], [[1], { '/': { set: ['a'] } }, { '/': { set: 1 } }]],
    [{ kind: 'record', values: number }, [{}, { a: 1 }, { '/': { object: [['/', 1]] } }], [{ a: 'x' }, [], { '/': 1 }]],
    [
      { kind: 'map', keys: string, values: number },
      [{ '/': { map: [['a', 1]] } }],
      [{ a: 1 }, { '/': { map: [[1, 1]] } }, { '/': { map: [['a']] } }],
    ],
    [{ kind: 'union', of: [string, { kind: 'null' }] }, ['a', null], [1, {}]],
    [
      any,
      [1, null, { a: [{ '/': { map: [[{}, []]] } }] }],
      [
        { '/': {} },
        { a: { '/': { x: 1 } } },
        [{ '/': 1 }],
        { '/': { bytes: 'AQ' }, b: 1 },
        { '/': { bytes: 'AQ', set: [] } },
        {
          '/': {
            object: [
              ['a', 1],
              ['a', 2],
            ],
          },
        },
        { '/': { toString: 1 } },
      ],
    ],
  ]
  for (const [type, good, bad] of fits)
    it(`checks ${JSON.stringify(type)}`, () => {
      for (const json of good) assert.equal(checkValue(type, json), undefined, JSON.stringify(json))
      for (const json of bad) assert.notEqual(checkValue(type, json), undefined, JSON.stringify(json))
    })

  it('bounds the depth', () => {
    const nest = (depth: number): Json => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as Json
    assert.equal(checkValue(any, nest(MAX_VALUE_DEPTH)), undefined)
    assert.notEqual(checkValue(any, nest(MAX_VALUE_DEPTH + 1)), undefined)
    assert.notEqual(checkValue(any, nest(100_000)), undefined)
  })

  it('bounds the work of a union that looks at the same value many times', () => {
    const fields = [any, any].map((type, i) => ({ name: `f${i}`, type, optional: false }))
    const union: ValueType = { kind: 'union', of: Array.from({ length: 240 }, () => ({ kind: 'object', fields })) }
    const found = checkValue(union, { f0: Array.from({ length: 100_000 }, () => 1) })
    assert.equal(found?.expected, 'a simpler value')
  })

  it('takes __proto__ for a field like others', async () => {
    const type: ValueType = { kind: 'object', fields: [] }
    const hostile = JSON.parse('{"__proto__":{"a":1}}') as Json
    await failure('BAD_ARGUMENTS', () => checkArguments(fn(param('a', 'A', type)), [hostile]))
  })

  it('never fails in another way, whatever comes', () => {
    const tag = fc.constantFrom('/', 'bytes', 'bigint', 'date', 'map', 'set', 'number', 'object', 'a', '__proto__')
    const { value } = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>(null, true, 1, 'NaN', 'AQ', '12', ''),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(tag, tie('value'), { maxKeys: 2 }),
      ),
    }))
    const types = fits.map(([type]) => type)
    fc.assert(fc.property(value, fc.constantFrom(...types), (json, type) => void checkValue(type, json)))
  })
})
