import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_ORIGINS } from '../../daemon/door/constants.ts'
import { keepOrigins } from '../../daemon/door/kept-origins.ts'

const A = 'http://localhost:5173'
const B = 'https://app.example'

describe('kept origins', () => {
  const memory = (first?: Uint8Array) => {
    const all = new Map<string, Uint8Array>(first === undefined ? [] : [['door/origins', first]])
    let writes = 0
    return {
      get: async (key: string) => all.get(key),
      put: async (key: string, value: Uint8Array) => {
        writes++
        all.set(key, value)
      },
      writes: () => writes,
    }
  }
  const none = { allow: [], forbid: [] }

  it('stay until they are taken back', async () => {
    const kept = memory()
    assert.deepEqual(await keepOrigins(kept, none), [])
    assert.equal(kept.writes(), 0)
    assert.deepEqual(await keepOrigins(kept, { ...none, allow: [A] }), [A])
    assert.deepEqual(await keepOrigins(kept, { ...none, allow: [B, A] }), [A, B])
    assert.deepEqual(await keepOrigins(kept, none), [A, B])
    assert.equal(kept.writes(), 2)
    assert.deepEqual(await keepOrigins(kept, { ...none, forbid: [A] }), [B])
    assert.deepEqual(await keepOrigins(kept, none), [B])
    assert.deepEqual(await keepOrigins(kept, { allow: [A], forbid: ['all'] }), [A])
    assert.deepEqual(await keepOrigins(kept, { ...none, forbid: ['all'] }), [])
    assert.deepEqual(await keepOrigins(kept, none), [])
  })

  it('are bounded', async () => {
    const kept = memory()
    const many = Array.from({ length: MAX_ORIGINS + 1 }, (_, i) => `http://localhost:${1000 + i}`)
    assert.deepEqual(await keepOrigins(kept, { ...none, allow: many }), many.slice(1))
  })

  it('are nobody where they cannot be read', async () => {
    const bad = [
      new Uint8Array([255]),
      dagCbor.encode({ a: 1 }),
      dagCbor.encode([1, '*', 'null', `${A}/`, 'file:///x']),
    ]
    for (const bytes of bad) assert.deepEqual(await keepOrigins(memory(bytes), none), [])
  })
})
