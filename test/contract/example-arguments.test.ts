import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { checkArguments } from '../../daemon/contract/arguments.ts'
import { exampleArguments } from '../../daemon/contract/example-arguments.ts'
import type { Parameter, ValueType } from '../../daemon/contract/types.ts'
import { readWord } from '../../daemon/contract/words.ts'

const param = (type: ValueType, also: Partial<Parameter> = {}): Parameter => ({
  name: 'a',
  text: 'T',
  type,
  optional: false,
  rest: false,
  ...also,
})
const one = (type: ValueType): string | undefined => exampleArguments([param(type)])[0]

/** What sh makes of a word that is bare or in single quotes. */
const unquote = (word: string): string =>
  word.replace(/'([^']*)'|\\'/g, (_, inside: string | undefined) => inside ?? "'")

const name = fc.oneof(
  fc.constantFrom('/', '__proto__', 'a b', '', '-x', "it's", '\u001b[2J', '\u202e', '\ud800', '5', 'null', 'true'),
  fc.string({ maxLength: 5, unit: 'binary' }),
)
/** Types that have a value; `void` has none. */
const { type } = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<ValueType[]>(
      { kind: 'string' },
      { kind: 'number' },
      { kind: 'boolean' },
      { kind: 'bigint' },
      { kind: 'null' },
      { kind: 'bytes' },
      { kind: 'date' },
      { kind: 'any' },
    ),
    fc.record({
      kind: fc.constant('literal' as const),
      value: fc.oneof(name, fc.boolean(), fc.constantFrom(0, -1, 1.5, 1e21, 5e-324)),
    }),
    fc.record({ kind: fc.constantFrom('array' as const, 'set' as const), items: tie('type') }),
    fc.record({ kind: fc.constant('record' as const), values: tie('type') }),
    fc.record({ kind: fc.constant('map' as const), keys: tie('type'), values: tie('type') }),
    fc.record({ kind: fc.constant('union' as const), of: fc.array(tie('type'), { minLength: 1, maxLength: 3 }) }),
    fc.record({
      kind: fc.constant('object' as const),
      fields: fc.uniqueArray(fc.record({ name, type: tie('type'), optional: fc.boolean() }), {
        maxLength: 3,
        selector: (field) => field.name,
      }),
    }),
  ),
}))

describe('example arguments', () => {
  it('are of their types: read as words, they pass the check of arguments', () => {
    fc.assert(
      fc.property(fc.array(type, { maxLength: 3 }), (types) => {
        const params = types.map((type) => param(type))
        const words = exampleArguments(params).map(unquote)
        assert.equal(words.length, params.length)
        const args = words.map((word, index) => readWord(params[index]!, word))
        checkArguments({ name: 'f', kind: 'call', params, returns: 'void', result: { kind: 'void' }, doc: '' }, args)
      }),
    )
  })

  it('stay one line that a terminal can show', () => {
    fc.assert(
      fc.property(type, (type) => {
        assert.doesNotMatch(one(type)!, /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
      }),
    )
  })

  it('are what people would write', () => {
    const post: ValueType = {
      kind: 'object',
      fields: [
        { name: 'title', type: { kind: 'string' }, optional: false },
        { name: 'tags', type: { kind: 'array', items: { kind: 'string' } }, optional: true },
      ],
    }
    const cases: [ValueType, string][] = [
      [{ kind: 'string' }, 'text'],
      [{ kind: 'number' }, '1'],
      [{ kind: 'boolean' }, 'true'],
      [{ kind: 'bytes' }, '0x00'],
      [{ kind: 'date' }, '2030-01-31T12:00:00Z'],
      [{ kind: 'array', items: { kind: 'number' } }, "'[1]'"],
      [{ kind: 'set', items: { kind: 'number' } }, "'[1]'"],
      [{ kind: 'map', keys: { kind: 'string' }, values: { kind: 'number' } }, `'{"text":1}'`],
      [{ kind: 'map', keys: { kind: 'number' }, values: { kind: 'number' } }, "'[[1,1]]'"],
      [{ kind: 'union', of: [{ kind: 'void' }, { kind: 'literal', value: 'red' }] }, 'red'],
      [{ kind: 'literal', value: '--json' }, `'"--json"'`],
      [post, `'{"title":"text"}'`],
    ]
    for (const [type, word] of cases) assert.equal(one(type), word)
  })

  it('leave out what may be left out', () => {
    const number: ValueType = { kind: 'number' }
    const params = [
      param(number),
      param(number, { optional: true }),
      param({ kind: 'array', items: number }, { optional: true, rest: true }),
    ]
    assert.deepEqual(exampleArguments(params), ['1'])
  })

  it('say null where no value is of the type', () => {
    const fields = [{ name: 'a', type: { kind: 'void' } as const, optional: false }]
    assert.equal(one({ kind: 'object', fields }), 'null')
    assert.equal(one({ kind: 'array', items: { kind: 'object', fields } }), "'[]'")
  })

  it('are quoted as sh reads them', () => {
    if (process.platform === 'win32') return
    const values = ["it's $HOME `x` \\ !", '', '*', '~', 'a b', '$(x)']
    const words = exampleArguments(values.map((value) => param({ kind: 'literal', value })))
    const said = execFileSync('/bin/sh', ['-c', `printf '%s\\n' ${words.join(' ')}`], { encoding: 'utf8' })
    assert.equal(said, `${values.join('\n')}\n`)
  })
})
