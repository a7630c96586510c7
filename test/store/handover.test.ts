/** A history that goes on under another key: with the owner's word, and not without it. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { rawBlock, sameBytes } from '../../daemon/store/block.ts'
import type { HandoverBody } from '../../daemon/store/commit-body.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import type { Handover } from '../../daemon/store/commit-types.ts'
import type { Head } from '../../daemon/store/types.ts'
import type { Image } from '../../daemon/vm/types.ts'
import { applyDelta } from '../support/image.ts'
import {
  coded,
  collect,
  copyBlocks,
  createDelta,
  createOwner,
  createSigner,
  createWorkspace,
  grow,
  newCommit,
  newestCheckpoint,
  sameContent,
  sameImage,
  type TestHistory,
  type Workspace,
} from './kit.ts'

describe('store: handover', () => {
  let workspace: Workspace
  let owner: Awaited<ReturnType<typeof createOwner>>
  let host: TestHistory
  let next: TestHistory
  let reader: TestHistory
  let service: CID
  let heads: Head[]
  let images: Image[]
  beforeEach(async () => {
    workspace = await createWorkspace()
    owner = await createOwner()
    host = await workspace.history({ name: 'host', checkpointCommits: 3 })
    next = await workspace.history({ name: 'next', checkpointCommits: 3 })
    reader = await workspace.history({ name: 'reader' })
    ;({ service, heads, images } = await grow(host, 8, { owner: owner.id }))
    await copyBlocks(host.database, next.database)
  })
  afterEach(() => workspace.remove())

  const order = (parent: CID, to: TestHistory, epoch = 1): Promise<Handover> =>
    owner.order({ service, parent, epoch, host: to.signer.publicKey })

  /** `next` goes on from the commit at this place. */
  const takeOver = async (seq: number): Promise<Head> => {
    const parent = heads[seq]!.commit
    await next.adopt(service, parent)
    return await next.takeOver(service, { parent, time: 1_700_000_000_002, handover: await order(parent, next) })
  }

  const appendTo = async (history: TestHistory, image: Image, salt: number): Promise<[Head, Image]> => {
    const after = applyDelta(image, createDelta(salt))
    return [await history.append(service, newCommit(createDelta(salt), after)), after]
  }

  const follow = async (from: TestHistory, to = reader): Promise<Head> => {
    await copyBlocks(from.database, to.database)
    return await to.adopt(service, (await from.head(service))!.commit)
  }

  it('goes on at another host, with the state as it was', async () => {
    const head = await takeOver(8)
    assert.deepEqual([head.seq, head.epoch, head.hosted, head.trust], [9, 1, true, 'signed'])
    assert.deepEqual(head.handovers.map(String), [String(head.commit)])
    sameImage((await next.image(service)).image, images[8]!)
    let [last, image] = await appendTo(next, images[8]!, 90)
    for (let salt = 91; salt < 97; salt++) [last, image] = await appendTo(next, image, salt)
    assert.equal(last.epoch, 1)
    const adopted = await follow(next)
    assert.deepEqual([adopted.epoch, adopted.hosted, adopted.handovers.length], [1, false, 1])
    sameImage((await reader.image(service)).image, image)
    const log = await collect(reader.log(service))
    assert.equal(log.filter(({ kind }) => kind === 'handover').length, 1)
    const { handover, calls } = await reader.commit(head.commit)
    assert(sameBytes(handover!.sig, (await order(heads[8]!.commit, next)).sig))
    assert.equal(calls.length, 0)
  })

  it('goes on from an older backup: what was appended after it is followed by nobody', async () => {
    await follow(host)
    await reader.markReplayed(service, heads[8]!.commit)
    await host.idle()
    await takeOver(5)
    const [, image] = await appendTo(next, images[5]!, 70)
    const head = await follow(next)
    assert.deepEqual([head.seq, head.epoch, head.trust], [7, 1, 'signed'])
    sameImage((await reader.image(service)).image, image)
    sameImage((await reader.image(service, heads[4]!.commit)).image, images[4]!)
    await assert.rejects(reader.image(service, heads[7]!.commit), coded('BROKEN_CHAIN'))

    // the old host does not know, and goes on
    const [late] = await appendTo(host, images[8]!, 71)
    assert.equal(late.seq, 9)
    assert(String((await follow(host)).commit) === String(head.commit))
    // until it hears of it
    const heard = await follow(next, host)
    assert.deepEqual([heard.epoch, heard.hosted, heard.trust], [1, false, 'signed'])
    sameImage((await host.image(service)).image, image)
    await assert.rejects(host.append(service, newCommit(createDelta(1), image)), coded('NOT_HOST'))
  })

  it('comes back to the first host, and its checkpoints go on', async () => {
    await takeOver(8)
    let image = images[8]!
    for (let salt = 20; salt < 25; salt++) [, image] = await appendTo(next, image, salt)
    const { commit } = await follow(next, host)
    const back = await host.takeOver(service, {
      ...{ parent: commit, time: 1_700_000_000_003, handover: await order(commit, host, 2) },
    })
    assert.deepEqual([back.epoch, back.hosted, back.handovers.length], [2, true, 2])
    for (let salt = 30; salt < 37; salt++) [, image] = await appendTo(host, image, salt)
    await host.idle()
    assert((await newestCheckpoint(host, service)).seq > back.seq)
    const head = await follow(host)
    assert.deepEqual([head.epoch, head.handovers.length], [2, 2])
    sameImage((await reader.image(service)).image, image)
  })

  it("refuses what is not the owner's word for this node, this commit and this epoch", async () => {
    const parent = heads[8]!.commit
    await next.adopt(service, parent)
    const other = await createOwner()
    const said = { service, parent, epoch: 1, host: next.signer.publicKey }
    const good = await owner.order(said)
    const words = [
      await other.order(said),
      { ...(await other.order(said)), owner: good.owner },
      await owner.order({ ...said, epoch: 2 }),
      await owner.order({ ...said, parent: heads[7]!.commit }),
      await owner.order({ ...said, host: host.signer.publicKey }),
      await owner.order({ ...said, service: parent }),
      { ...good, owner: Uint8Array.of(8, 1, 18, 32, ...new Uint8Array(32).fill(255)) },
    ]
    const time = 1_700_000_000_002
    for (const handover of words)
      await assert.rejects(next.takeOver(service, { parent, time, handover }), coded('NOT_THE_OWNER'))
    const older = { parent: heads[7]!.commit, time, handover: good }
    await assert.rejects(next.takeOver(service, older), coded('APPEND_CONFLICT'))
    await assert.rejects(host.takeOver(parent, older), coded('NO_SUCH_SERVICE'))
    assert.equal((await next.takeOver(service, { parent, time, handover: good })).epoch, 1)
  })

  it('believes no handover from elsewhere that the owner did not sign', async () => {
    const head = await takeOver(6)
    const { body } = decodeCommit(head.commit, (await next.database.blocks.get(head.commit))!)
    const genuine = body as HandoverBody
    const stranger = await createSigner()
    const lies: [Partial<HandoverBody>, 'BROKEN_CHAIN' | 'BLOCK_MISSING'][] = [
      [{ host: stranger.publicKey }, 'BROKEN_CHAIN'],
      [{ epoch: 2 }, 'BROKEN_CHAIN'],
      [{ parent: heads[5]!.commit, seq: 6, before: heads[5]!.root, root: heads[5]!.root }, 'BROKEN_CHAIN'],
      [{ contract: rawBlock(Uint8Array.of(1)).cid }, 'BROKEN_CHAIN'],
      [{ parent: head.commit, seq: 8 }, 'BROKEN_CHAIN'],
    ]
    await follow(host)
    for (const [change, code] of lies) {
      const lie = await sealCommit({ ...genuine, ...change }, change.host ? stranger : next.signer)
      await reader.database.blocks.put([lie])
      await assert.rejects(reader.adopt(service, lie.cid), coded(code))
    }
    assert.equal((await reader.head(service))!.seq, 8)
    assert.equal((await follow(next)).seq, 7)
  })

  it('takes the first of two handovers of one epoch, and the next epoch of either', async () => {
    const third = await workspace.history({ name: 'third' })
    await copyBlocks(host.database, third.database)
    await takeOver(8)
    await follow(next)
    const parent = heads[7]!.commit
    await third.adopt(service, parent)
    const { commit } = await third.takeOver(service, { parent, time: 2, handover: await order(parent, third) })
    await assert.rejects(follow(third), coded('BROKEN_CHAIN'))
    await third.takeOver(service, { parent: commit, time: 3, handover: await order(commit, third, 2) })
    const head = await follow(third)
    assert.deepEqual([head.epoch, head.seq, head.handovers.length], [2, 9, 2])
  })

  it('accuses the host of one epoch of two histories of it', async () => {
    await takeOver(8)
    await follow(next)
    const twin = await workspace.history({ name: 'twin', signer: next.signer })
    await follow(next, twin)
    await appendTo(next, images[8]!, 60)
    await appendTo(twin, images[8]!, 61)
    await follow(next)
    await assert.rejects(
      follow(twin),
      coded('EQUIVOCATION', ({ cids }) => cids.length === 2),
    )
  })

  it('adopts what begins at a base, its key proven by the genesis and the handovers', async () => {
    const handed = await takeOver(8)
    let image = images[8]!
    for (let salt = 20; salt < 29; salt++) {
      ;[, image] = await appendTo(next, image, salt)
      if (salt < 28) await next.idle()
    }
    const head = (await next.head(service))!
    const { seq, cid: checkpoint } = await newestCheckpoint(next, service)
    assert(seq > handed.seq && seq < head.seq)
    const log = await collect(next.log(service))
    const base = log.find((commit) => commit.seq === seq)!.cid
    const gone = log.filter((commit) => commit.seq > 0 && commit.seq < seq && commit.kind !== 'handover')
    await copyBlocks(next.database, reader.database, (cid) => gone.some((commit) => sameContent(commit.cid, cid)))
    const handovers = [handed.commit]
    const start = { commit: base, checkpoint, handovers }
    await assert.rejects(reader.adopt(service, head.commit), coded('BLOCK_MISSING'))
    await assert.rejects(
      reader.adopt(service, head.commit, { base: { ...start, handovers: [] } }),
      coded('BROKEN_CHAIN'),
    )
    const twice = { ...start, handovers: [handed.commit, handed.commit] }
    await assert.rejects(reader.adopt(service, head.commit, { base: twice }), coded('BROKEN_CHAIN'))
    const wrong = { ...start, checkpoint: (await next.commit(service)).checkpoint! }
    await assert.rejects(reader.adopt(service, head.commit, { base: wrong }), coded('ROOT_MISMATCH'))

    const adopted = await reader.adopt(service, head.commit, { base: start })
    assert.deepEqual([adopted.seq, adopted.epoch, adopted.trust], [head.seq, 1, 'signed'])
    assert.deepEqual(await reader.base(service), { commit: base, seq, checkpoint })
    assert.equal((await collect(reader.log(service))).length, head.seq - seq + 1)
    sameImage((await reader.image(service)).image, image)
    await reader.image(service, base)
    await assert.rejects(reader.image(service, heads[3]!.commit), coded('PRUNED'))
    // and it is followed from there
    const [, after] = await appendTo(next, image, 40)
    await copyBlocks(next.database, reader.database, (cid) => gone.some((commit) => sameContent(commit.cid, cid)))
    await reader.adopt(service, (await next.head(service))!.commit)
    sameImage((await reader.image(service)).image, after)
    assert.equal((await reader.base(service)).seq, seq)
    assert.equal((await reader.adopt(service, base)).seq, head.seq + 1)
  })
})
