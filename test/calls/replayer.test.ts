/** Copies that are executed again while they are in use: they become more worth, or are used no more. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import type { PackedCall } from '../../daemon/store/commit-calls.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { type Host, startHost } from '../support/host.ts'
import { until } from '../support/until.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const COUNTER = `
  let n = 0
  export function add(by: number): number { n += by; return n }
  export function read(): number { return n }
`

describe('a copy', () => {
  let origin: Host
  let host: Host
  let kit: Kit
  let service: CID
  beforeEach(async () => {
    origin = await startHost()
    host = await startHost()
    kit = createKit(host)
    service = await origin.serve(COUNTER)
    for (let i = 1; i <= 5; i++) await origin.call(service, 'add', [i])
  })
  afterEach(async () => {
    await kit.stop()
    await host.stop()
    await origin.stop()
  })
  const trust = async (): Promise<string> => (await kit.head(service)).trust

  /** The host's history with another gas in its third commit, and the later ones on top of it. */
  const lies = async (): Promise<CID> => {
    const blocks = []
    for await (const { cid, seq } of origin.history.log(service)) if (seq >= 3) blocks.unshift(cid)
    let parent: CID | undefined
    for (const cid of blocks) {
      const body = decodeCommit(cid, (await origin.database.blocks.get(cid))!).body as StepBody
      const calls = (body.calls as PackedCall[]).map((call) => ({ ...call, gas: call.gas + (parent ? 0n : 1n) }))
      const block = await sealCommit({ ...body, calls, ...(parent && { parent }) }, origin.identity.node)
      await origin.database.blocks.put([block])
      parent = block.cid
    }
    return parent!
  }

  it('is signed first, and replayed once it was executed behind its use', async () => {
    await pullInto(host, origin, service)
    assert.equal(await host.query(service, 'read'), 15)
    assert.equal(await trust(), 'signed')
    kit.replayer.behind(service)
    await until(trust, (found) => found === 'replayed')
    assert.equal((await kit.replayer.standing(service)).seq, 5)
  })

  it('is executed again at the start of a node, from where that had ended', async () => {
    await pullInto(host, origin, service)
    await kit.replayer.now(service, { signal: never })
    await origin.call(service, 'add', [1])
    await pullInto(host, origin, service)
    assert.equal(await trust(), 'signed')
    await kit.replayer.start()
    await until(trust, (found) => found === 'replayed')
    const { commits, ok } = await kit.replayer.now(service, { signal: never })
    assert.deepEqual([commits, ok], [0, true])
  })

  it('waits for whoever wants to know at once', async () => {
    await pullInto(host, origin, service)
    kit.replayer.behind(service)
    const found = await kit.replayer.again(service, undefined, { signal: never })
    assert.deepEqual([found.ok, found.commits, found.calls, found.trust], [true, 6, 5, 'replayed'])
    await until(trust, (now) => now === 'replayed')
  })

  it('is used no more where its host lied, and says where; until that is taken back', async () => {
    await pullInto(host, origin, service, await lies())
    assert.equal(await host.query(service, 'read'), 15)
    const found = await kit.replayer.now(service, { signal: never })
    assert.deepEqual([found.ok, found.trust, found.mismatch?.what, found.mismatch?.seq], [false, 'signed', 'gas', 3])
    assert.equal(kit.replayer.mismatch(service)?.seq, 3)
    await assert.rejects(kit.fork({ head: await kit.head(service) }, 'mine'), { code: 'REPLAY_MISMATCH' })
    assert.equal(await trust(), 'signed')

    // another daemon on the same disk knows it, too
    const later = createKit(host)
    await later.replayer.start()
    assert.equal(later.replayer.mismatch(service)?.what, 'gas')
    await later.stop()
  })

  it('is used on where this disk damaged it: its host is not to blame', async () => {
    const { commit } = await pullInto(host, origin, service)
    const blocks = host.database.blocks
    const { parent } = await host.history.commit(commit)
    const bytes = (await blocks.get(parent!))!
    await blocks.put([{ cid: parent!, bytes: Uint8Array.from(bytes).fill(7, bytes.length - 1) }])
    const found = await kit.replayer.now(service, { signal: never })
    assert.deepEqual([found.ok, found.mismatch?.what], [false, 'damaged'])
    assert.equal(kit.replayer.mismatch(service), undefined)
    assert.equal(await host.query(service, 'read'), 15)
    await assert.rejects(kit.readHistory.show(String(parent)), { code: 'BLOCK_DAMAGED' })
    await assert.rejects(kit.state(service, parent), { code: 'BLOCK_DAMAGED' })
    await blocks.put([{ cid: parent!, bytes }])
    assert((await kit.replayer.now(service, { signal: never })).ok)
  })

  it('is as good as replayed up to a commit before the lie', async () => {
    await pullInto(host, origin, service, await lies())
    await kit.replayer.now(service, { signal: never })
    assert.equal((await kit.replayer.standing(service)).seq, 2)
    let second: CID | undefined
    for await (const { cid, seq } of host.history.log(service)) if (seq === 2) second = cid
    const found = await kit.replayer.again(service, second, { signal: never })
    assert.deepEqual([found.ok, found.trust], [true, 'replayed'])
    assert.equal(kit.replayer.mismatch(service)?.seq, 3)
  })

  it('is not cleared of a lie by a replay that begins after it', async () => {
    await pullInto(host, origin, service)
    const [third, from] = [(await host.history.at(service, 3))!, (await host.history.at(service, 4))!]
    const lie = { commit: third.toString(), seq: 3, what: 'gas', call: 0, expected: '1', found: '2' }
    await kit.rows.put(service, { mismatch: lie })
    const later = createKit(host)
    await later.replayer.start()
    const found = await later.replayer.again(service, undefined, { from, signal: never })
    assert.deepEqual([found.ok, found.trust, found.commits, String(found.from)], [true, 'signed', 1, String(from)])
    assert.equal(later.replayer.mismatch(service)?.seq, 3)
    await assert.rejects(later.replayer.again(service, third, { from, signal: never }), { code: 'NOT_A_COMMIT' })
    const whole = await later.replayer.again(service, undefined, { signal: never })
    await later.stop()
    assert.deepEqual([whole.ok, whole.trust, later.replayer.mismatch(service)], [true, 'replayed', undefined])
  })

  it("of this node's own service stays its own, whatever is found", async () => {
    const own = createKit(origin)
    const found = await own.replayer.again(service, undefined, { signal: never })
    await own.stop()
    assert.deepEqual([found.ok, found.trust, found.commits], [true, 'own', 6])
  })
})
