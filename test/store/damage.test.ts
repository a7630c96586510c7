/** Bits that the disk flipped: found when they are read, and named. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { decode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import type { Head } from '../../daemon/store/types.ts'
import { leavesOf } from '../../daemon/vm/merkle.ts'
import { applyDelta } from '../support/image.ts'
import {
  callRecord,
  coded,
  collect,
  createDelta,
  createWorkspace,
  grow,
  newCommit,
  type TestHistory,
  type Workspace,
} from './kit.ts'

describe('store: damage', () => {
  let workspace: Workspace
  let history: TestHistory
  let service: CID
  let head: Head
  before(async () => {
    workspace = await createWorkspace()
    history = await workspace.history()
    const { images, ...grown } = await grow(history, 4)
    service = grown.service
    // noise: it cannot be deflated below what stands in the commit itself
    const delta = { ...createDelta(5, 2, 60), bytes: new Uint8Array(randomBytes(60 * 256)) }
    const calls = Array.from({ length: 20 }, (_, n) => callRecord(n, 5000))
    head = await history.append(service, newCommit(delta, applyDelta(images[4]!, delta), calls))
  })
  after(() => workspace.remove())

  /** Runs with one bit of a block flipped. */
  const damaged = async <T>(cid: CID, at: number, run: () => Promise<T>): Promise<T> => {
    const whole = (await history.database.blocks.get(cid))!
    const bytes = Uint8Array.from(whole)
    bytes[Math.floor(at / 8) % bytes.length]! ^= 1 << (at % 8)
    await history.database.blocks.put([{ cid, bytes }])
    try {
      return await run()
    } finally {
      await history.database.blocks.put([{ cid, bytes: whole }])
    }
  }

  const names = (cid: CID) => coded('BLOCK_DAMAGED', ({ cids }) => cids[0]!.equals(cid))

  it('is found in a commit, its calls, envelopes and results, by whoever reads it', async () => {
    const { calls } = await history.commit(head.commit)
    assert.equal(calls.length, 20)
    const parts = await blocksOf(head.commit, (name) => name === 'chunks' || name === 'envelope')
    assert(parts.length > 20)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), async (cid, at) => {
        await damaged(cid, at, () => assert.rejects(history.commit(head.commit), names(cid)))
        await damaged(cid, at, () => assert.rejects(collect(history.log(service)), names(cid)))
      }),
      { numRuns: 60 },
    )
  })

  it('is found in whatever makes a state: commits, deltas, the index, the pages', async () => {
    const { checkpoint } = await history.commit(service)
    const delta = await blocksOf(head.commit, (name) => name === 'delta')
    const parts = [head.commit, ...delta, ...(await blocksOf(checkpoint!, () => true))]
    assert.equal(delta.length, 2)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), async (cid, at) => {
        await damaged(cid, at, () => assert.rejects(history.image(service), names(cid)))
      }),
      { numRuns: 100 },
    )
    const { image, leaves } = await history.image(service)
    assert(Buffer.compare(leaves, leavesOf(image.memory)) === 0)
  })

  /** A block, and what it links to under fields with such names, and so on. */
  const blocksOf = async (cid: CID, follow: (name: string) => boolean): Promise<CID[]> => {
    const found = new Map([[cid.toString(), cid]])
    const bytes = (await history.database.blocks.get(cid))!
    if (cid.code !== 0x71) return [cid]
    const look = async (value: unknown, name: string): Promise<void> => {
      const link = CID.asCID(value)
      if (link) {
        if (follow(name)) for (const each of await blocksOf(link, follow)) found.set(each.toString(), each)
      } else if (Array.isArray(value)) for (const item of value) await look(item, name)
      else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array))
        for (const [key, item] of Object.entries(value)) await look(item, key)
    }
    await look(decode(bytes), '')
    return [...found.values()]
  }
})
