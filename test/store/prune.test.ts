/** Pruning: what is kept opens as before, what is not kept is gone, and nobody else misses anything. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import { createBookkeeping } from '../../daemon/store/bookkeeping.ts'
import { isFirst } from '../../daemon/store/commit-body.ts'
import { decodeCommit } from '../../daemon/store/commit-codec.ts'
import type { LocalDatabase } from '../../daemon/store/database-types.ts'
import { createHistory } from '../../daemon/store/history.ts'
import { keepWrite } from '../../daemon/store/keep.ts'
import { links } from '../../daemon/store/links.ts'
import type { Delta, Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import {
  grow as begin,
  CONTRACT,
  callRecord,
  coded,
  collect,
  copyBlocks,
  createDelta,
  createOwner,
  createWorkspace,
  newCommit,
  sameContent,
  sameImage,
  type TestHistory,
  verify,
  type Workspace,
} from './kit.ts'

const EVERY = 4
const last = (count: number) => ({ keep: 'checkpoints' as const, count })
const genesis = { owner: 'me', nonce: Uint8Array.of(9), args: new Uint8Array(0) }

describe('store: pruning', () => {
  let workspace: Workspace
  let host: TestHistory
  beforeEach(async () => {
    workspace = await createWorkspace()
    host = await workspace.history({ name: 'host', checkpointCommits: EVERY })
  })
  afterEach(() => workspace.remove())

  /** With each checkpoint written before the next commit, so that they are where they are expected. */
  const grow = async (history: TestHistory, commits: number, options: { nonce?: number; owner?: string } = {}) => {
    const { service, heads, images } = await begin(history, 0, options)
    for (let i = 1; i <= commits; i++) {
      const delta = createDelta(i)
      images.push(applyDelta(images.at(-1)!, delta))
      heads.push(await history.append(service, newCommit(delta, images.at(-1)!)))
      await history.idle()
    }
    return { service, heads, images }
  }

  /** A history with all that a commit can link: long calls in chunks, a delta that is a block of its own. */
  const add = async (service: CID, before: Image): Promise<Image> => {
    const delta: Delta = { ...createDelta(77, 2, 60), bytes: new Uint8Array(randomBytes(60 * 256)) }
    const image = applyDelta(before, delta)
    const calls = Array.from({ length: 20 }, (_, n) => callRecord(n, 5000))
    await host.append(service, newCommit(delta, image, calls))
    return image
  }

  it('keeps the last checkpoints and what came since, and leaves nothing else behind', async () => {
    const one = await grow(host, 30)
    one.images.push(await add(one.service, one.images[30]!))
    // the same states, and so the same pages, in the history of another
    const other = await grow(host, 30, { nonce: 2 })
    await host.idle()
    const before = await blocksOf(host.database)
    const pruned = await host.prune(one.service, last(2))
    const { seq } = pruned.base
    assert(seq >= 20 && seq < 30, `${seq}`)
    assert.deepEqual([pruned.commits, pruned.holders], [seq - 1, []])
    const left = await blocksOf(host.database)
    assert.equal(before.size - left.size, pruned.blocks)
    assert.equal(bytesOf(before) - bytesOf(left), pruned.freed)

    for (const [i, { commit }] of one.heads.entries()) {
      if (i >= seq) sameImage((await host.image(one.service, commit)).image, one.images[i]!)
      else await assert.rejects(host.image(one.service, commit), coded('PRUNED'), `${i}`)
    }
    const log = await collect(host.log(one.service))
    assert.deepEqual([log.length, log.at(-1)!.seq], [31 - seq + 1, seq])
    assert.equal((await host.commit(one.service)).kind, 'genesis')
    for (const [i, { commit }] of other.heads.entries())
      sameImage((await host.image(other.service, commit)).image, other.images[i]!)
    assert.deepEqual(await leftOver(host.database), [])

    await host.prune(other.service, last(1))
    assert.deepEqual(await leftOver(host.database), [])
    assert.deepEqual((await host.prune(one.service, last(2))).commits, 0)
    assert.deepEqual((await host.prune(one.service, { keep: 'all' })).blocks, 0)
  })

  it('keeps the state at a time, and what came since', async () => {
    const { service, heads, images } = await grow(host, 12)
    let image = images[12]!
    for (let i = 1; i <= 10; i++) {
      const delta = createDelta(40 + i)
      image = applyDelta(image, delta)
      await host.append(service, { ...newCommit(delta, image), time: 2_000_000_000_000 + i })
      await host.idle()
    }
    await host.prune(service, { keep: 'since', time: 1 })
    assert.equal((await host.base(service)).seq, 0)
    await host.prune(service, { keep: 'since', time: 2_000_000_000_005 })
    const { seq, commit } = await host.base(service)
    assert(seq > 12 && seq <= 17)
    assert((await host.commit(commit)).time <= 2_000_000_000_005)
    await assert.rejects(host.image(service, heads[12]!.commit), coded('PRUNED'))
    sameImage((await host.image(service)).image, image)
  })

  it('keeps what was forked on this node, until the fork is pruned', async () => {
    const { service, heads, images } = await grow(host, 20)
    await host.idle()
    const fork = await host.fork({ from: heads[6]!.commit, genesis, time: 1 })
    const { base, holders } = await host.prune(service, last(1))
    assert.equal(base.seq, 4)
    assert.deepEqual(
      holders.map(({ by, cid, seq }) => [by, cid.toString(), seq]),
      [['fork', fork.service.toString(), 6]],
    )
    sameImage((await host.image(fork.service)).image, images[6]!)
    let image = images[6]!
    for (let i = 1; i <= 9; i++) {
      const delta = createDelta(60 + i)
      image = applyDelta(image, delta)
      await host.append(fork.service, newCommit(delta, image))
      await host.idle()
    }
    assert((await host.prune(fork.service, last(1))).base.seq > 0)
    const again = await host.prune(service, last(1))
    assert(again.base.seq >= 16 && again.holders.length === 0)
    sameImage((await host.image(fork.service)).image, image)
    sameImage((await host.image(service)).image, images[20]!)
    assert.deepEqual(await leftOver(host.database), [])
  })

  it('keeps what a rollback went back to', async () => {
    const { service, heads, images } = await grow(host, 14)
    await host.idle()
    const call = callRecord(1)
    const back = await host.rollback(service, { parent: heads[14]!.commit, to: heads[9]!.commit, time: 1, call })
    let image = images[9]!
    for (let i = 1; i <= 3; i++) {
      const delta = createDelta(60 + i)
      image = applyDelta(image, delta)
      await host.append(service, newCommit(delta, image))
      await host.idle()
    }
    const { base, holders } = await host.prune(service, last(2))
    assert.deepEqual([base.seq, holders[0]!.by, holders[0]!.seq], [8, 'rollback', 9])
    sameImage((await host.image(service, back.commit)).image, images[9]!)
    sameImage((await host.image(service)).image, image)
    await assert.rejects(
      host.rollback(service, { parent: (await host.head(service))!.commit, to: heads[3]!.commit, time: 1, call }),
      coded('BLOCK_MISSING'),
    )
  })

  it('keeps content and the files of contracts that look like a page', async () => {
    const { service, images } = await grow(host, 12)
    await host.idle()
    const delta = { ...createDelta(1), lines: Uint32Array.of(16), bytes: new Uint8Array(256).fill(99) }
    const image = applyDelta(images[12]!, delta)
    await host.append(service, newCommit(delta, image))
    await host.idle()
    const pages = [...(await blocksOf(host.database)).values()].filter(({ bytes }) => bytes.length === 4096)
    await host.database.commit(pages.map(({ cid }) => keepWrite(cid)))
    await host.prune(service, last(1))
    for (const { cid } of pages) assert(await host.database.blocks.has(cid))
  })

  it('goes on after a crash where it was', async () => {
    const { service, images } = await grow(host, 30)
    await host.idle()
    const whole = await blocksOf(host.database)
    // the base, the commits, the checkpoints
    for (const failAt of [0, 1, 1]) {
      let left = failAt
      const commit: LocalDatabase['commit'] = async (writes) => {
        if (left-- === 0) throw new Error('killed')
        return host.database.commit(writes)
      }
      const killed = createHistory({ database: { ...host.database, commit }, signer: host.signer, verify })
      await assert.rejects(killed.prune(service, last(1)), /killed/)
      sameImage((await host.image(service)).image, images[30]!)
      assert((await collect(host.log(service))).length >= 1)
    }
    await host.prune(service, last(1))
    assert((await blocksOf(host.database)).size < whole.size)
    assert.deepEqual(await leftOver(host.database), [])
  })

  it('is adopted elsewhere from its base on, over a handover, too', async () => {
    const owner = await createOwner()
    const { service, heads } = await grow(host, 9, { owner: owner.id })
    const next = await workspace.history({ name: 'next', checkpointCommits: EVERY })
    await copyBlocks(host.database, next.database)
    const { commit: parent } = await next.adopt(service, heads[9]!.commit)
    const handover = await owner.order({ service, parent, epoch: 1, host: next.signer.publicKey })
    await next.takeOver(service, { parent, handover, time: 1_700_000_000_002 })
    let image = (await next.image(service)).image
    for (let i = 1; i <= 9; i++) {
      const delta = createDelta(60 + i)
      image = applyDelta(image, delta)
      await next.append(service, newCommit(delta, image))
      await next.idle()
    }
    const { base } = await next.prune(service, last(2))
    assert(base.seq > 10)
    const head = (await next.head(service))!
    const reader = await workspace.history({ name: 'reader' })
    await copyBlocks(next.database, reader.database)
    await assert.rejects(reader.adopt(service, head.commit), coded('BLOCK_MISSING'))
    const checkpoint = (await createBookkeeping(next.database.meta).checkpointAt(service, base.seq))!.cid
    await reader.adopt(service, head.commit, { base: { commit: base.commit, checkpoint, handovers: head.handovers } })
    sameImage((await reader.image(service)).image, image)
    assert.deepEqual(await reader.base(service), { ...base, checkpoint })
  })

  it('comes back where its host went back to what was pruned here', async () => {
    const { service, heads, images } = await grow(host, 14)
    const copy = await workspace.history({ name: 'copy', checkpointCommits: EVERY })
    await copyBlocks(host.database, copy.database)
    await copy.adopt(service, heads[14]!.commit)
    await copy.prune(service, last(1))
    assert((await copy.base(service)).seq > 3)
    const call = callRecord(1)
    await host.rollback(service, { parent: heads[14]!.commit, to: heads[3]!.commit, time: 1, call })
    const delta = createDelta(70)
    const head = await host.append(service, newCommit(delta, applyDelta(images[3]!, delta)))
    // without the commit that is gone here, and with it
    await copyBlocks(host.database, copy.database, (cid) => sameContent(cid, heads[3]!.commit))
    await assert.rejects(copy.adopt(service, head.commit), coded('PRUNED'))
    await copyBlocks(host.database, copy.database)
    await assert.rejects(copy.adopt(service, head.commit), coded('PRUNED'))
    await copy.adopt(service, head.commit, { anew: true })
    sameImage((await copy.image(service)).image, applyDelta(images[3]!, delta))
    sameImage((await copy.image(service, heads[2]!.commit)).image, images[2]!)
    assert.equal((await copy.base(service)).seq, 0)
  })

  it('is not replaced by another history that says it is all of it', async () => {
    const { service, heads, images } = await grow(host, 9)
    const other = await workspace.history({ name: 'other', signer: host.signer })
    await copyBlocks(host.database, other.database)
    await other.adopt(service, heads[5]!.commit)
    let image = images[5]!
    for (let i = 0; i < 7; i++) {
      const delta = createDelta(80 + i)
      image = applyDelta(image, delta)
      await other.append(service, newCommit(delta, image))
    }
    await copyBlocks(other.database, host.database)
    const lie = (await other.head(service))!.commit
    await assert.rejects(host.adopt(service, lie, { anew: true }), coded('EQUIVOCATION'))
    assert.equal((await host.head(service))!.commit.toString(), heads[9]!.commit.toString())
  })

  it('takes nothing away that a mixture of services, forks and rollbacks can be asked for', async () => {
    const step = fc.record({
      what: fc.constantFrom('append', 'append', 'append', 'append', 'fork', 'rollback', 'prune'),
      who: fc.nat(3),
      back: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        const history = await workspace.history({
          name: `mixed-${randomBytes(4).toString('hex')}`,
          checkpointCommits: 3,
        })
        const first = await grow(history, 2)
        const services = [
          { service: first.service, states: [...first.images], commits: first.heads.map((h) => h.commit) },
        ]
        for (const [i, { what, who, back }] of steps.entries()) {
          const at = services[who % services.length]!
          const from = Math.max((await history.base(at.service)).seq, at.commits.length - 1 - back)
          const parent = at.commits.at(-1)!
          if (what === 'append') {
            const delta = createDelta(i)
            const image = applyDelta(at.states.at(-1)!, delta)
            const { commit } = await history.append(at.service, newCommit(delta, image))
            at.states.push(image)
            at.commits.push(commit)
          } else if (what === 'rollback' && from < at.commits.length - 1) {
            const { commit } = await history.rollback(at.service, {
              ...{ parent, to: at.commits[from]!, time: 1, call: callRecord(1) },
            })
            at.states.push(at.states[from]!)
            at.commits.push(commit)
          } else if (what === 'fork') {
            const nonce = Uint8Array.of(i, who)
            const { service } = await history.fork({ from: at.commits[from]!, genesis: { ...genesis, nonce }, time: 1 })
            services.push({ service, states: [at.states[from]!], commits: [service] })
          } else if (what === 'prune') await history.prune(at.service, last(1 + (back % 3)))
        }
        await history.idle()
        for (const { service, states, commits } of services) {
          const { seq } = await history.base(service)
          for (let n = seq; n < commits.length; n++)
            sameImage((await history.image(service, commits[n])).image, states[n]!)
          assert.equal((await collect(history.log(service))).length, commits.length - seq)
        }
        assert.deepEqual(await leftOver(history.database), [])
      }),
      { numRuns: 12 },
    )
  })

  it('lets others write meanwhile', async () => {
    const one = await grow(host, 40)
    const other = await grow(host, 3, { nonce: 2 })
    await host.idle()
    const states = new Map([one, other].map(({ service, images }) => [service, images.at(-1)!]))
    const write = async (service: CID): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        const delta = createDelta(500 + i)
        const image = applyDelta(states.get(service)!, delta)
        await host.append(service, newCommit(delta, image))
        states.set(service, image)
      }
    }
    const prunes = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await host.prune(one.service, last(1))
    }
    await Promise.all([write(one.service), write(other.service), prunes(), prunes()])
    await host.idle()
    for (const [service, image] of states) {
      sameImage((await host.image(service)).image, image)
      assert.equal(Buffer.compare((await host.image(service)).root, rootOf(image)), 0)
    }
    assert.deepEqual(await leftOver(host.database), [])
  })
})

