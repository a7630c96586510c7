/** Forks, upgrades and rollbacks: states that do not follow from their parent's. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { rawBlock } from '../../daemon/store/block.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import type { NewUpgrade } from '../../daemon/store/types.ts'
import type { Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import {
  CONTRACT,
  callRecord,
  coded,
  collect,
  copyBlocks,
  createDelta,
  createImage,
  createWorkspace,
  ENGINE,
  grow,
  newCommit,
  sameContent,
  sameImage,
  type TestHistory,
  type Workspace,
} from './kit.ts'

const OTHER: CID = rawBlock(Buffer.from('other contract')).cid
const genesis = { owner: 'me', nonce: Uint8Array.of(9), args: new Uint8Array(0) }
const upgradeTo = (parent: CID, image: Image): NewUpgrade => ({
  ...{ parent, contract: OTHER, engine: ENGINE, time: 1_700_000_000_002, call: callRecord(7), forced: true },
  ...{ image, root: rootOf(image) },
})
const fresh = (): Image => {
  const image = createImage()
  image.memory.fill(3, 20_000, 30_000)
  return image
}

describe('store: forks, upgrades, rollbacks', () => {
  let workspace: Workspace
  let host: TestHistory
  let reader: TestHistory
  beforeEach(async () => {
    workspace = await createWorkspace()
    host = await workspace.history({ name: 'host', checkpointCommits: 4 })
    reader = await workspace.history({ name: 'reader' })
  })
  afterEach(() => workspace.remove())

  const size = async (): Promise<number> => {
    let bytes = 0
    for await (const { bytes: chunks } of host.database.blockstore.getAll())
      for await (const chunk of chunks) bytes += chunk.length
    return bytes
  }

  it('forks at any commit, with one small block, and each goes its own way', async () => {
    const { service, heads, images } = await grow(host, 10)
    await host.idle()
    for (const at of [0, 3, 7, 10]) {
      const before = await size()
      const nonce = Uint8Array.of(at)
      const fork = await host.fork({ from: heads[at]!.commit, genesis: { ...genesis, nonce }, time: 1 })
      assert((await size()) - before < 1000)
      assert.deepEqual([fork.seq, fork.trust, fork.hosted], [0, 'own', true])
      assert(!fork.service.equals(service))
      sameImage((await host.image(fork.service)).image, images[at]!)
      let image = images[at]!
      for (let step = 1; step <= 6; step++) {
        const delta = createDelta(step + 40)
        image = applyDelta(image, delta)
        await host.append(fork.service, newCommit(delta, image))
      }
      await host.idle()
      sameImage((await host.image(fork.service)).image, image)
      const log = await collect(host.log(fork.service))
      assert.deepEqual([log.length, log.at(-1)!.kind], [7, 'fork'])
      assert(log.at(-1)!.from!.equals(heads[at]!.commit))
    }
    sameImage((await host.image(service)).image, images[10]!)
  })

  it('upgrades and rolls back, and opens the state at every commit', async () => {
    const { service, heads, images } = await grow(host, 5)
    const states = new Map(heads.map(({ commit }, i) => [commit, images[i]!]))
    const upgraded = await host.upgrade(service, upgradeTo(heads[5]!.commit, fresh()))
    assert(upgraded.contract.equals(OTHER))
    states.set(upgraded.commit, fresh())
    const delta = createDelta(77)
    const next = applyDelta(fresh(), delta)
    const stepped = await host.append(service, { ...newCommit(delta, next), contract: OTHER })
    states.set(stepped.commit, next)
    const order = { parent: stepped.commit, time: 1_700_000_000_003, call: callRecord(8) }
    const back = await host.rollback(service, { ...order, to: heads[2]!.commit })
    assert(back.contract.equals(CONTRACT))
    states.set(back.commit, images[2]!)
    const again = applyDelta(images[2]!, delta)
    states.set((await host.append(service, newCommit(delta, again))).commit, again)
    await host.idle()
    for (const [commit, image] of states) sameImage((await host.image(service, commit)).image, image)

    const kinds = (await collect(host.log(service))).map(({ kind }) => kind)
    assert.deepEqual(kinds.slice(0, 4), ['step', 'rollback', 'step', 'upgrade'])
    const commit = await host.commit(upgraded.commit)
    assert.deepEqual([commit.forced, commit.calls.length], [true, 1])

    // and so does who takes the history over
    await copyBlocks(host.database, reader.database)
    await reader.adopt(service, (await host.head(service))!.commit)
    for (const [at, image] of states) sameImage((await reader.image(service, at)).image, image)
  })

  it('adopts a fork together with what it was forked from', async () => {
    const { heads, images } = await grow(host, 6)
    const fork = await host.fork({ from: heads[5]!.commit, genesis, time: 1 })
    const again = await host.fork({ from: fork.commit, genesis: { ...genesis, nonce: Uint8Array.of(1) }, time: 1 })
    await copyBlocks(host.database, reader.database)
    const head = await reader.adopt(again.service, again.commit)
    assert.deepEqual([head.trust, head.hosted], ['signed', false])
    sameImage((await reader.image(again.service)).image, images[5]!)
  })

  it('refuses a fork that claims another state, and one whose origin is not there', async () => {
    const { heads } = await grow(host, 3)
    const { commit } = await host.fork({ from: heads[2]!.commit, genesis, time: 1 })
    const { body } = decodeCommit(commit, (await host.database.blocks.get(commit))!)
    const lie = await sealCommit({ ...body, root: new Uint8Array(32) } as typeof body, host.signer)
    await copyBlocks(host.database, reader.database)
    await reader.database.blocks.put([lie])
    await assert.rejects(reader.adopt(lie.cid, lie.cid), coded('BROKEN_CHAIN'))
    const poor = await workspace.history({ name: 'poor' })
    await copyBlocks(host.database, poor.database, (cid) => sameContent(cid, heads[1]!.commit))
    await assert.rejects(poor.adopt(commit, commit), coded('BLOCK_MISSING'))
  })

  it('refuses a rollback to what is no ancestor, and another contract in a step', async () => {
    const { service, heads } = await grow(host, 3)
    const other = await grow(host, 2, { nonce: 2 })
    const order = { parent: heads[3]!.commit, time: 1_700_000_000_003, call: callRecord(8) }
    await assert.rejects(host.rollback(service, { ...order, to: other.heads[1]!.commit }), coded('BROKEN_CHAIN'))
    const head = heads[3]!.commit
    const { body } = decodeCommit(head, (await host.database.blocks.get(head))!)
    const lie = await sealCommit({ ...(body as StepBody), contract: OTHER }, host.signer)
    await copyBlocks(host.database, reader.database)
    await reader.database.blocks.put([lie])
    await assert.rejects(reader.adopt(service, lie.cid), coded('BROKEN_CHAIN'))
  })
})
