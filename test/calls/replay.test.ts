/** A history executed again, and a host that lies about one thing in it: it signs whatever it likes, and every lie is found and named. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createReplay, type Replay } from '../../daemon/calls/replay/replay.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import type { PackedCall } from '../../daemon/store/commit-calls.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { encodeDelta } from '../../daemon/store/delta-codec.ts'
import type { Delta, Vm } from '../../daemon/vm/types.ts'
import { createVm } from '../../daemon/vm/vm.ts'
import { type Host, startHost } from '../support/host.ts'

const SOURCE = `
  const log: { who: string; at: number; luck: number }[] = []
  export function init(first: string): void { log.push({ who: first, at: Date.now(), luck: Math.random() }) }
  export function note(who: string): number { log.push({ who, at: Date.now(), luck: Math.random() }); return log.length }
  export function pad(size: number): string { return 'x'.repeat(size) }
  export function fail(): void { throw new RangeError('no') }
`
const never = new AbortController().signal

describe('a replay', () => {
  let host: Host
  let vm: Vm
  let service: CID
  let replay: Replay
  before(async () => {
    host = await startHost()
    vm = createVm({}, { workers: 1 })
    replay = createReplay({ ...host, vm })
    service = await host.serve(SOURCE, { init: 'alice' })
    for (const who of ['bob', 'carol']) await host.call(service, 'note', [who])
    await Promise.allSettled([
      ...Array.from({ length: 40 }, (_, i) => host.call(service, 'note', [`user ${i}`])),
      host.call(service, 'fail'),
    ])
    await host.call(service, 'pad', [20_000])
  })
  after(async () => {
    await vm.stop()
    await host.stop()
  })
  const head = async () => (await host.history.head(service))!

  it('finds everything as it stands, from the genesis and from any commit', async () => {
    const { commit, seq } = await head()
    const progress: number[] = []
    const whole = await replay(
      service,
      { cid: commit, seq },
      { signal: never, onProgress: (done) => progress.push(done) },
    )
    assert.deepEqual(whole, { commits: seq + 1, calls: 43 })
    assert.deepEqual(
      progress,
      Array.from({ length: seq + 1 }, (_, i) => i + 1),
    )
    let older = 0
    for await (const { cid } of host.history.log(service)) {
      const rest = await replay(service, { cid: commit, seq }, { after: cid, signal: never })
      assert.deepEqual([rest.commits, rest.mismatch], [older++, undefined])
    }
  })

  /** The head again, signed by its host, with something else in it. */
  const lie = async (change: (body: StepBody) => Partial<StepBody>, at?: CID): Promise<CID> => {
    const cid = at ?? (await head()).commit
    const body = decodeCommit(cid, (await host.database.blocks.get(cid))!).body as StepBody
    const block = await sealCommit({ ...body, ...change(body) }, host.identity.node)
    await host.database.blocks.put([block])
    return block.cid
  }
  const first = async (): Promise<CID> => {
    let found: CID | undefined
    for await (const { cid, seq } of host.history.log(service)) if (seq === 2) found = cid
    return found!
  }
  const flipped = (bytes: Uint8Array, at = 0): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))
  const inCall = (change: (call: PackedCall) => Partial<PackedCall>) => (body: StepBody) => ({
    calls: (body.calls as PackedCall[]).map((call) => ({ ...call, ...change(call) })),
  })

  const LIES: Record<string, { what: string; call: number | null; change: (body: StepBody) => Partial<StepBody> }> = {
    'a bit of a result': {
      what: 'result',
      call: 0,
      change: inCall((c) => ({ result: flipped(c.result as Uint8Array) })),
    },
    'a bit of the arguments': {
      what: 'envelope',
      call: 0,
      change: inCall((c) => ({ envelope: flipped(c.envelope as Uint8Array, 60) })),
    },
    'the gas': { what: 'gas', call: 0, change: inCall(({ gas }) => ({ gas: gas + 1n })) },
    'a call left out': { what: 'delta', call: null, change: () => ({ calls: [] }) },
    'the time': { what: 'time', call: null, change: () => ({ time: 5 }) },
    'the root': { what: 'root', call: null, change: ({ root }) => ({ root: flipped(root) }) },
    'the contract': { what: 'contract', call: null, change: () => ({ contract: service }) },
    'the engine': { what: 'engine', call: null, change: () => ({ engine: service }) },
  }
  for (const [name, { what, call, change }] of Object.entries(LIES)) {
    it(`names ${name}, though its host signed it`, async () => {
      const cid = await lie(change, await first())
      const { mismatch } = await replay(service, { cid, seq: 2 }, { signal: never })
      assert.equal(mismatch?.what, what, JSON.stringify(mismatch))
      assert.deepEqual([mismatch?.call, mismatch?.seq, mismatch?.commit], [call, 2, cid.toString()])
      assert.notEqual(mismatch?.expected, mismatch?.found)
    })
  }

  it('names a bit of the delta, and a delta that cannot be read', async () => {
    const at = await first()
    const delta = (await host.history.commit(at)).delta as Delta
    const other = await encodeDelta({ ...delta, bytes: flipped(delta.bytes, 300) })
    const cid = await lie(() => ({ delta: other }), at)
    assert.equal((await replay(service, { cid, seq: 2 }, { signal: never })).mismatch?.what, 'delta')
    const broken = await lie(() => ({ delta: Uint8Array.of(9, 9) }), at)
    assert.equal((await replay(service, { cid: broken, seq: 2 }, { signal: never })).mismatch?.what, 'block')
  })

  it('names a block whose bytes were changed on the disk', async () => {
    const cid = await first()
    const bytes = (await host.database.blocks.get(cid))!
    await host.database.blocks.put([{ cid, bytes: flipped(bytes, bytes.length - 1) }])
    const { mismatch } = await replay(service, { cid, seq: 2 }, { signal: never })
    await host.database.blocks.put([{ cid, bytes }])
    assert.equal(mismatch?.what, 'block')
  })
})
