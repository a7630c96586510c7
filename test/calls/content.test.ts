/** Content that calls read and write by CID, and events: how they get to the call, and into the commit. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { MAX_CONTENT_READS } from '../../daemon/calls/constants.ts'
import { createCheckAnswer } from '../../daemon/calls/receipt/receipt.ts'
import { decodeEvents, encodeEvents } from '../../daemon/calls/stream/events.ts'
import { cidFrom, RAW, rawBlock, sha256 } from '../../daemon/store/block.ts'
import { type Host, resultOf, startHost, verify } from '../support/host.ts'

const signal = new AbortController().signal
const text = (words: string): Uint8Array => new TextEncoder().encode(words)

const SOURCE = `
  import { get, put } from 'amigos:content'
  import { emit } from 'amigos:events'
  let read = 0
  export function load(cid: string): number { read += get(cid).length; return read }
  export function loadAll(cids: string[]): number { for (const cid of cids) read += get(cid).length; return read }
  export function keep(size: number): string { return put(new Uint8Array(size).fill(7)) }
  export function say(what: string): void { emit('said', { what }); emit('done') }
  export function sum(): number { return read }
`

describe('events', () => {
  it('are one JSON text in the commit', () => {
    const bytes = encodeEvents([
      { name: 'a"b', value: text('{"x":1}') },
      { name: 'c', value: text('null') },
    ])
    assert.deepEqual(decodeEvents(bytes), [
      { name: 'a"b', value: { x: 1 } },
      { name: 'c', value: null },
    ])
    assert.equal(encodeEvents([]), undefined)
    assert.deepEqual(decodeEvents(undefined), [])
  })

  it('are read strictly from a host', () => {
    for (const bad of ['', '{}', '[1]', '[["a"]]', '[[1,2]]', '[["a",1,2]]'])
      assert.throws(() => decodeEvents(text(bad)), { code: 'ANSWER_INVALID' })
  })
})

describe('content', () => {
  /** what the network has */
  const elsewhere = new Map<string, Uint8Array>()
  const asked: string[] = []
  let host: Host
  let service: CID
  before(async () => {
    const fetcher = {
      async block(cid: CID) {
        asked.push(cid.toString())
        const bytes = elsewhere.get(cid.toString())
        if (bytes === undefined) throw Object.assign(new Error('nobody has it'), { code: 'CONTENT_NOT_FOUND' })
        await host.database.blocks.put([{ cid, bytes }])
        return bytes
      },
    }
    host = await startHost({ fetcher })
    service = await host.serve(SOURCE)
  })
  after(() => host.stop())

  const far = (bytes: Uint8Array): string => {
    const { cid } = rawBlock(bytes)
    elsewhere.set(cid.toString(), bytes)
    return cid.toString()
  }
  const contentOf = async (commit: CID): Promise<string[]> => (await host.history.commit(commit)).content.map(String)

  it('comes from the network when a call asks for it, and stands in the commit', async () => {
    const cid = far(text('hello'))
    const done = await host.call(service, 'load', [cid])
    assert.equal(resultOf(done), 5)
    assert.deepEqual(asked, [cid])
    assert.deepEqual(await contentOf(done.commit), [cid])
    const again = await host.call(service, 'load', [cid])
    assert.equal(resultOf(again), 10)
    assert.deepEqual(asked, [cid], 'what is here is not asked for')
  })

  it('comes to queries, too', async () => {
    const cid = far(text('four'))
    const before = (await host.query(service, 'sum')) as number
    assert.equal(await host.query(service, 'load', [cid]), before + 4)
    assert.equal(await host.query(service, 'sum'), before)
  })

  it('is named when nobody has it, and the call leaves nothing', async () => {
    const cid = cidFrom(RAW, sha256(text('nowhere'))).toString()
    const { seq } = (await host.history.head(service))!
    await assert.rejects(host.call(service, 'load', [cid]), { code: 'CONTENT_NOT_FOUND', message: new RegExp(cid) })
    assert.equal((await host.history.head(service))!.seq, seq)
  })

  it('of a group is waited for without holding up the others', async () => {
    const gate = Promise.withResolvers<void>()
    const cid = far(text('slow'))
    const slow = elsewhere.get(cid)!
    elsewhere.delete(cid)
    const put = gate.promise.then(() => host.database.blocks.put([{ cid: rawBlock(slow).cid, bytes: slow }]))
    const waiting = host.execute(await host.sign(service, 'load', [cid]), { from: 'slow', signal }).catch((e) => e)
    assert.equal(typeof resultOf(await host.call(service, 'keep', [1], { from: 'fast' })), 'string')
    gate.resolve()
    await put
    await waiting
  })

  it('is no more than a call may read', async () => {
    const many = Array.from({ length: MAX_CONTENT_READS + 1 }, (_, i) => far(text(`piece ${i}`)))
    await assert.rejects(host.call(service, 'loadAll', [many]), { code: 'CONTRACT_THREW' })
    await host.call(service, 'loadAll', [many.slice(1)])
  })

  it('that a call writes is stored with its commit', async () => {
    const done = await host.call(service, 'keep', [1000])
    const cid = resultOf(done) as string
    const block = rawBlock(new Uint8Array(1000).fill(7))
    assert.equal(cid, block.cid.toString())
    assert.deepEqual(await contentOf(done.commit), [cid])
    assert.deepEqual(await host.database.blocks.get(block.cid), Buffer.from(block.bytes))
  })

  it('that a query writes is not', async () => {
    const cid = (await host.query(service, 'keep', [1001])) as string
    assert.equal(await host.database.blocks.has(rawBlock(new Uint8Array(1001).fill(7)).cid), false)
    assert.equal(cid, rawBlock(new Uint8Array(1001).fill(7)).cid.toString())
  })

  it('may be read by the next call of the same group', async () => {
    const keep = await host.sign(service, 'keep', [77])
    const { cid } = rawBlock(new Uint8Array(77).fill(7))
    const load = await host.sign(service, 'load', [cid.toString()])
    const [, loaded] = await Promise.all(
      [keep, load].map((envelope) => host.execute(envelope, { from: 'local', signal })),
    )
    assert.equal(typeof resultOf(loaded!), 'number')
  })

  it('is told apart from events, which are in the answer, its proof, and the commit', async () => {
    const envelope = await host.sign(service, 'say', ['hello'])
    const done = await host.execute(envelope, { from: 'local', signal })
    const expected = [
      { name: 'said', value: { what: 'hello' } },
      { name: 'done', value: null },
    ]
    assert.deepEqual(
      decodeEvents(done.events).map(({ name }) => name),
      ['said', 'done'],
    )
    assert.deepEqual(decodeEvents(done.events)[0], expected[0])
    const { calls } = await host.history.commit(done.commit)
    assert.deepEqual(decodeEvents(calls[done.index]!.events), decodeEvents(done.events))
    const check = createCheckAnswer(verify)
    await check(done, { envelope, service, host: host.identity.peerId })
    const lie = { ...done, events: encodeEvents([{ name: 'said', value: text('1') }])! }
    await assert.rejects(check(lie, { envelope, service, host: host.identity.peerId }), { code: 'ANSWER_INVALID' })
  })
})
