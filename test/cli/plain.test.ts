import assert from 'node:assert/strict'
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
})
