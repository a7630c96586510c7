/** Services made of others, and services taken back: their histories say so, and can be executed again. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { HandoverBody, StepBody } from '../../daemon/store/commit-body.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { handoverBytes } from '../../daemon/store/signed-bytes.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const NOTES = `
  import { owner } from 'amigos:context'
  const notes: string[] = []
  export function add(note: string): number { return notes.push(note) }
  export function all(): string[] { return notes }
  export function whose(): string { return owner() }
`

describe('a fork', () => {
  let host: Host
  let kit: Kit
  let service: CID
  const commits: CID[] = []
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    service = await host.serve(NOTES, { as: 'notes' })
    for (const note of ['a', 'b', 'c']) commits.push((await host.call(service, 'add', [note])).commit)
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })
  const query = (of: CID, method: string) => host.query(of, method)

  it('has the code and the state of now, and goes its own way', async () => {
    const { head, from, name } = await kit.fork({ head: await kit.head(service) }, 'mine')
    assert.deepEqual([name, head.hosted, String(from)], ['mine', true, String(commits[2])])
    assert.deepEqual(await query(head.service, 'all'), ['a', 'b', 'c'])
    assert.equal(resultOf(await host.call(head.service, 'add', ['d'])), 4)
    assert.deepEqual(await query(service, 'all'), ['a', 'b', 'c'])
    assert.deepEqual((await host.names.get('mine'))!.running[0]!.service.toString(), head.service.toString())
    const found = await kit.replayer.again(head.service, undefined, { signal: never })
    // the four of the origin, the first one of the fork, and its call
    assert.deepEqual([found.ok, found.commits, found.calls, found.trust], [true, 6, 4, 'own'])
    assert.equal(String(found.from), String(service))
  })

  it('has the state of the commit that was asked for', async () => {
    const { head } = await kit.fork({ head: await kit.head(service), at: commits[0] }, 'early')
    assert.deepEqual(await query(head.service, 'all'), ['a'])
  })

  it('needs a name that is free', async () => {
    const of = { head: await kit.head(service) }
    await assert.rejects(kit.fork(of, 'notes'), { code: 'NAME_TAKEN' })
    const both = await Promise.allSettled([kit.fork(of, 'twice'), kit.fork(of, 'twice')])
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
    await assert.rejects(kit.fork(of, 'No Name'), { code: 'NAME_NOT_SUPPORTED' })
  })

  it('can have a memory of its own, made of the logical state', async () => {
    const { head, from } = await kit.fork({ head: await kit.head(service), at: commits[1] }, 'fresh', {
      logical: true,
      signal: never,
    })
    assert.deepEqual([head.seq, String(from)], [1, String(commits[1])])
    assert.deepEqual(await query(head.service, 'all'), ['a', 'b'])
    assert.equal(await query(head.service, 'whose'), host.identity.user)
    const at = await host.history.commit(commits[1]!)
    assert.notDeepEqual(Buffer.from(head.root), Buffer.from(at.root))
    assert.equal(resultOf(await host.call(head.service, 'add', ['x'])), 3)
    const found = await kit.replayer.again(head.service, undefined, { signal: never })
    assert.deepEqual([found.ok, found.trust], [true, 'own'], JSON.stringify(found))
  })

  it('is not made of a logical state that cannot be read or taken over', async () => {
    const closed = await host.serve(
      'class Box { #x = 1; get() { return this.#x } }\nlet box = new Box()\nexport const get = () => box.get()',
      { as: 'closed' },
    )
    const of = { head: await kit.head(closed) }
    const refused = kit.fork(of, 'open', { logical: true, signal: never })
    await assert.rejects(refused, { code: 'UPGRADE_FAILED_TRIAL' })
    assert.equal(await host.names.get('open'), undefined)
    await kit.fork(of, 'open')
  })

  it('is of a commit whose state is here still', async () => {
    const long = await host.serve(NOTES, { as: 'long' })
    const old = (await host.call(long, 'add', ['old'])).commit
    for (let i = 0; i < 100; i++) await host.call(long, 'add', [String(i)])
    await host.history.idle()
    await host.history.prune(long, { keep: 'checkpoints', count: 1 })
    for (const at of [old, long]) {
      const refused = kit.fork({ head: await kit.head(long), at }, 'pruned')
      await assert.rejects(refused, { code: 'PRUNED' }, String(at))
    }
  })

  it('is of a commit of that service', async () => {
    const other = await host.serve(NOTES, { as: 'other' })
    const of = { head: await kit.head(service), at: other }
    await assert.rejects(kit.fork(of, 'wrong'), { code: 'NOT_A_COMMIT' })
  })

  it("of somebody else's service is mine, is called at once, and is worth what was executed here", async () => {
    const reader = await startHost()
    const own = createKit(reader)
    try {
      await pullInto(reader, host, service)
      const { head } = await own.fork({ head: await own.head(service) }, 'mine')
      assert.deepEqual([head.trust, head.hosted], ['signed', true])
      assert.equal(resultOf(await reader.call(head.service, 'add', ['d'])), 4)
      assert.equal(await reader.query(head.service, 'whose'), reader.identity.user)
      const found = await own.replayer.now(head.service, { signal: never })
      assert.deepEqual([found.ok, found.trust], [true, 'replayed'], JSON.stringify(found))
    } finally {
      await own.stop()
      await reader.stop()
    }
  })
})

describe('a rollback', () => {
  let host: Host
  let kit: Kit
  let service: CID
  const commits: CID[] = []
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    service = await host.serve(NOTES, { as: 'notes' })
    for (const note of ['a', 'b', 'c']) commits.push((await host.call(service, 'add', [note])).commit)
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })

  it('takes the state of a commit, and the history goes on', async () => {
    const { from, to, head } = await kit.rollback(service, String(commits[0]), { signal: never })
    assert.deepEqual([String(from), String(to), head.seq], [String(commits[2]), String(commits[0]), 4])
    assert.deepEqual(await host.query(service, 'all'), ['a'])
    assert.equal(resultOf(await host.call(service, 'add', ['x'])), 2)
    const shown = await kit.readHistory.show(String(head.commit))
    assert.equal(shown.kind, 'rollback')
    assert.equal(shown.from, String(commits[0]))
    assert.deepEqual(
      shown.calls.map(({ method, args, caller }) => [method, args, caller]),
      [['@rollback', [String(commits[0])], host.identity.user]],
    )
  })

  it('is executed again like everything else', async () => {
    const found = await kit.replayer.again(service, undefined, { signal: never })
    assert.deepEqual([found.ok, found.commits, found.calls], [true, 6, 5], JSON.stringify(found))
  })

  it('goes back over a rollback, too', async () => {
    await kit.rollback(service, String(commits[2]), { signal: never })
    assert.deepEqual(await host.query(service, 'all'), ['a', 'b', 'c'])
    assert((await kit.replayer.again(service, undefined, { signal: never })).ok)
  })

  it('needs a commit of its history', async () => {
    const other = await host.serve(NOTES, { as: 'other' })
    const refused = { code: 'NOT_A_COMMIT' }
    await assert.rejects(kit.rollback(service, String(other), { signal: never }), refused)
    await assert.rejects(kit.rollback(service, 'no cid', { signal: never }), refused)
    assert.deepEqual(await host.query(service, 'all'), ['a', 'b', 'c'])
  })

  it('is for the host and the owner alone', async () => {
    const reader = await startHost()
    const own = createKit(reader)
    await pullInto(reader, host, service)
    await assert.rejects(own.rollback(service, String(commits[0]), { signal: never }), { code: 'NOT_THE_HOST' })
    await own.stop()
    await reader.stop()
    const { user } = host.identity
    host.identity.user = reader.identity.user
    await assert.rejects(kit.rollback(service, String(commits[0]), { signal: never }), { code: 'NOT_THE_OWNER' })
    host.identity.user = user
  })
})

describe('a service that went over to another node', () => {
  it('is executed again across the handover, which needs the word of its owner', async () => {
    const old = await startHost()
    const fresh = await newIdentity()
    // the same user on another node
    const next = await startHost({ identity: { ...fresh, user: old.identity.user, owner: old.identity.owner } })
    const kit = createKit(next)
    try {
      const service = await old.serve(NOTES, { as: 'notes' })
      await old.call(service, 'add', ['a'])
      const head = await pullInto(next, old, service)
      const { owner, node } = next.identity
      const bytes = handoverBytes({ service, parent: head.commit, epoch: 1, host: node.publicKey })
      const handover = { owner: owner.publicKey, sig: await owner.sign(bytes) }
      await next.history.takeOver(service, { parent: head.commit, handover, time: Date.now() })
      assert.equal(resultOf(await next.call(service, 'add', ['b'])), 2)
      const found = await kit.replayer.now(service, { signal: never })
      assert.deepEqual([found.ok, found.commits, found.calls], [true, 4, 2], JSON.stringify(found))

      const { commit } = await kit.head(service)
      const block = decodeCommit(commit, (await next.database.blocks.get(commit))!)
      const parent = (block.body as StepBody).parent
      const { body } = decodeCommit(parent, (await next.database.blocks.get(parent))!)
      const sig = handover.sig.map((byte, i) => (i === 5 ? byte ^ 1 : byte))
      const forged = await sealCommit({ ...(body as HandoverBody), handover: { ...handover, sig } }, node)
      await next.database.blocks.put([forged])
      const { mismatch } = await kit.replay(forged.cid, { again: true, signal: never })
      assert.equal(mismatch?.what, 'handover')
    } finally {
      await kit.stop()
      await next.stop()
      await old.stop()
    }
  })
})
