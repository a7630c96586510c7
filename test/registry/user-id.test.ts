import assert from 'node:assert/strict'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import { base36 } from 'multiformats/bases/base36'
import { isPeerId, publicKeyOf, userIdOf } from '../../registry/user-id.ts'
import { person } from './helpers.ts'

describe('registry user IDs', () => {
  it('writes a key as libp2p writes it in IPNS names, and reads it back', async () => {
    const { key, signer, user } = await person(1)
    assert.equal(user, key.publicKey.toCID().toString(base36))
    assert.match(user, /^k51[a-z0-9]{59}$/)
    assert.deepEqual(publicKeyOf(user), Uint8Array.from(signer.publicKey))
  })

  it('refuses every other text that differs in one character, or names that other key', async () => {
    const { user } = await person(1)
    const digits = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyzABZ-_ \u0000é')
    fc.assert(
      fc.property(fc.nat(user.length - 1), digits, (at, digit) => {
        const text = user.slice(0, at) + digit + user.slice(at + 1)
        try {
          assert.equal(userIdOf(publicKeyOf(text)), text)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'USER_ID_INVALID')
        }
      }),
    )
  })

  it('refuses other spellings, other keys and other lengths', async () => {
    const { user, signer, key, peer } = await person(1)
    const cid = key.publicKey.toCID()
    const texts = [
      '',
      'k',
      'k51',
      user.toUpperCase(),
      `${user}0`,
      `k0${user.slice(1)}`,
      user.slice(1),
      cid.toString(),
      peer,
      ` ${user}`,
    ]
    for (const text of [...texts, 'k'.repeat(1_000_000)])
      assert.throws(() => publicKeyOf(text), { code: 'USER_ID_INVALID' })
    const secp = publicKeyToProtobuf((await generateKeyPair('secp256k1')).publicKey)
    const keys = [new Uint8Array(), signer.publicKey.subarray(1), Buffer.concat([signer.publicKey, Buffer.of(0)]), secp]
    for (const bytes of keys) assert.throws(() => userIdOf(bytes), { code: 'USER_ID_INVALID' })
  })

  it('refuses keys of small order and keys that have a second spelling', async () => {
    const { signer } = await person(1)
    const points = ['00', '01', 'ec', 'ed', 'ee', 'ff'].flatMap((first) => {
      const fill = first.startsWith('e') || first === 'ff' ? 'ff' : '00'
      return [
        `${first}${fill.repeat(30)}${fill === 'ff' ? '7f' : '00'}`,
        `${first}${fill.repeat(30)}${fill === 'ff' ? 'ff' : '80'}`,
      ]
    })
    points.push('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
    points.push('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa')
    for (const point of points) {
      const bytes = Buffer.concat([signer.publicKey.subarray(0, 4), Buffer.from(point, 'hex')])
      assert.throws(() => userIdOf(bytes), { code: 'USER_ID_INVALID' }, point)
    }
  })

  it('leaves the bytes of a key as they are, also those of a Buffer', async () => {
    for (let number = 0; number < 8; number++) {
      const { signer, user } = await person(number)
      const key = Buffer.from(signer.publicKey)
      assert.equal(userIdOf(key), user)
      assert.ok(key.equals(signer.publicKey))
    }
  })

  it('tells peer IDs from other text', async () => {
    const { peer, user } = await person(2)
    assert.ok(isPeerId(peer))
    for (const text of [user, '', peer.slice(1), `1${peer}`, `${peer}1`, peer.toLowerCase(), `z${peer}`])
      assert.ok(!isPeerId(text))
  })
})
