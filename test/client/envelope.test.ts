import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeMap } from '../../daemon/client/cbor.ts'
import { signEnvelope, signGrant } from '../../daemon/client/envelope.ts'
import { type KeyPair, signerOf } from '../../daemon/client/key.ts'
import { verifyCall, verifyQuery } from '../../protocol/signed/envelope.ts'
import { userIdOf } from '../../protocol/signed/user-id.ts'

const SERVICE = 'bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae'

describe('client: envelopes', () => {
  const newSigner = async () =>
    signerOf((await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as KeyPair)

  it('are what a host takes, whatever is in them', async () => {
    const signer = await newSigner()
    const gas = fc.oneof(fc.maxSafeNat(), fc.nat(0x1_0001), fc.nat(300))
    const args = fc.oneof(fc.string(), fc.string({ minLength: 60_000, maxLength: 70_000 }))
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[ -~]{1,128}$/), args, gas, async (method, text, gas) => {
        const wanted = { network: 'test', service: SERVICE, method, args: JSON.stringify([text]), gas }
        const call = await verifyCall(await signEnvelope('call', wanted, signer))
        assert.deepEqual(
          { ...call, service: String(call.service), args: new TextDecoder().decode(call.args) },
          { ...wanted, v: 1, caller: call.caller, nonce: call.nonce, ttlMs: 60_000 },
        )
        assert.equal(userIdOf(call.caller), signer.user)
      }),
      { numRuns: 30 },
    )
  })

  it('are no calls where they are grants', async () => {
    const signer = await newSigner()
    const grant = await signGrant('query', { network: 'test', service: SERVICE, peerId: '12D3Koo' }, signer)
    const opened = await verifyQuery(grant)
    assert.equal(opened.method, '@query')
    assert.equal(new TextDecoder().decode(opened.args), '["12D3Koo"]')
    await assert.rejects(verifyCall(grant), { code: 'SIGNATURE_INVALID' })
  })

  it('put fields in the one order that there is', () => {
    assert.deepEqual(
      [...encodeMap({ bb: 1, a: 'x', aa: 2 })],
      [0xa3, 0x61, 0x61, 0x61, 0x78, 0x62, 0x61, 0x61, 2, 0x62, 0x62, 0x62, 1],
    )
  })
})