const blocksOf = async (database: LocalDatabase): Promise<Map<string, { cid: CID; bytes: Uint8Array }>> => {
  const found = new Map<string, { cid: CID; bytes: Uint8Array }>()
  for await (const { cid, bytes } of database.blockstore.getAll())
    for await (const chunk of bytes) found.set(keyOf(cid), { cid, bytes: chunk })
  return found
}

const keyOf = (cid: CID): string => Buffer.from(cid.multihash.digest).toString('hex')
const bytesOf = (blocks: Map<string, { bytes: Uint8Array }>): number =>
  [...blocks.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)

/** Blocks that nothing leads to: neither a commit that is kept nor a checkpoint. */
const leftOver = async (database: LocalDatabase): Promise<string[]> => {
  const all = await blocksOf(database)
  const bookkeeping = createBookkeeping(database.meta)
  const reached = new Set<string>([keyOf(CONTRACT)])
  const follow = (cid: CID, skip: readonly CID[] = []): void => {
    const block = all.get(keyOf(cid))
    if (reached.has(keyOf(cid)) || !block) return
    reached.add(keyOf(cid))
    for (const link of links(cid, block.bytes)) if (!skip.some((one) => one.equals(link))) follow(link)
  }
  for await (const head of bookkeeping.heads()) {
    for (const kept of [head.service, ...head.handovers, ...(head.base ? [head.base.commit] : [])]) {
      const { body } = decodeCommit(kept, all.get(keyOf(kept))!.bytes)
      const older = isFirst(body) ? ('checkpoint' in body ? [body.checkpoint] : [body.from]) : [body.parent]
      follow(kept, head.base ? older : [])
    }
    follow(head.commit)
  }
  for await (const { cid } of bookkeeping.checkpoints()) follow(cid)
  return [...all.keys()].filter((key) => !reached.has(key))
}
