/** What the disk lost or damaged is fetched again, whatever it is. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { rawBlock } from '../../daemon/store/block.ts'
import { createBookkeeping } from '../../daemon/store/bookkeeping.ts'
import { links } from '../../daemon/store/links.ts'
import type { Head } from '../../daemon/store/types.ts'
import { applyDelta } from '../support/image.ts'
import {
  CONTRACT,
  callRecord,
  coded,
  collect,
  createDelta,
  createWorkspace,
  grow,
  newCommit,
  sameContent,
  sameImage,
  type TestHistory,
  type Workspace,
} from './kit.ts'

describe('store: mend', () => {
  let workspace: Workspace
  let history: TestHistory
  let service: CID
  let head: Head
  const whole = new Map<string, Uint8Array>()
  const content = rawBlock(Buffer.from('content'))

  before(async () => {
    workspace = await createWorkspace()
    history = await workspace.history({ checkpointCommits: 3 })
    await history.database.blocks.put([rawBlock(Buffer.from('contract')), content])
    const { images, ...grown } = await grow(history, 5)
    service = grown.service
    const delta = { ...createDelta(6, 2, 60), bytes: new Uint8Array(randomBytes(60 * 256)) }
    const calls = Array.from({ length: 20 }, (_, n) => callRecord(n, 5000))
    const last = { ...newCommit(delta, applyDelta(images[5]!, delta), calls), content: [content.cid] }
    head = await history.append(service, last)
    await history.idle()
    for (const cid of await everything()) whole.set(cid.toString(), (await history.database.blocks.get(cid))!)
  })
  after(() => workspace.remove())

  const everything = async (): Promise<CID[]> => {
    const { cid } = await createBookkeeping(history.database.meta).checkpoint(service, head.seq)
    const found = new Map<string, CID>()
    const waiting = [head.commit, cid]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (found.has(at.toString())) continue
      found.set(at.toString(), at)
      waiting.push(...links(at, (await history.database.blocks.get(at))!))
    }
    return [...found.values()]
  }

  const damage = async (cid: CID): Promise<void> => {
    const bytes = Uint8Array.from(whole.get(cid.toString())!)
    bytes[bytes.length - 1]! ^= 1
    await history.database.blocks.put([{ cid, bytes }])
  }
  const lose = (cid: CID): Promise<void> => history.database.commit([{ delete: 'block', cid }])
  const isWhole = async (cid: CID): Promise<boolean> =>
    Buffer.compare((await history.database.blocks.get(cid)) ?? new Uint8Array(0), whole.get(cid.toString())!) === 0
  const fetch = async (cid: CID): Promise<Uint8Array | undefined> => whole.get(cid.toString())
  const nobody = async (): Promise<undefined> => undefined
  const repair = (): Promise<unknown> => history.mend(service, { fetch })

  it('finds nothing to do in what is whole', async () => {
    assert.deepEqual(await history.mend(service, { fetch: () => assert.fail('nothing is missing') }), {
      blocks: 0,
      bytes: 0,
      checkpoints: 0,
      lost: [],
    })
  })

  for (const [how, hurt] of [
    ['damaged', damage],
    ['lost', lose],
  ] as const)
    it(`brings back every block that is ${how}: commits, calls, deltas, code, content, the memory`, async () => {
      const all = await everything()
      assert(all.length > 40, `${all.length}`)
      for (const cid of all) {
        await hurt(cid)
        const { blocks, bytes, lost } = await history.mend(service, { fetch })
        assert.deepEqual([blocks, bytes, lost], [1, whole.get(cid.toString())!.length, []], cid.toString())
        assert(await isWhole(cid))
      }
      for (const cid of all) await hurt(cid)
      assert.equal(((await repair()) as { blocks: number }).blocks, all.length)
      assert.equal((await history.commit(head.commit)).calls.length, 20)
    })

  it('says whose blocks may be asked of anybody', async () => {
    const open: boolean[] = []
    for (const cid of [CONTRACT, content.cid, head.commit]) {
      await damage(cid)
      await history.mend(service, {
        fetch: (cid, isOpen) => {
          open.push(isOpen)
          return fetch(cid)
        },
      })
    }
    assert.deepEqual(open, [true, true, true])
  })

  it('leaves what nobody has as it was, names it, and mends the rest', async () => {
    const gone = head.commit
    await damage(gone)
    await damage(service)
    const { blocks, lost } = await history.mend(service, {
      fetch: async (cid) => (sameContent(cid, gone) ? undefined : fetch(cid)),
    })
    assert.deepEqual([blocks, lost.map(String)], [1, [gone.toString()]])
    await assert.rejects(
      history.commit(gone),
      coded('BLOCK_DAMAGED', ({ cids }) => cids[0]!.equals(gone)),
    )
    await repair()
  })

  it('takes nothing that is not the block, and asks in vain a few times only', async () => {
    const all = await everything()
    await damage(head.commit)
    await assert.rejects(history.mend(service, { fetch: async () => Buffer.from('other') }), coded('BLOCK_INVALID'))
    assert(!(await isWhole(head.commit)))
    assert((await history.database.blocks.get(head.commit))!.length > 0)
    await repair()
    for (const cid of all.filter((cid) => !sameContent(cid, head.commit))) await damage(cid)
    let asked = 0
    const { lost } = await history.mend(service, {
      fetch: async () => {
        asked++
        return undefined
      },
    })
    assert(asked < 10 && lost.length > asked, `${asked} ${lost.length}`)
    await repair()
  })

  it('does without a checkpoint that nobody has, and reads the memory from an older one', async () => {
    const { image } = await history.image(service)
    const rows = async () => collect(createBookkeeping(history.database.meta).checkpointsFrom(service, 0))
    const before = await rows()
    const newest = before.at(-1)!
    assert(before.length >= 2 && newest.seq > 0)
    await damage(newest.cid)
    await assert.rejects(history.image(service), coded('BLOCK_DAMAGED'))
    const { checkpoints, lost } = await history.mend(service, { fetch: nobody })
    assert.deepEqual([checkpoints, lost], [1, []])
    assert.equal((await rows()).length, before.length - 1)
    sameImage((await history.image(service)).image, image)
  })

  it('looks no further than the history goes here', async () => {
    const pruned = await workspace.history({ checkpointCommits: 3, name: 'pruned' })
    const { service } = await grow(pruned, 10)
    await pruned.database.blocks.put([rawBlock(Buffer.from('contract'))])
    await pruned.idle()
    const { commits } = await pruned.prune(service, { keep: 'checkpoints', count: 1 })
    assert(commits > 0)
    const { blocks, lost } = await pruned.mend(service, { fetch: nobody })
    assert.deepEqual([blocks, lost], [0, []])
  })

  it('of a service that is not here is refused', () =>
    assert.rejects(history.mend(CONTRACT, { fetch }), coded('NO_SUCH_SERVICE')))
})
