/** Blocks that are given away and not kept. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { createPassingBlocks, keeping, type PassingBlocks } from '../../daemon/node/passing-blocks.ts'
import { cidFrom, DAG_CBOR, rawBlock } from '../../daemon/store/block.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { tempFolder } from '../support/temp.ts'

describe('passing blocks', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let database: LocalDatabase
  let passing: PassingBlocks
  let store: ReturnType<PassingBlocks['over']>
  const [a, b, c] = ['a', 'b', 'c'].map((text) => rawBlock(Buffer.alloc(100, text))) as [Block, Block, Block]
  type Block = ReturnType<typeof rawBlock>

  before(async () => {
    folder = await tempFolder()
    database = await openDatabase(join(folder.path, 'store'))
  })
  beforeEach(() => {
    passing = createPassingBlocks(250)
    store = passing.over(database.blockstore as never)
  })
  after(async () => {
    await database.close()
    await folder.remove()
  })
  const read = async (block: Block): Promise<Uint8Array> => {
    const chunks = []
    for await (const chunk of store.get(block.cid)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  it('are given beside those of the store, whatever the codec, and are not in it', async () => {
    passing.put([a])
    await store.put(b.cid, b.bytes)
    for (const block of [a, b]) {
      assert(await store.has(block.cid))
      assert.deepEqual(await read(block), Buffer.from(block.bytes))
    }
    assert(await store.has(cidFrom(DAG_CBOR, a.cid.multihash.digest)))
    assert(!(await store.has(c.cid)))
    assert.deepEqual([await database.blocks.has(a.cid), await database.blocks.has(b.cid)], [false, true])
    const many: string[] = []
    for await (const { cid, bytes } of store.getMany([a.cid, b.cid]))
      for await (const chunk of bytes) many.push(`${cid} ${chunk.length}`)
    assert.deepEqual(many, [`${a.cid} 100`, `${b.cid} 100`])
  })

  it('make room for newer ones, those put longest ago first', () => {
    passing.put([a, b])
    passing.put([a])
    passing.put([c])
    assert.deepEqual(
      [a, b, c].map(({ cid }) => passing.get(cid) !== undefined),
      [true, false, true],
    )
    passing.put([rawBlock(Buffer.alloc(251))])
    assert(passing.get(c.cid))
  })

  it('stay when somebody fetches them', async () => {
    const local = keeping(database.blocks, passing)
    passing.put([c])
    assert.deepEqual(await local.get(c.cid), c.bytes)
    assert(await database.blocks.has(c.cid))
    assert.equal(await local.get(rawBlock(Buffer.from('none')).cid), undefined)
  })
})
