import assert from 'node:assert/strict'
import { cborBlock } from '../../daemon/store/block.ts'
import { decodeChunk, packCalls, placeOf, unpackCalls } from '../../daemon/store/commit-calls.ts'
import { MAX_PART_BYTES } from '../../daemon/store/constants.ts'
import type { Blocks } from '../../daemon/store/database-types.ts'
import { packPayload, unpackPayload } from '../../daemon/store/payload.ts'
import { callRecord, coded } from './kit.ts'

const service = cborBlock({ n: 1 }).cid
const other = cborBlock({ n: 2 }).cid

describe('store: blocks of a commit', () => {
  const stored = new Map<string, Uint8Array>()
  const blocks: Blocks = {
    get: async (cid) => stored.get(cid.toString()),
    has: async (cid) => stored.has(cid.toString()),
    put: async (added) => {
      for (const { cid, bytes } of added) stored.set(cid.toString(), bytes)
    },
  }
  const pack = async (bytes: Uint8Array, owner = { service, seq: 3 }) => {
    const made: { cid: typeof service; bytes: Uint8Array }[] = []
    const payload = packPayload(bytes, made, owner)
    await blocks.put(made)
    return { payload, made }
  }

  it('give back what was packed, whatever its length', async () => {
    for (const length of [0, 4096, 4097, MAX_PART_BYTES, MAX_PART_BYTES + 1, 3 * MAX_PART_BYTES + 5]) {
      const bytes = new Uint8Array(length).map((_, i) => i % 251)
      const { payload, made } = await pack(bytes)
      const read = await unpackPayload(payload, blocks, length, { service, seq: 3 })
      assert.equal(Buffer.compare(read, bytes), 0, `${length}`)
      assert(made.every((block) => block.bytes.length <= 1 << 20))
      if (made.length > 0)
        await assert.rejects(unpackPayload(payload, blocks, length - 1, { service, seq: 3 }), coded('BLOCK_INVALID'))
    }
  })

  it('are those of one commit alone, and are taken from no other', async () => {
    const bytes = new Uint8Array(2 * MAX_PART_BYTES).fill(7)
    const all = [
      await pack(bytes),
      await pack(bytes, { service, seq: 4 }),
      await pack(bytes, { service: other, seq: 3 }),
    ]
    const names = all.flatMap(({ made }) => [...new Set(made.map(({ cid }) => cid.toString()))])
    assert.equal(new Set(names).size, names.length)
    for (const { payload } of all.slice(1))
      await assert.rejects(unpackPayload(payload, blocks, 1e7, { service, seq: 3 }), coded('BLOCK_INVALID'))
    await assert.rejects(unpackPayload(all[0]!.payload, blocks, 1e7, { seq: 3 }), coded('BLOCK_INVALID'))
  })

  it('hold chunks of calls, too', async () => {
    const made: { cid: typeof service; bytes: Uint8Array }[] = []
    const calls = Array.from({ length: 20 }, (_, n) => callRecord(n, n * 500))
    const packed = packCalls(calls, made, { service, seq: 3 })
    await blocks.put(made)
    assert.deepEqual((await unpackCalls(packed, blocks, { service, seq: 3 })).length, 20)
    await assert.rejects(unpackCalls(packed, blocks, { service, seq: 4 }), coded('BLOCK_INVALID'))
    assert('chunks' in packed)
    const chunk = stored.get(packed.chunks[1]!.toString())!
    assert.equal(decodeChunk(chunk, { count: 20, chunks: 2, chunk: 1, owner: { service, seq: 3 } }).length, 4)
    assert.throws(
      () => decodeChunk(chunk, { count: 20, chunks: 2, chunk: 1, owner: { service: other, seq: 3 } }),
      coded('BLOCK_INVALID'),
    )
  })

  it('hold each call by itself where none is to be seen with another', async () => {
    const made: { cid: typeof service; bytes: Uint8Array }[] = []
    const calls = Array.from({ length: 20 }, (_, n) => callRecord(n, n * 500))
    const owner = { service, seq: 3 }
    const packed = packCalls(calls, made, owner, { apart: true })
    await blocks.put(made)
    assert('chunks' in packed)
    assert.equal(packed.chunks.length, 20)
    const gas = (await unpackCalls(packed, blocks, owner)).map((call) => call.gas)
    assert.deepEqual(
      gas,
      calls.map((call) => call.gas),
    )
    const place = placeOf(17, { count: 20, chunks: 20 })
    assert.deepEqual(place, { chunk: 17, place: 0 })
    assert.deepEqual(placeOf(17, { count: 20, chunks: 2 }), { chunk: 1, place: 1 })
    const chunk = stored.get(packed.chunks[17]!.toString())!
    assert.equal(decodeChunk(chunk, { count: 20, chunks: 20, chunk: 17, owner }).length, 1)
    // as one of the other kind it lacks fifteen
    assert.throws(() => decodeChunk(chunk, { count: 20, chunks: 2, chunk: 0, owner }), coded('BLOCK_INVALID'))
    assert.equal('chunks' in packCalls(calls.slice(0, 1), made, owner, { apart: true }), false)
  })
})
