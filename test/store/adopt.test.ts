import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { cborBlock, rawBlock } from '../../daemon/store/block.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { encodeDelta } from '../../daemon/store/delta-codec.ts'
import { links } from '../../daemon/store/links.ts'
import { holdNextCommit } from '../support/hold-commit.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import type { TestHistory, Workspace } from './kit.ts'
import {
  coded,
  copyBlocks,
  createDelta,
  createSigner,
  createWorkspace,
  grow,
  newCommit,
  newestCheckpoint,
  sameContent,
  sameImage,
} from './kit.ts'

describe('store: adopt', () => {
  let workspace: Workspace
  let host: TestHistory
  let reader: TestHistory
  beforeEach(async () => {
    workspace = await createWorkspace()
    host = await workspace.history({ name: 'host', checkpointCommits: 4 })
    reader = await workspace.history({ name: 'reader' })
  })
  afterEach(() => workspace.remove())

  /** Puts a commit signed by the host, changed at will, after the given one. */
  const forge = async (parent: CID, change: Partial<StepBody>, signer = host.signer): Promise<CID> => {
    const last = decodeCommit(parent, (await host.database.blocks.get(parent))!).body
    const body: StepBody = {
      kind: 'step',
      service: last.service ?? parent,
      seq: last.seq + 1,
      epoch: 0,
      parent,
      before: last.root,
      contract: last.contract,
      engine: last.engine,
      time: last.time,
      calls: [],
      delta: await encodeDelta(createDelta(last.seq + 1)),
      root: last.root,
      host: signer.publicKey,
      ...change,
    }
    const block = await sealCommit(body, signer)
    await host.database.blocks.put([block])
    return block.cid
  }

  it('takes over a history, and reads its state at every commit', async () => {
    const { service, heads, images } = await grow(host, 9)
    await copyBlocks(host.database, reader.database)
    const head = await reader.adopt(service, heads[9]!.commit)
    assert.deepEqual([head.seq, head.trust, (await newestCheckpoint(reader, head.service)).seq], [9, 'signed', 9])
    for (const [seq, { commit }] of heads.entries())
      sameImage((await reader.image(service, commit)).image, images[seq]!)
    assert.equal((await reader.head(service))!.commit.toString(), heads[9]!.commit.toString())
    await assert.rejects(reader.append(service, newCommit(createDelta(1), images[1]!)), coded('NOT_HOST'))
  })

  it('follows the host, and never goes back', async () => {
    const { service, heads, images } = await grow(host, 6)
    await copyBlocks(host.database, reader.database)
    assert.equal((await reader.adopt(service, heads[2]!.commit)).seq, 2)
    assert.equal((await reader.adopt(service, heads[6]!.commit)).seq, 6)
    for (const old of [heads[6]!, heads[3]!, heads[0]!]) assert.equal((await reader.adopt(service, old.commit)).seq, 6)
    sameImage((await reader.image(service)).image, images[6]!)
  })

  it('adopts a genesis alone, and goes on from there', async () => {
    const { service, heads, images } = await grow(host, 3)
    await copyBlocks(host.database, reader.database)
    assert.equal((await reader.adopt(service, service)).seq, 0)
    assert.equal((await reader.adopt(service, heads[3]!.commit)).seq, 3)
    sameImage((await reader.image(service)).image, images[3]!)
  })

  it('can be fed by following the links of what it lacks', async () => {
    const { service, heads, images } = await grow(host, 5)
    const queue = [heads[5]!.commit]
    const seen = new Set<string>()
    for (let cid = queue.pop(); cid; cid = queue.pop()) {
      const bytes = await host.database.blocks.get(cid)
      if (seen.has(cid.toString()) || !bytes) continue
      seen.add(cid.toString())
      await reader.database.blocks.put([{ cid, bytes }])
      queue.push(...links(cid, bytes))
    }
    await reader.adopt(service, heads[5]!.commit)
    sameImage((await reader.image(service)).image, images[5]!)
  })

  it('starts from a checkpoint without the memories and deltas before it', async () => {
    const { service, heads, images } = await grow(host, 10)
    await host.idle()
    const checkpoint = await newestCheckpoint(host, service)
    assert(checkpoint.seq >= 4)
    const first = (await host.commit(service)).checkpoint!
    await copyBlocks(host.database, reader.database, (cid) => sameContent(cid, first))
    await assert.rejects(
      reader.adopt(service, heads[10]!.commit),
      coded('BLOCK_MISSING', ({ cids }) => cids[0]!.equals(first)),
    )
    await reader.adopt(service, heads[10]!.commit, { checkpoint: checkpoint.cid })
    sameImage((await reader.image(service)).image, images[10]!)
    await assert.rejects(reader.image(service, heads[1]!.commit), coded('BLOCK_MISSING'))
  })

  it('refuses a checkpoint of another history', async () => {
    const { service, heads } = await grow(host, 6)
    const other = await grow(host, 6, { nonce: 2, salt: 50 })
    await host.idle()
    await copyBlocks(host.database, reader.database)
    const checkpoint = await newestCheckpoint(host, other.service)
    const adopted = reader.adopt(service, heads[6]!.commit, { checkpoint: checkpoint.cid })
    await assert.rejects(adopted, coded('ROOT_MISMATCH'))
    await assert.rejects(reader.adopt(service, heads[6]!.commit, { checkpoint: service }), coded('BLOCK_INVALID'))
    assert.equal(await reader.head(service), undefined)
  })

  it('names what is missing', async () => {
    const { service, heads, images } = await grow(host, 3)
    const page = rawBlock(images[0]!.memory.slice(0, 4096)).cid
    for (const lost of [heads[3]!.commit, heads[1]!.commit, page]) {
      const database = await workspace.history({ name: `without-${lost}` })
      await copyBlocks(host.database, database.database, (cid) => sameContent(cid, lost))
      await assert.rejects(
        database.adopt(service, heads[3]!.commit),
        coded('BLOCK_MISSING', ({ cids }) => cids.some((cid) => cid.equals(lost))),
      )
      assert.equal(await database.head(service), undefined)
    }
  })

  it('refuses commits that do not follow their parents', async () => {
    const { service, heads } = await grow(host, 2)
    const other = await grow(host, 2, { nonce: 2 })
    const parent = heads[2]!.commit
    const cases: [Partial<StepBody>, 'BROKEN_CHAIN' | 'ROOT_MISMATCH' | 'BLOCK_INVALID'][] = [
      [{ seq: 4 }, 'BROKEN_CHAIN'],
      [{ epoch: 1 }, 'BROKEN_CHAIN'],
      [{ parent: other.heads[2]!.commit }, 'BROKEN_CHAIN'],
      [{ root: new Uint8Array(32) }, 'ROOT_MISMATCH'],
      [{ delta: Uint8Array.of(0, 1, 0, 0) }, 'BLOCK_INVALID'],
      [{ delta: Uint8Array.of(9) }, 'BLOCK_INVALID'],
    ]
    const forged = await Promise.all(cases.map(([change]) => forge(parent, change)))
    await copyBlocks(host.database, reader.database)
    for (const [i, commit] of forged.entries()) await assert.rejects(reader.adopt(service, commit), coded(cases[i]![1]))
    await assert.rejects(reader.adopt(other.service, parent), coded('BROKEN_CHAIN'))
    assert.equal(await reader.head(service), undefined)
  })

  it('refuses another key than that of the genesis, and accuses nobody', async () => {
    const { service, heads } = await grow(host, 3)
    const stranger = await createSigner()
    const commits = [await forge(heads[1]!.commit, {}, stranger), await forge(heads[3]!.commit, {}, stranger)]
    const genuine = decodeCommit(heads[3]!.commit, (await host.database.blocks.get(heads[3]!.commit))!)
    const unsigned = cborBlock({ body: { ...genuine.body, time: 5 }, sig: genuine.sig })
    await host.database.blocks.put([unsigned])
    await copyBlocks(host.database, reader.database)
    await assert.rejects(reader.adopt(service, commits[1]!), coded('BROKEN_CHAIN'))
    await reader.adopt(service, heads[3]!.commit)
    for (const commit of commits) await assert.rejects(reader.adopt(service, commit), coded('BROKEN_CHAIN'))
    await assert.rejects(reader.adopt(service, unsigned.cid), coded('BAD_SIGNATURE'))
  })

  it('proves an equivocation with the two commits at which the histories part', async () => {
    const { service, heads, images } = await grow(host, 5)
    const step = async (parent: CID, seq: number, before = images[seq - 1]!) => {
      const delta = createDelta(seq + 100)
      const after = applyDelta(before, delta)
      return { cid: await forge(parent, { delta: await encodeDelta(delta), root: rootOf(after) }), after }
    }
    const third = await step(heads[2]!.commit, 3)
    let tip = third
    for (const seq of [4, 5, 6, 7]) tip = await step(tip.cid, seq, tip.after)
    await copyBlocks(host.database, reader.database)
    await reader.adopt(service, heads[5]!.commit)
    for (const head of [tip.cid, third.cid]) {
      await assert.rejects(
        reader.adopt(service, head),
        coded('EQUIVOCATION', ({ cids }) => cids[0]!.equals(heads[3]!.commit) && cids[1]!.equals(third.cid)),
      )
    }
    sameImage((await reader.image(service)).image, images[5]!)
    await assert.rejects(reader.image(service, tip.cid), coded('BROKEN_CHAIN'))
    // who never saw the first history has no means to know, and takes the other
    const late = await workspace.history({ name: 'late' })
    await copyBlocks(host.database, late.database)
    assert.equal((await late.adopt(service, tip.cid)).seq, 7)
  })

  it('has a budget, and can be stopped', async () => {
    const { service, heads } = await grow(host, 8)
    await copyBlocks(host.database, reader.database)
    await assert.rejects(reader.adopt(service, heads[8]!.commit, { budget: 7 }), coded('BUDGET_EXCEEDED'))
    await assert.rejects(reader.adopt(service, heads[8]!.commit, { signal: AbortSignal.abort() }), {
      name: 'AbortError',
    })
    await reader.adopt(service, heads[4]!.commit, { budget: 4 })
    assert.equal((await reader.adopt(service, heads[8]!.commit, { budget: 4 })).seq, 8)
    await assert.rejects(reader.adopt(service, heads[1]!.commit, { budget: 3 }), coded('BUDGET_EXCEEDED'))
  })

  it('notes a replay, but not of what is no longer the head', async () => {
    const { service, heads } = await grow(host, 2)
    await copyBlocks(host.database, reader.database)
    await reader.adopt(service, heads[1]!.commit)
    assert.equal((await reader.markReplayed(service, heads[0]!.commit)).trust, 'signed')
    assert.equal((await reader.markReplayed(service, heads[1]!.commit)).trust, 'replayed')
    assert.equal((await reader.adopt(service, heads[2]!.commit)).trust, 'signed')
    assert.equal((await host.markReplayed(service, heads[2]!.commit)).trust, 'own')
  })

  it('waits for a note that is being written, as the note would for it', async () => {
    const { service, heads } = await grow(host, 2)
    await copyBlocks(host.database, reader.database)
    await reader.adopt(service, heads[1]!.commit)
    const { begun, release } = holdNextCommit(reader.database)
    const noted = reader.markReplayed(service, heads[1]!.commit)
    await begun
    const [adopted, again] = [reader.adopt(service, heads[2]!.commit), reader.markReplayed(service, heads[2]!.commit)]
    release()
    assert.equal((await noted).trust, 'replayed')
    assert.deepEqual([(await adopted).seq, (await again).trust], [2, 'replayed'])
  })

  it('lets a host go on after its own history came back from elsewhere', async () => {
    const { service, heads, images } = await grow(host, 3)
    const restored = await workspace.history({ name: 'restored', signer: host.signer })
    await copyBlocks(host.database, restored.database)
    await restored.adopt(service, heads[3]!.commit)
    const delta = createDelta(4)
    const after = applyDelta(images[3]!, delta)
    const head = await restored.append(service, newCommit(delta, after))
    assert.deepEqual([head.seq, head.trust], [4, 'signed'])
    sameImage((await restored.image(service)).image, after)
  })

  it('answers damaged blocks with coded errors', async () => {
    const { service, heads } = await grow(host, 3)
    await host.idle()
    const damage = async (database: LocalDatabase, cid: CID): Promise<void> => {
      const bytes = (await host.database.blocks.get(cid))!
      await database.blocks.put([{ cid, bytes: bytes.slice(0, bytes.length - 1) }])
    }
    const { checkpoint } = await host.commit(service)
    const page = links(checkpoint!, (await host.database.blocks.get(checkpoint!))!)
    for (const [i, cid] of [heads[2]!.commit, service, checkpoint!, ...page].entries()) {
      const target = await workspace.history({ name: `damaged-${i}` })
      await copyBlocks(host.database, target.database)
      await damage(target.database, cid)
      // of a checkpoint's root the hash is asked at once; what else is read shows it by what it holds
      const code = cid.equals(checkpoint!) ? 'BLOCK_DAMAGED' : 'BLOCK_INVALID'
      await assert.rejects(target.adopt(service, heads[3]!.commit), coded(code))
    }
  })
})
