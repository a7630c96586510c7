import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import { rawBlock } from '../../daemon/store/block.ts'
import type { Blocks, LocalDatabase } from '../../daemon/store/database-types.ts'
import { createHistory } from '../../daemon/store/history.ts'
import { LINE } from '../../daemon/vm/constants.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import type { Workspace } from './kit.ts'
import {
  callRecord,
  coded,
  collect,
  createDelta,
  createImage,
  createSigner,
  createWorkspace,
  grow,
  newCommit,
  newestCheckpoint,
  newService,
  sameImage,
  verify,
} from './kit.ts'

/** The same database, counting the blocks that are read. */
const counting = (database: LocalDatabase): { database: LocalDatabase; reads: () => number } => {
  let reads = 0
  const get: Blocks['get'] = (cid) => {
    reads++
    return database.blocks.get(cid)
  }
  const getMany = (cids: readonly CID[]) => {
    reads += cids.length
    return database.blocks.getMany(cids)
  }
  return { database: { ...database, blocks: { ...database.blocks, get, getMany } }, reads: () => reads }
}

describe('store: history', () => {
  let workspace: Workspace
  beforeEach(async () => {
    workspace = await createWorkspace()
  })
  afterEach(() => workspace.remove())

  it('creates a service whose ID is its genesis block', async () => {
    const history = await workspace.history()
    const image = createImage()
    const head = await history.create(newService(image))
    assert(head.service.equals(head.commit))
    assert.deepEqual([head.seq, head.epoch, head.trust], [0, 0, 'own'])
    const genesis = await history.commit(head.service)
    assert.equal(genesis.genesis?.owner, 'owner')
    assert.equal(genesis.service, undefined)
    assert(genesis.checkpoint?.equals((await newestCheckpoint(history, head.service)).cid))
    sameImage((await history.image(head.service)).image, image)
    await assert.rejects(history.create(newService(image)), coded('SERVICE_EXISTS'))
    assert(!(await history.create(newService(image, 2))).service.equals(head.service))
  })

  it('appends, and gives back calls, log and the state at every commit', async () => {
    const history = await workspace.history({ checkpointCommits: 4 })
    const { service, heads, images } = await grow(history, 11)
    await history.idle()
    const log = await collect(history.log(service))
    assert.deepEqual(
      log.map(({ seq }) => seq),
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    )
    assert.deepEqual(Buffer.from(log[0]!.calls[0]!.envelope), Buffer.from(callRecord(1).envelope))
    assert.equal(log[0]!.calls[0]!.gas, 1n)
    const part = await collect(history.log(service, { from: heads[5]!.commit, limit: 2 }))
    assert.deepEqual(
      part.map(({ seq }) => seq),
      [5, 4],
    )
    for (const [seq, head] of heads.entries()) {
      const { image, root } = await history.image(service, head.commit)
      sameImage(image, images[seq]!)
      assert.deepEqual(Buffer.from(root), Buffer.from(rootOf(image)))
    }
    await history.idle()
    assert((await newestCheckpoint(history, service)).seq > 0)
    assert.equal((await collect(history.heads())).length, 1)
  })

  it('finds everything again after a restart', async () => {
    const signer = await createSigner()
    const first = await workspace.history({ signer })
    const { service, images } = await grow(first, 5)
    await first.idle()
    await first.database.close()
    const again = await workspace.history({ signer })
    sameImage((await again.image(service)).image, images[5]!)
    const delta = createDelta(6)
    assert.equal((await again.append(service, newCommit(delta, applyDelta(images[5]!, delta)))).seq, 6)
  })

  it('opens a long history by reading no more of it than lies behind the last checkpoint', async () => {
    const history = await workspace.history({ checkpointCommits: 16 })
    for (const commits of [40, 300]) {
      const { service } = await grow(history, commits, { nonce: commits })
      await history.idle()
      const { database, reads } = counting(history.database)
      await createHistory({ database, signer: history.signer, verify }).image(service)
      // those commits, the checkpoint and its node, 32 pages
      const behind = commits - (await newestCheckpoint(history, service)).seq
      assert(reads() <= behind + 40, `${reads()} blocks were read`)
      assert(behind < 100, `the checkpoint is ${behind} commits behind`)
    }
  })

  it('leaves a checkpoint when a service is put aside, if that saves something', async () => {
    const history = await workspace.history()
    const { service, images } = await grow(history, 7)
    await history.rest(service)
    await history.idle()
    assert.equal((await newestCheckpoint(history, service)).seq, 0)
    const delta = createDelta(8)
    await history.append(service, newCommit(delta, applyDelta(images[7]!, delta)))
    await history.rest(service)
    await history.idle()
    assert.equal((await newestCheckpoint(history, service)).seq, 8)
  })

  it('grows with its memory', async () => {
    const history = await workspace.history({ checkpointCommits: 2 })
    let image = createImage()
    const { service } = await history.create(newService(image))
    for (const [step, pages] of [2, 5, 5, 70, 70, 71].entries()) {
      const delta = createDelta(step, pages, 10)
      image = applyDelta(image, delta)
      await history.append(service, newCommit(delta, image))
      await history.idle()
    }
    sameImage((await history.image(service)).image, image)
  })

  it('keeps equal pages once, and writes of a checkpoint only what changed', async () => {
    const history = await workspace.history({ checkpointCommits: 1 })
    let image = createImage(16)
    randomFillSync(image.memory)
    const { service } = await history.create(newService(image))
    const count = async (): Promise<number> => (await collect(history.database.blockstore.getAll())).length
    const before = await count()
    assert(before >= 256)
    const delta = createDelta(1, 16, 1)
    image = applyDelta(image, delta)
    await history.append(service, newCommit(delta, image))
    await history.idle()
    // a commit, a page, an index node, a checkpoint root
    assert.equal((await count()) - before, 4)
    await history.create(newService(image, 2))
    // nothing of the same memory but its genesis block and the checkpoint root without a service
    assert.equal((await count()) - before, 6)
  })

  it('links what is large, and reads it back', async () => {
    const history = await workspace.history()
    const before = createImage(64)
    const { service } = await history.create({
      ...newService(before),
      genesis: { owner: 'owner', nonce: Uint8Array.of(1), args: new Uint8Array(10_000).fill(32) },
    })
    assert.equal((await history.commit(service)).genesis!.args.length, 10_000)
    const count = 8192
    const delta = {
      lines: Uint32Array.from({ length: count }, (_, i) => i * 2),
      bytes: randomFillSync(new Uint8Array(count * LINE)),
      pages: 64,
      globals: before.globals,
    }
    const calls = [callRecord(1, 3_000_000), ...Array.from({ length: 119 }, (_, i) => callRecord(i, 4096))]
    const after = applyDelta(before, delta)
    const head = await history.append(service, newCommit(delta, after, calls))
    const commit = await history.commit(head.commit)
    assert.equal(commit.calls.length, 120)
    assert(commit.calls.every((call, i) => Buffer.compare(call.envelope, calls[i]!.envelope) === 0))
    assert.equal('lines' in commit.delta!, false)
    assert((await history.database.blocks.get(head.commit))!.length < 1000)
    sameImage((await history.image(service)).image, after)
    const tooMany = Array.from({ length: 1025 }, (_, i) => callRecord(i))
    await assert.rejects(history.append(service, newCommit(delta, after, tooMany)), coded('COMMIT_TOO_LARGE'))
    await assert.rejects(
      history.append(service, newCommit(delta, after, [callRecord(1, (16 << 20) + 1)])),
      coded('COMMIT_TOO_LARGE'),
    )
    assert.equal((await history.head(service))!.seq, 1)
  })

  it('writes what the caller adds in the same batch', async () => {
    const history = await workspace.history()
    const image = createImage()
    const contract = rawBlock(Buffer.from('contract'))
    const { service } = await history.create({ ...newService(image), also: [{ put: 'block', ...contract }] })
    const delta = createDelta(1)
    const { commit } = await history.append(service, {
      ...newCommit(delta, applyDelta(image, delta)),
      also: (cid) => [{ put: 'meta', key: 'call/1', value: cid.bytes }],
    })
    assert(await history.database.blocks.has(contract.cid))
    assert.deepEqual(Buffer.from((await history.database.meta.get('call/1'))!), Buffer.from(commit.bytes))
  })

  it('refuses two writers at once, a stale parent, a stranger, and what it does not know', async () => {
    const history = await workspace.history()
    const { service, heads, images } = await grow(history, 2)
    const delta = createDelta(3)
    const commit = newCommit(delta, applyDelta(images[2]!, delta))
    const outcomes = await Promise.allSettled([history.append(service, commit), history.append(service, commit)])
    assert.equal(outcomes[0].status, 'fulfilled')
    await assert.rejects(
      () => (outcomes[1].status === 'rejected' ? Promise.reject(outcomes[1].reason) : Promise.resolve()),
      coded('APPEND_CONFLICT'),
    )
    await assert.rejects(history.append(service, { ...commit, parent: heads[2]!.commit }), coded('APPEND_CONFLICT'))
    const stranger = createHistory({ database: history.database, signer: await createSigner(), verify })
    await assert.rejects(stranger.append(service, commit), coded('NOT_HOST'))
    await assert.rejects(history.append(heads[1]!.commit, commit), coded('NO_SUCH_SERVICE'))
    await assert.rejects(history.image(heads[1]!.commit), coded('NO_SUCH_SERVICE'))
    await assert.rejects(history.commit(rawBlock(Buffer.from('none')).cid), coded('BLOCK_MISSING'))
    assert.equal(await history.head(heads[1]!.commit), undefined)
    assert.equal((await history.head(service))!.seq, 3)
  })

  it('refuses a first memory that is malformed or has another root', async () => {
    const history = await workspace.history()
    const image = createImage()
    const service = newService(image)
    await assert.rejects(history.create({ ...service, image: { ...image, pages: 3 } }), coded('STATE_INVALID'))
    await assert.rejects(history.create({ ...service, root: new Uint8Array(32) }), coded('ROOT_MISMATCH'))
    assert.deepEqual(await collect(history.heads()), [])
  })

  it('notices a delta that does not make the root its commit names, also when a checkpoint is due', async () => {
    const errors: unknown[] = []
    const history = await workspace.history({ checkpointCommits: 2, onCheckpointError: (error) => errors.push(error) })
    const { service, images } = await grow(history, 1)
    const delta = createDelta(2)
    const wrong = { ...newCommit(delta, applyDelta(images[1]!, delta)), root: new Uint8Array(32) }
    await history.append(service, wrong)
    await history.idle()
    await assert.rejects(history.image(service), coded('ROOT_MISMATCH'))
    assert.equal(errors.length, 1)
    assert.equal((await newestCheckpoint(history, service)).seq, 0)
  })

  it('says which page of a memory is missing', async () => {
    const history = await workspace.history()
    const { service, images } = await grow(history, 0)
    const page = rawBlock(images[0]!.memory.slice(0, 4096))
    const { blocks } = history.database
    const without: LocalDatabase = {
      ...history.database,
      blocks: {
        ...blocks,
        getMany: async (cids) =>
          (await blocks.getMany(cids)).map((bytes, i) => (cids[i]!.equals(page.cid) ? undefined : bytes)),
      },
    }
    const blind = createHistory({ database: without, signer: history.signer, verify })
    await assert.rejects(
      blind.image(service),
      coded('BLOCK_MISSING', ({ cids }) => cids.length === 1 && cids[0]!.equals(page.cid)),
    )
  })
})
