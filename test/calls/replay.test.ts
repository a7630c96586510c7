/** A history executed again, and a host that lies about one thing in it: it signs whatever it likes, and every lie is found and named. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Progress } from '../../daemon/api/vocabulary.ts'
import type { Replayed, ReplayOptions } from '../../daemon/calls/replay/replay.ts'
import { type Block, rawBlock } from '../../daemon/store/block.ts'
import type { StepBody } from '../../daemon/store/commit-body.ts'
import type { PackedCall } from '../../daemon/store/commit-calls.ts'
import { decodeCommit, sealCommit } from '../../daemon/store/commit-codec.ts'
import { decodeDelta, encodeDelta } from '../../daemon/store/delta-codec.ts'
import { packPayload, unpackPayload } from '../../daemon/store/payload.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'
import { createKit, type Kit, never } from './lifecycle-kit.ts'

const SOURCE = `
  import { caller, gasLeft } from 'amigos:context'
  import { emit } from 'amigos:events'
  const log: { who: string; at: number; luck: number; by: string; left: bigint }[] = []
  export function init(first: string): void { note(first) }
  export function note(who: string): number {
    emit('noted', { who, n: log.length })
    return log.push({ who, at: Date.now(), luck: Math.random(), by: caller(), left: gasLeft() })
  }
  export function pad(size: number): string { return 'x'.repeat(size) }
  export function fail(): void { throw new RangeError('no') }
`

const UNREAD = rawBlock(Buffer.from('nobody read this'))

describe('a replay', () => {
  let host: Host
  let kit: Kit
  let service: CID
  before(async () => {
    let time = 1_700_000_000_000
    host = await startHost({ now: () => time++ })
    kit = createKit(host)
    service = await host.serve(SOURCE, { init: 'alice' })
    await host.database.blocks.put([UNREAD])
    for (const who of ['bob', 'carol']) await host.call(service, 'note', [who])
    // what a host allows differs by who asks; nothing of that may be left in the memory, or in the gas
    await host.call(service, 'note', ['dave'], { from: 'peer' })
    await Promise.allSettled([
      ...Array.from({ length: 40 }, (_, i) => host.call(service, 'note', [`user ${i}`])),
      host.call(service, 'fail'),
    ])
    await host.call(service, 'pad', [20_000])
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })
  const replay = (to: CID, options: Partial<ReplayOptions> = {}): Promise<Replayed> =>
    kit.replay(to, { again: true, signal: never, ...options })

  it('finds everything as it stands, and says how far it is', async () => {
    const { commit, seq } = await kit.head(service)
    const progress: Progress[] = []
    const found = await replay(commit, { onProgress: (one) => progress.push(one) })
    assert.deepEqual([found.from, found.to].map(String), [service, commit].map(String))
    assert.deepEqual([found.commits, found.calls, found.isComplete, found.mismatch], [seq + 1, 44, true, undefined])
    assert.deepEqual(progress.at(-1), { doing: 'replaying', done: seq + 1, total: seq + 1 })
    assert.equal(progress.length, seq + 1)
  })

  it('goes on from any commit that was executed before', async () => {
    const { commit } = await kit.head(service)
    let older = 0
    for await (const { cid, seq } of host.history.log(service)) {
      await kit.rows.put(service, { upTo: { commit: cid, seq } })
      const { commits, from, isComplete } = await replay(commit, { again: false })
      assert.deepEqual([commits, from.toString(), isComplete], [older++, cid.toString(), true])
    }
  })

  it('ends when nobody waits for it any more', async () => {
    const { commit } = await kit.head(service)
    const gone = new AbortController()
    const stopped = replay(commit, { signal: gone.signal, onProgress: ({ done }) => done === 2 && gone.abort() })
    await assert.rejects(stopped, { name: 'AbortError' })
  })

  it('tries again where the machine was to blame', async () => {
    const { commit } = await kit.head(service)
    let breaks = 3
    const shaky = createKit(host, (vm) => ({
      ...vm,
      async calls(key, requests) {
        if (breaks-- > 0) await vm.close(key)
        return vm.calls(key, requests)
      },
    }))
    const found = await shaky.replay(commit, { again: true, signal: never })
    await shaky.stop()
    assert.equal(found.mismatch, undefined)
    assert(breaks < 0)
  })

  const at = async (place: number): Promise<CID> => {
    for await (const { cid, seq } of host.history.log(service)) if (seq === place) return cid
    throw new Error(`no commit ${place}`)
  }
  const bodyAt = async (cid: CID) => decodeCommit(cid, (await host.database.blocks.get(cid))!).body as StepBody

  /** The commit as its host signed it, with something else in it, signed by the same host. */
  const lie = async (change: (body: StepBody) => Partial<StepBody>, place = 2): Promise<CID> => {
    const body = await bodyAt(await at(place))
    const block = await sealCommit({ ...body, ...change(body) }, host.identity.node)
    await host.database.blocks.put([block])
    return block.cid
  }
  const flipped = (bytes: Uint8Array, place = 0): Uint8Array => bytes.map((byte, i) => (i === place ? byte ^ 1 : byte))
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
    'a bit of the events': {
      what: 'events',
      call: 0,
      change: inCall((c) => ({ events: flipped(c.events as Uint8Array, 12) })),
    },
    'events left out': {
      what: 'events',
      call: 0,
      change: ({ calls }) => ({ calls: (calls as PackedCall[]).map(({ events: _events, ...call }) => call) }),
    },
    'the gas': { what: 'gas', call: 0, change: inCall(({ gas }) => ({ gas: gas + 1n })) },
    'all calls left out': { what: 'calls', call: null, change: () => ({ calls: [] }) },
    'a call twice': {
      what: 'envelope',
      call: 1,
      change: ({ calls }) => ({ calls: [...(calls as PackedCall[]), ...(calls as PackedCall[])] }),
    },
    'a time before the last': { what: 'time', call: null, change: () => ({ time: 5 }) },
    'a time by a millisecond': { what: 'gas', call: 0, change: ({ time }) => ({ time: time + 1 }) },
    'the root': { what: 'root', call: null, change: ({ root }) => ({ root: flipped(root) }) },
    'the root before': { what: 'before', call: null, change: ({ before }) => ({ before: flipped(before) }) },
    'the contract': { what: 'contract', call: null, change: () => ({ contract: service }) },
    'the epoch': { what: 'chain', call: null, change: ({ epoch }) => ({ epoch: epoch + 1 }) },
    'its place': { what: 'chain', call: null, change: ({ seq }) => ({ seq: seq + 1 }) },
    'content that nobody read': {
      what: 'content',
      call: null,
      change: () => ({ content: [UNREAD.cid] }),
    },
  }
  for (const [name, { what, call, change }] of Object.entries(LIES)) {
    it(`names ${name}, though its host signed it`, async () => {
      const cid = await lie(change)
      const { mismatch, isComplete } = await replay(cid)
      assert.deepEqual(
        [mismatch?.what, mismatch?.call, mismatch?.commit],
        [what, call, cid.toString()],
        JSON.stringify(mismatch),
      )
      assert.notEqual(mismatch?.expected, mismatch?.found)
      assert.equal(isComplete, false)
    })
  }

  it('names a bit of the delta, and a delta that cannot be read', async () => {
    const body = await bodyAt(await at(2))
    const read = await decodeDelta(await unpackPayload(body.delta, host.database.blocks, 1e6, body))
    const other = await encodeDelta({ ...read, words: flipped(read.words, 30) })
    const blocks: Block[] = []
    const packed = packPayload(other, blocks, body)
    await host.database.blocks.put(blocks)
    const cid = await lie(() => ({ delta: packed }))
    const { mismatch } = await replay(cid)
    assert.equal(mismatch?.what, 'delta')
    assert.match(mismatch!.expected, /^line \d+: [0-9a-f]+/)
    const broken = await lie(() => ({ delta: Uint8Array.of(9, 9) }))
    assert.equal((await replay(broken)).mismatch?.what, 'block')
  })

  it('names a lie of the past, at whatever commit it ends', async () => {
    const wrong = await lie(inCall(({ gas }) => ({ gas: gas - 1n })))
    const body = await bodyAt(await at(3))
    const block = await sealCommit({ ...body, parent: wrong }, host.identity.node)
    await host.database.blocks.put([block])
    const { mismatch, commits } = await replay(block.cid)
    assert.deepEqual([mismatch?.what, mismatch?.seq, mismatch?.commit, commits], ['gas', 2, wrong.toString(), 3])
  })

  it('names one bit of a call in a commit that links its calls', async () => {
    let place = 0
    let group: CID | undefined
    let chunk: CID | undefined
    for await (const { cid, seq } of host.history.log(service)) {
      const { calls } = await bodyAt(cid)
      if ('chunks' in calls) [place, group, chunk] = [seq, cid, calls.chunks[1]]
    }
    assert(chunk, 'no commit has so many calls')
    const bytes = (await host.database.blocks.get(chunk))!
    await host.database.blocks.put([{ cid: chunk, bytes: flipped(bytes, 100) }])
    const { mismatch } = await replay(group!)
    await host.database.blocks.put([{ cid: chunk, bytes }])
    assert.deepEqual([mismatch?.what, mismatch?.seq], ['damaged', place])
  })

  it('names a commit whose bytes were changed on the disk', async () => {
    const cid = await at(2)
    const bytes = (await host.database.blocks.get(cid))!
    await host.database.blocks.put([{ cid, bytes: flipped(bytes, bytes.length - 1) }])
    const { mismatch } = await replay(cid)
    await host.database.blocks.put([{ cid, bytes }])
    assert.equal(mismatch?.what, 'damaged')
  })

  it('names a commit that another key signed', async () => {
    const other = await newIdentity()
    const body = await bodyAt(await at(2))
    const forged = await sealCommit({ ...body, host: other.node.publicKey }, other.node)
    const unsigned = await sealCommit(body, other.node)
    await host.database.blocks.put([forged, unsigned])
    assert.equal((await replay(forged.cid)).mismatch?.what, 'chain')
    assert.equal((await replay(unsigned.cid)).mismatch?.what, 'signature')
  })

  it('names a call that its caller signed for another service, and one that the contract has not', async () => {
    const elsewhere = await host.serve(SOURCE, { as: 'other', init: 'x' })
    const other = await host.sign(elsewhere, 'note', ['x'])
    const foreign = await lie(inCall(() => ({ envelope: other })))
    assert.deepEqual([(await replay(foreign)).mismatch?.what], ['envelope'])
    const init = await host.sign(service, 'init', ['again'])
    const again = await lie(inCall(() => ({ envelope: init })))
    assert.equal((await replay(again)).mismatch?.what, 'refused')
  })

  it('does not judge what another engine made', async () => {
    const cid = await lie(() => ({ engine: service }))
    await assert.rejects(replay(cid), { code: 'ENGINE_UNKNOWN' })
  })
})
