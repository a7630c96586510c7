/** A host that lies: whatever it answers has to follow from what it signed. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { generateKeyPair, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { createCheckAnswer } from '../../daemon/calls/receipt.ts'
import type { Executed } from '../../daemon/calls/types.ts'
import { cborBlock, rawBlock } from '../../daemon/store/block.ts'
import { sealCommit } from '../../daemon/store/commit-codec.ts'
import { packPayload } from '../../daemon/store/payload.ts'

const checkAnswer = createCheckAnswer(async (key, bytes, sig) => publicKeyFromProtobuf(key).verify(bytes, sig))

describe('the answer of a host', () => {
  const service = cborBlock({ genesis: 1 }).cid
  const envelope = randomBytes(200)
  const result = new TextEncoder().encode('42')
  const large = new TextEncoder().encode(`"${'x'.repeat(10_000)}"`)

  const answer = async (value: Uint8Array = result): Promise<{ done: Executed; host: string }> => {
    const key = await generateKeyPair('Ed25519')
    const signer = { publicKey: publicKeyToProtobuf(key.publicKey), sign: async (bytes: Uint8Array) => key.sign(bytes) }
    const block = await sealCommit(
      {
        seq: 7,
        epoch: 0,
        service,
        parent: cborBlock({ parent: 1 }).cid,
        before: randomBytes(32),
        contract: cborBlock({ contract: 1 }).cid,
        engine: rawBlock(randomBytes(8)).cid,
        time: 1_700_000_000_000,
        calls: [{ envelope: packPayload(envelope, []), result: packPayload(value, []), gas: 5n }],
        delta: new Uint8Array(10),
        root: randomBytes(32),
        host: signer.publicKey,
      },
      signer,
    )
    const done = { result: value, gas: 5n, commit: block.cid, seq: 7, index: 0, block: block.bytes, logs: [] }
    return { done, host: peerIdFromPrivateKey(key).toString() }
  }

  it('is taken when it proves itself, small or large', async () => {
    for (const value of [result, large]) {
      const { done, host } = await answer(value)
      await checkAnswer(done, { envelope, service, host })
    }
  })

  const LIES: Record<string, (done: Executed) => Partial<Executed>> = {
    'another result': () => ({ result: new TextEncoder().encode('43') }),
    'less gas': () => ({ gas: 4n }),
    'another place': () => ({ index: 1 }),
    'another sequence number': () => ({ seq: 8 }),
  }
  for (const [what, lie] of Object.entries(LIES)) {
    it(`is refused with ${what}`, async () => {
      const { done, host } = await answer()
      await assert.rejects(checkAnswer({ ...done, ...lie(done) }, { envelope, service, host }), {
        code: 'ANSWER_INVALID',
      })
    })
  }

  it('is refused for another call, another service, from another host', async () => {
    const { done, host } = await answer()
    const asked = { envelope, service, host }
    const other = await answer()
    for (const change of [
      { envelope: randomBytes(200) },
      { service: CID.parse(done.commit.toString()) },
      { host: other.host },
    ]) {
      await assert.rejects(checkAnswer(done, { ...asked, ...change }), { code: 'ANSWER_INVALID' })
    }
  })

  it('is refused when one bit of the block is flipped', async () => {
    const { done, host } = await answer()
    for (const at of [0, 20, Math.floor(done.block.length / 2), done.block.length - 1]) {
      const block = Uint8Array.from(done.block)
      block[at]! ^= 1
      await assert.rejects(checkAnswer({ ...done, block }, { envelope, service, host }), { code: 'ANSWER_INVALID' })
    }
  })
})
