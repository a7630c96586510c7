import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { judged, makeVectors, type Vectors } from './vectors.ts'

const file = new URL('../../specs/vectors/homes.json', import.meta.url)
const written: Vectors = JSON.parse(readFileSync(file, 'utf8'))

describe('registry vectors', () => {
  for (const vector of written.vectors) {
    it(`${vector.kind}: ${vector.what}: ${vector.code ?? 'valid'}`, async () => {
      assert.equal(await judged(vector, written), vector.code)
    })
  }

  it('are what this code writes', async () => {
    assert.deepEqual(await makeVectors(), written)
  })
})
