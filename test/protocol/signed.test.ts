import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { generateKeyPair, generateKeyPairFromSeed, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import type { Ed25519PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { signMessage, verifyMessage } from '../../protocol/chat.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { callIdOf, decodeCall, signCall, signQuery, verifyCall, verifyQuery } from '../../protocol/signed/envelope.ts'
import { isPeerId, isUserId, userIdOf } from '../../protocol/signed/user-id.ts'
import type { Call, ChatMessage, Signer } from '../../protocol/types.ts'
import { fromDagJson, fromHex, readVectors, toHex } from './vectors.ts'

type Kind = 'call' | 'query' | 'chat'

interface SignedVectors {
  /** of the Ed25519 key that signed */
  seed: string
  userId: string
  valid: { kind: Kind; name: string; hex: string; id?: string; value: unknown }[]
  invalid: { kind: Kind; name: string; hex: string; code: string }[]
}

const vectors = readVectors<SignedVectors>('signed')
const verifiers = { call: verifyCall, query: verifyQuery, chat: verifyMessage }
const signers: Record<Kind, (record: unknown, signer: Signer) => Promise<Uint8Array>> = {
  call: (record, signer) => signCall(record as Call, signer),
  query: (record, signer) => signQuery(record as Call, signer),
  chat: (record, signer) => signMessage(record as ChatMessage, signer),
}
const coded = (code: string) => (error: unknown) => error instanceof ProtocolError && error.code === code
const signerOf = (key: Ed25519PrivateKey): Signer => ({
  publicKey: publicKeyToProtobuf(key.publicKey),
  sign: async (bytes) => key.sign(bytes),
})

describe('signed calls and messages: vectors', () => {
  it('signs the same bytes from the same key', async () => {
    const signer = signerOf(await generateKeyPairFromSeed('Ed25519', fromHex(vectors.seed)))
    assert.equal(userIdOf(signer.publicKey), vectors.userId)
    for (const { kind, hex, value } of vectors.valid) {
      assert.equal(toHex(await signers[kind](fromDagJson(value), signer)), hex)
    }
  })
  for (const { kind, name, hex, id, value } of vectors.valid) {
    it(`accepts ${name}`, async () => {
      assert.deepEqual(await verifiers[kind](fromHex(hex)), fromDagJson(value))
      if (id !== undefined) assert.equal((await callIdOf(fromHex(hex))).toString(), id)
    })
  }
  for (const { kind, name, hex, code } of vectors.invalid) {
    it(`refuses as a ${kind}: ${name}`, () => assert.rejects(verifiers[kind](fromHex(hex)), coded(code)))
  }
})

describe('signed calls and messages', () => {
  const call = {
    network: 'test',
    service: CID.parse('bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'),
    method: 'post',
    args: new Uint8Array([91, 93]),
    nonce: new Uint8Array(16),
    ttlMs: 1_000,
    gas: 1,
  }

  it('is refused as soon as one bit differs', async () => {
    const signer = signerOf(await generateKeyPair('Ed25519'))
    const envelope = await signCall(call, signer)
    await fc.assert(
      fc.asyncProperty(fc.nat(envelope.byteLength * 8 - 1), async (bit) => {
        const changed = envelope.slice()
        changed[bit >> 3]! ^= 1 << (bit & 7)
        await assert.rejects(
          verifyCall(changed),
          (error) => error instanceof ProtocolError && ['ENVELOPE_INVALID', 'SIGNATURE_INVALID'].includes(error.code),
        )
      }),
      { numRuns: 500 },
    )
  })

  it('cannot be made into a second envelope by somebody else', async () => {
    const signer = signerOf(await generateKeyPair('Ed25519'))
    const { body, signature } = dagCbor.decode<{ body: Uint8Array; signature: Uint8Array }>(
      await signCall(call, signer),
    )
    // the same S once more around the group: a lax verifier takes it for another valid signature
    let scalar =
      BigInt(`0x${toHex(signature.slice(32).reverse())}`) + 2n ** 252n + 27742317777372353535851937790883648493n
    const twin = signature.slice()
    for (let i = 32; i < 64; i++, scalar >>= 8n) twin[i] = Number(scalar & 0xffn)
    await assert.rejects(verifyCall(dagCbor.encode({ body, signature: twin })), coded('SIGNATURE_INVALID'))
  })

  it('throws nothing but its own error on random bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        assert.throws(() => decodeCall(bytes), coded('ENVELOPE_INVALID'))
        await assert.rejects(verifyMessage(bytes), coded('MESSAGE_INVALID'))
      }),
    )
  })

  it('does not sign what nobody would accept', async () => {
    const signer = signerOf(await generateKeyPair('Ed25519'))
    const message = { network: 'test', id: new Uint8Array(16), to: userIdOf(signer.publicKey), time: 1, text: 'a' }
    await assert.rejects(signCall({ ...call, args: new Uint8Array((1 << 20) + 1) }, signer), coded('ENVELOPE_INVALID'))
    await assert.rejects(signCall({ ...call, gas: Number.NaN }, signer), coded('ENVELOPE_INVALID'))
    await assert.rejects(signMessage({ ...message, text: '\ud800' }, signer), coded('MESSAGE_INVALID'))
    await assert.rejects(signMessage({ ...message, text: '\ufeffa' }, signer), coded('MESSAGE_INVALID'))
    await assert.rejects(signMessage({ ...message, text: '🙂'.repeat(4_001) }, signer), coded('MESSAGE_INVALID'))
    const longest = await signMessage({ ...message, text: '🙂'.repeat(4_000) }, signer)
    assert.equal((await verifyMessage(longest)).text.length, 8_000)
  })

  it('takes a peer ID for the receiver of a message', async () => {
    const key = await generateKeyPair('Ed25519')
    const to = peerIdFromPrivateKey(key).toString()
    const bytes = await signMessage({ network: 'test', id: new Uint8Array(16), to, time: 1, text: 'a' }, signerOf(key))
    assert.equal((await verifyMessage(bytes)).to, to)
  })
})

describe('user IDs', () => {
  it('are what IPNS writes', async () => {
    const key = await generateKeyPair('Ed25519')
    const publicKey = publicKeyToProtobuf(key.publicKey)
    const user = userIdOf(publicKey)
    assert.match(user, /^k51[0-9a-z]{59}$/)
    assert.equal(
      user,
      peerIdFromPrivateKey(key)
        .toCID()
        .toString((await import('multiformats/bases/base36')).base36),
    )
    assert.ok(isUserId(user))
  })

  it('have one spelling', async () => {
    const key = await generateKeyPair('Ed25519')
    const user = userIdOf(publicKeyToProtobuf(key.publicKey))
    const wrong = [
      '',
      'k51',
      user.toUpperCase(),
      `${user}0`,
      user.slice(0, -1),
      ` ${user}`,
      `k0${user.slice(1)}`,
      'k'.repeat(10_000),
    ]
    for (const text of [...wrong, peerIdFromPrivateKey(key).toString(), peerIdFromPrivateKey(key).toCID().toString()]) {
      assert.equal(isUserId(text), false, text.slice(0, 70))
    }
    assert.equal(isPeerId(user), false)
    assert.equal(isPeerId(peerIdFromPrivateKey(key).toString()), true)
    assert.throws(() => userIdOf(new Uint8Array(36)), coded('USER_ID_INVALID'))
  })
})
