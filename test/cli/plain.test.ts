import assert from 'node:assert/strict'
import { showResult } from '../../cli/invoke.ts'
import { plain } from '../../cli/plain.ts'
import type { Json } from '../../daemon/api/vocabulary.ts'

const CASES: [Json, Json][] = [
  [null, null],
  [
    [1, 'a', true],
    [1, 'a', true],
  ],
  [{ '/': { date: '2026-01-01T00:00:00.000Z' } }, '2026-01-01T00:00:00.000Z'],
  [{ '/': { bigint: '12' } }, '12n'],
  [{ at: { '/': { number: 'NaN' } } }, { at: 'NaN' }],
  [{ '/': { map: [['a', { '/': { bytes: 'AQI' } }]] } }, [['a', 'AQI']]],
  [{ '/': { set: [{ '/': { set: [1] } }] } }, [[1]]],
  [{ '/': { object: [['/', 1]] } }, { '/': 1 }],
  [{ '/': { unknown: 1 } }, { '/': { unknown: 1 } }],
  [{ '/': 'text' }, { '/': 'text' }],
  [{ '/': { toString: 1 } }, { '/': { toString: 1 } }],
]

describe('results for people', () => {
  for (const [value, shown] of CASES) {
    it(`${JSON.stringify(value)} is shown as ${JSON.stringify(shown)}`, () => assert.deepEqual(plain(value), shown))
  }

  it('has no quotes around a number, unless it is inside of something', () => {
    const shown = (value: Json) => showResult(value).map((line) => line.render(false))
    assert.deepEqual(shown({ '/': { bigint: '700' } }), ['700'])
    assert.deepEqual(shown({ '/': { number: 'NaN' } }), ['NaN'])
    assert.deepEqual(shown([{ '/': { bigint: '700' } }]), ['[', '  "700n"', ']'])
    assert.deepEqual(shown({ '/': { bigint: '7', number: 'NaN' } })[0], '{')
    assert.deepEqual(shown({ '/': { number: { a: 1 } } })[0], '{')
  })
})
