import assert from 'node:assert/strict'
import { generateKeyPair, publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { signerOf } from '../../daemon/node/signer.ts'

describe('node: signing', () => {
  it('makes the signatures that libp2p makes', async () => {
    const key = await generateKeyPair('Ed25519')
    const { sign, publicKey } = signerOf(key)
    for (const length of [0, 1, 5_000]) {
      const bytes = new Uint8Array(length).fill(7)
      const signature = await sign(bytes)
      assert.equal(Buffer.compare(signature, await key.sign(bytes)), 0)
      assert(await publicKeyFromProtobuf(publicKey).verify(bytes, signature))
    }
  })
})
