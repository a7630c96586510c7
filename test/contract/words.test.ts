import assert from 'node:assert/strict'
import type { Json, ValueType } from '../../daemon/contract/types.ts'
import { readWord } from '../../daemon/contract/words.ts'
import { failure } from './folder.ts'

const read = (type: ValueType, word: string, rest = false): Json =>
  readWord({ name: 'a', text: 'T', type, optional: false, rest }, word)

const string: ValueType = { kind: 'string' }
const number: ValueType = { kind: 'number' }

describe('words', () => {
  const cases: [type: ValueType, good: [string, Json][], bad: string[]][] = [
    [
      string,
      [
        ['', ''],
        ['5', '5'],
        ['"a"', '"a"'],
        ['null', 'null'],
      ],
      [],
    ],
    [
      number,
      [
        ['5', 5],
        ['-1.5e3', -1500],
        ['.5', 0.5],
        ['+1', 1],
        ['NaN', { '/': { number: 'NaN' } }],
        ['-0', { '/': { number: '-0' } }],
      ],
      ['', 'x', '0x10', '1e999', ' 1', '1_0'],
    ],
    [
      { kind: 'boolean' },
      [
        ['true', true],
        ['false', false],
      ],
      ['1', 'yes', ''],
    ],
    [{ kind: 'null' }, [['null', null]], ['', '0']],
    [
      { kind: 'bigint' },
      [
        ['12', { '/': { bigint: '12' } }],
        ['-3n', { '/': { bigint: '-3' } }],
        ['{"/":{"bigint":"1"}}', { '/': { bigint: '1' } }],
      ],
      ['1.5', 'x', ''],
    ],
    [
      { kind: 'bytes' },
      [
        ['0x0102', { '/': { bytes: 'AQI' } }],
        ['AQI=', { '/': { bytes: 'AQI' } }],
        ['', { '/': { bytes: '' } }],
      ],
      ['0x1', '*', 'A'],
    ],
    [
      { kind: 'date' },
      [
        ['2030-01-31', { '/': { date: '2030-01-31T00:00:00.000Z' } }],
        ['2030-01-31T10:00:00Z', { '/': { date: '2030-01-31T10:00:00.000Z' } }],
      ],
      ['soon', '2030-13-01', '5'],
    ],
    [
      { kind: 'literal', value: 'a' },
      [
        ['a', 'a'],
        ['"a"', 'a'],
      ],
      ['b'],
    ],
    [{ kind: 'literal', value: 1 }, [['1', 1]], ['2']],
    [{ kind: 'array', items: string }, [['["a"]', ['a']]], ['a', '[1]', '[']],
    [{ kind: 'set', items: number }, [['[1]', { '/': { set: [1] } }]], ['1', '["a"]']],
    [
      { kind: 'map', keys: string, values: number },
      [
        ['{"a":1}', { '/': { map: [['a', 1]] } }],
        ['[["a",1]]', { '/': { map: [['a', 1]] } }],
      ],
      ['{"a":"b"}', 'a'],
    ],
    [{ kind: 'record', values: number }, [['{"a":1}', { a: 1 }]], ['[]', '{']],
    [
      { kind: 'any' },
      [
        ['5', 5],
        ['a b', 'a b'],
        ['{"a":1}', { a: 1 }],
        ['{"a"', '{"a"'],
      ],
      ['{"/":1}'],
    ],
    [
      { kind: 'union', of: [string, number] },
      [
        ['5', 5],
        ['a', 'a'],
      ],
      [],
    ],
    [
      { kind: 'union', of: [string, { kind: 'null' }] },
      [
        ['5', '5'],
        ['null', null],
      ],
      [],
    ],
    [
      { kind: 'union', of: [{ kind: 'bigint' }, { kind: 'null' }] },
      [
        ['5', { '/': { bigint: '5' } }],
        ['null', null],
      ],
      ['a'],
    ],
  ]
  for (const [type, good, bad] of cases)
    it(`reads ${JSON.stringify(type)}`, async () => {
      for (const [word, json] of good) assert.deepEqual(read(type, word), json, word)
      for (const word of bad) await failure('BAD_ARGUMENTS', () => read(type, word))
    })

  it('reads each word of a rest parameter by the type of one', () => {
    assert.equal(read({ kind: 'array', items: number }, '5', true), 5)
  })

  it('says once what type it wants, as its author wrote it', async () => {
    const fields = [{ name: 'x', type: number, optional: false }]
    const said = async (text: string, type: ValueType, word: string, rest = false) => {
      const param = { name: 'by', text, type, optional: false, rest }
      const { message, hint } = await failure('BAD_ARGUMENTS', () => readWord(param, word))
      return `${message} ${hint}`
    }
    assert.equal(
      await said('number', number, 'abc'),
      '"by" has to be of the type number, and "abc" is not. For example: 1',
    )
    assert.match(await said('number', number, '"5"'), /and '"5"' is not\./)
    assert.match(await said('number[]', { kind: 'array', items: number }, 'x', true), /of the type number, and/)
    const post = await said('Post', { kind: 'object', fields }, '{x:1}')
    assert.match(post, /^"by" has to be JSON of the type Post, and "\{x:1\}" is not JSON\./)
    assert.match(post, /Post is \{ x: number \}\. For example: '\{"x":1\}'$/)
    assert.match(await said('Post', { kind: 'object', fields }, '[]'), /of the type Post, and "\[\]" is not\./)
    assert.match(
      await said('Post', { kind: 'object', fields }, '{"x":"y"}'),
      /^"by"\.x has to be a number, and "y" came\./,
    )
    assert.doesNotMatch(
      await said('Map<string, number>', { kind: 'map', keys: string, values: number }, 'x'),
      / is Map/,
    )
  })

  it('does not repeat a long or a strange word', async () => {
    const { message } = await failure('BAD_ARGUMENTS', () => read(number, `\u001b[2J${'x'.repeat(1000)}`))
    assert(message.length < 120 && !message.includes('\u001b'), message)
  })
})
