/** A host that lies: whatever it answers has to follow from what was signed. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { ProofError } from '../../daemon/calls/receipt/proof-error.ts'
import { createCheckAnswer, readReceipt, receiptOf } from '../../daemon/calls/receipt/receipt.ts'
import { checkProof } from '../../daemon/calls/receipt/receipt-proof.ts'
import type { Executed } from '../../daemon/calls/types.ts'
import { createVerify, type VerifyUseCase } from '../../daemon/calls/view/verify.ts'
import { links } from '../../daemon/store/links.ts'
import { handoverBytes } from '../../daemon/store/signed-bytes.ts'
import { type Host, newIdentity, startHost, verify } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const checkAnswer = createCheckAnswer(verify)
const SOURCE = 'let n = 0\nexport function add(by: number, pad: number): string { n += by; return n + "x".repeat(pad) }'

describe('the proof of a call', () => {
  let host: Host
  let other: Host
  let service: CID
  let envelope: Uint8Array
  let done: Executed
  before(async () => {
    host = await startHost()
    other = await startHost()
    service = await host.serve(SOURCE)
    envelope = await host.sign(service, 'add', [1, 2])
    done = await host.execute(envelope, { from: 'local', signal: new AbortController().signal })
  })
  after(async () => {
    await host.stop()
    await other.stop()
  })
  const asked = () => ({ envelope, service, host: host.identity.peerId })

  it('says what was called by whom, what came of it, and between which states', async () => {
    const proven = await checkAnswer(done, asked())
    assert.equal(proven.caller, host.identity.user)
    assert.equal(proven.method, 'add')
    assert.equal(proven.seq, 1)
    const head = (await host.history.head(service))!
    assert.deepEqual(Buffer.from(proven.root), Buffer.from(head.root))
    assert.deepEqual(Buffer.from(proven.before), Buffer.from((await host.history.commit(service)).root))
  })

  it('holds for results that the commit only links', async () => {
    const sent = await host.sign(service, 'add', [1, 10_000])
    const large = await host.execute(sent, { from: 'local', signal: new AbortController().signal })
    await checkAnswer(large, { ...asked(), envelope: sent })
    const lie = { ...large, result: Uint8Array.from(large.result).fill(65, 9, 10) }
    await assert.rejects(checkAnswer(lie, { ...asked(), envelope: sent }), { code: 'ANSWER_INVALID' })
  })

  const LIES: Record<string, (done: Executed) => Partial<Executed>> = {
    'another result': () => ({ result: new TextEncoder().encode('"2xx"') }),
    'less gas': ({ gas }) => ({ gas: gas - 1n }),
    'another place': () => ({ index: 1 }),
    'another sequence number': () => ({ seq: 8 }),
    'events that nobody emitted': () => ({ events: new TextEncoder().encode('[]') }),
    'another block as genesis': ({ block }) => ({ genesis: block }),
    'the genesis for a commit': ({ genesis }) => ({ block: genesis, commit: service }),
  }
  for (const [what, lie] of Object.entries(LIES)) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(checkAnswer({ ...done, ...lie(done) }, asked()), { code: 'ANSWER_INVALID' })
    })
  }

  it('is refused for another call, another service, from another host', async () => {
    const foreign = await other.serve(SOURCE)
    for (const change of [
      { envelope: await host.sign(service, 'add', [1, 2]) },
      { service: foreign },
      { host: other.identity.peerId },
    ]) {
      await assert.rejects(checkAnswer(done, { ...asked(), ...change }), { code: 'ANSWER_INVALID' })
    }
  })

  it('is refused from a host that the genesis does not name, however well it signs', async () => {
    // the same service ID, a commit signed by the other host's key
    const foreign = await other.serve(SOURCE)
    const theirs = await other.call(foreign, 'add', [1, 2])
    await assert.rejects(checkAnswer({ ...theirs, genesis: done.genesis }, asked()), { code: 'ANSWER_INVALID' })
  })

  it('names what does not hold, for every bit of every field', async () => {
    const proof = { ...done, service, envelope }
    await checkProof(proof, verify)
    const fields = ['genesis', 'block', 'envelope', 'result'] as const
    const place = fc.tuple(fc.constantFrom(...fields), fc.nat(), fc.nat(7))
    await fc.assert(
      fc.asyncProperty(place, async ([field, at, bit]) => {
        const bytes = Uint8Array.from(proof[field])
        bytes[at % bytes.length]! ^= 1 << bit
        await assert.rejects(
          checkProof({ ...proof, [field]: bytes }, verify),
          (error) => error instanceof ProofError && error.field === field,
        )
      }),
      { numRuns: 200 },
    )
  })

  it('travels as JSON, and is read back strictly', async () => {
    const json = JSON.parse(JSON.stringify(receiptOf(done, asked())))
    const read = readReceipt(json)
    await checkProof(read, verify)
    for (const name of Object.keys(json)) {
      const { [name]: _, ...without } = json
      assert.throws(() => readReceipt(without), { code: 'RECEIPT_INVALID' })
      assert.throws(() => readReceipt({ ...json, [name]: [] }), { code: 'RECEIPT_INVALID' })
    }
    assert.throws(() => readReceipt({ ...json, more: 1 }), { code: 'RECEIPT_INVALID', message: /"more"/ })
    assert.throws(() => readReceipt({ ...json, commit: 'b'.repeat(1_000_000) }), { code: 'RECEIPT_INVALID' })
    for (const form of [null, 1, [], {}, 'receipt']) assert.throws(() => readReceipt(form), { code: 'RECEIPT_INVALID' })
  })

  describe('verified on a node', () => {
    let reader: Host
    let kit: Kit
    let use: VerifyUseCase
    before(async () => {
      reader = await startHost({ identity: await newIdentity() })
      kit = createKit(reader)
      const getCopy = async (): Promise<never> => assert.fail('a receipt names no service to look up')
      use = createVerify({ history: reader.history, getCopy, replayer: kit.replayer, verify })
    })
    after(async () => {
      await kit.stop()
      await reader.stop()
    })
    const receipt = () => receiptOf(done, asked()) as { [field: string]: Json }

    it('says what it proves, whether the history is here or not', async () => {
      const proves = {
        ...{ service: String(service), commit: String(done.commit), seq: 1, index: 0, host: host.identity.peerId },
        ...{ caller: host.identity.user, method: 'add', args: [1, 2], result: '1xx', gas: Number(done.gas) },
      }
      const alone = await use.receipt(receipt(), { signal: never })
      const { time, ...found } = alone.proves!
      assert.deepEqual([alone.trust, found], ['signed', proves])
      assert(Math.abs(Date.parse(time) - Date.now()) < 60_000)
      await pullInto(reader, host, service)
      const here = await use.receipt(receipt(), { signal: never })
      assert.deepEqual([here.trust, here.proves], ['replayed', alone.proves])
    })

    it('shows what was signed beside what the receipt says', async () => {
      const gas = Number(done.gas)
      const lies: [Json, string, string, string][] = [
        [{ ...receipt(), gas: gas + 1 }, 'gas', String(gas), String(gas + 1)],
        [{ ...receipt(), seq: 9 }, 'seq', '1', '9'],
        [{ ...receipt(), host: other.identity.peerId }, 'host', host.identity.peerId, other.identity.peerId],
        [{ ...receipt(), result: { '/': { bytes: 'IjJ4eCI' } } }, 'result', '"1xx"', '"2xx"'],
      ]
      for (const [lie, what, expected, found] of lies) {
        const answer = await use.receipt(lie, { signal: never })
        const { mismatch } = answer
        assert.deepEqual(
          [answer.ok, mismatch?.what, mismatch?.expected, mismatch?.found],
          [false, what, expected, found],
        )
      }
    })

    it('accuses a host of the two histories that it signed', async () => {
      const liar = await startHost()
      try {
        const born = await liar.serve(SOURCE)
        const first = (await liar.history.head(born))!.commit
        await liar.call(born, 'add', [1, 1])
        const known = (await pullInto(reader, liar, born)).commit
        // the same key goes on from the genesis as if nothing had been
        const twin = await startHost({ identity: liar.identity })
        await pullInto(twin, liar, born, first)
        const sent = await twin.sign(born, 'add', [5, 1])
        const lie = await twin.execute(sent, { from: 'local', signal: never })
        const answer = await use.receipt(
          receiptOf(lie, { envelope: sent, service: born, host: liar.identity.peerId }),
          {
            signal: never,
          },
        )
        assert.deepEqual([answer.ok, answer.mismatch?.what], [false, 'equivocation'])
        assert.deepEqual([answer.mismatch?.expected, answer.mismatch?.found], [String(known), String(lie.commit)])
        await twin.stop()
      } finally {
        await liar.stop()
      }
    })
  })

  it('holds after its owner gave the service to another host, by the handovers up to then', async () => {
    const mine = await newIdentity()
    const { owner, user } = host.identity
    const second = await startHost({ identity: { ...mine, owner, user } })
    const signal = new AbortController().signal
    try {
      const { commit: parent } = (await host.history.head(service))!
      for await (const { cid } of allBlocks(host, parent)) {
        await second.database.blocks.put([{ cid, bytes: (await host.database.blocks.get(cid))! }])
      }
      await second.history.adopt(service, parent)
      const order = { service, parent, epoch: 1, host: mine.node.publicKey }
      const handover = { owner: owner.publicKey, sig: await owner.sign(handoverBytes(order)) }
      await second.history.takeOver(service, { parent, time: Date.now(), handover })

      const sent = await second.sign(service, 'add', [1, 2])
      const later = await second.execute(sent, { from: 'local', signal })
      assert.equal(later.handovers.length, 1)
      const query = { envelope: sent, service, host: mine.peerId }
      await checkAnswer(later, query)
      await checkProof(readReceipt(JSON.parse(JSON.stringify(receiptOf(later, query)))), verify)
      for (const lie of [
        { handovers: [] },
        { handovers: [later.handovers[0]!, later.handovers[0]!] },
        { handovers: [later.block] },
      ])
        await assert.rejects(checkAnswer({ ...later, ...lie }, query), { code: 'ANSWER_INVALID' })
    } finally {
      await second.stop()
    }
  })
})

/** A block and all that it links to, each once. */
async function* allBlocks({ database }: Host, root: CID) {
  const queue = [root]
  const seen = new Set<string>()
  for (let cid = queue.pop(); cid !== undefined; cid = queue.pop()) {
    if (seen.has(cid.toString())) continue
    seen.add(cid.toString())
    yield { cid }
    queue.push(...links(cid, (await database.blocks.get(cid))!))
  }
}
