/** What a receipt tells somebody who may call a service, but not read its history. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { createCheckAnswer, receiptOf } from '../../daemon/calls/receipt/receipt.ts'
import type { Executed } from '../../daemon/calls/types.ts'
import { cidFrom, DAG_CBOR, sha256 } from '../../daemon/store/block.ts'
import { isFirst } from '../../daemon/store/commit-body.ts'
import { decodeCommit } from '../../daemon/store/commit-codec.ts'
import { type Host, startHost, verify } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const SECRET = 'attack at dawn'
const SOURCE = `
  import { put } from 'amigos:content'
  let note = ''
  export function init(first: string): void { note = first }
  export function keep(text: string): string {
    note = text
    put(Uint8Array.from([...text].map((c) => c.charCodeAt(0))))
    return note
  }
  export function touch(): string { note += '.'; return 'ok' }
`
const manifest = 'name: notes\nversion: 1.0.0\nmain: main.ts\naccess:\n  history: []\n'

describe('the receipts of a sealed service', () => {
  let host: Host
  let copy: Host
  let kit: Kit
  let service: CID
  /** of `touch`, called together with others who keep a secret */
  let receipts: { envelope: Uint8Array; done: Executed }[]
  before(async () => {
    host = await startHost()
    copy = await startHost()
    kit = createKit(copy)
    service = await host.serve(SOURCE, { manifest, init: [SECRET] })
    const envelopes: Uint8Array[] = []
    for (let i = 0; i < 40; i++)
      envelopes.push(await (i % 2 ? host.sign(service, 'touch', []) : host.sign(service, 'keep', [`${SECRET} ${i}`])))
    const all = await Promise.all(envelopes.map((one) => host.execute(one, { from: 'local', signal: never })))
    receipts = all.map((done, i) => ({ envelope: envelopes[i]!, done })).filter((_, i) => i % 2 === 1)
  })
  after(async () => {
    await kit.stop()
    await host.stop()
    await copy.stop()
  })
  const shared = () => receipts.filter(({ done }) => done.chunk !== undefined)

  it('hold', async () => {
    const check = createCheckAnswer(verify)
    assert(shared().length > 0, 'no two calls had a commit together')
    for (const { envelope, done } of receipts) {
      const asked = { envelope, service, host: host.identity.peerId }
      await check(done, asked)
      await assert.rejects(check({ ...done, index: done.index + 1 }, asked), { code: 'ANSWER_INVALID' })
      // the same again, from what is stored
      const again = await host.execute(envelope, { from: 'local', signal: never })
      assert.deepEqual(receiptOf(again, asked), receiptOf(done, asked))
    }
  })

  it('show neither how the service began, nor what others did, nor what changed', async () => {
    for (const { done } of receipts) {
      const shown = [done.genesis, done.block, done.chunk ?? new Uint8Array(0)]
      for (const bytes of shown) assert(!Buffer.from(bytes).includes(SECRET))
      const { body } = decodeCommit(cidFrom(DAG_CBOR, sha256(done.block)), done.block)
      assert(body.kind === 'step')
      assert(CID.asCID(body.delta))
      assert(body.content === undefined || CID.asCID(body.content))
      const first = decodeCommit(service, done.genesis).body
      assert(isFirst(first) && CID.asCID(first.genesis.args))
    }
  })

  it('leave the history as it is for those who may read it', async () => {
    const { commit } = await pullInto(copy, host, service)
    const { isComplete, mismatch } = await kit.replay(commit, { again: true, signal: never })
    assert.deepEqual({ isComplete, mismatch }, { isComplete: true, mismatch: undefined })
    const [last] = await Array.fromAsync(copy.history.log(service, { limit: 1 }))
    assert.equal(last!.calls.length > 0, true)
    let content = 0
    for await (const one of copy.history.log(service)) content += one.content.length
    assert.equal(content, 20)
    const { genesis } = await copy.history.commit(service)
    assert.equal(new TextDecoder().decode(genesis!.args), JSON.stringify([SECRET]))
  })
})
