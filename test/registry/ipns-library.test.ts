import assert from 'node:assert/strict'
import { createIPNSRecord, IPNSEntry, ipnsValidator } from '@helia/ipns'
import { generateKeyPair, publicKeyFromProtobuf, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { ipnsKey, signIpns, verifyIpns } from '../../registry/ipns/record.ts'
import { userIdOf } from '../../registry/user-id.ts'
import { HOUR, link } from './helpers.ts'

type Keychain = Parameters<typeof ipnsValidator>[2]
type PrivateKey = Parameters<typeof createIPNSRecord>[0]

describe('IPNS records beside those of @helia/ipns', () => {
  it('are valid there, and those made there are valid here', async () => {
    const pair = await generateKeyPair('Ed25519')
    const publicKey = publicKeyToProtobuf(pair.publicKey)
    const [user, now] = [userIdOf(publicKey), Date.now()]
    const key = ipnsKey(user)

    const ours = await signIpns({ publicKey, sign: async (bytes) => pair.sign(bytes) }, link('home'), 7, now + HOUR)
    const keychain = { loadPublicKeyFromProtobuf: async (bytes: Uint8Array) => publicKeyFromProtobuf(bytes) }
    await ipnsValidator(key, ours, keychain as unknown as Keychain)
    const broken = Uint8Array.from(ours)
    broken[broken.length - 1]! ^= 1
    await assert.rejects(ipnsValidator(key, broken, keychain as unknown as Keychain))

    const theirs = await createIPNSRecord(pair as unknown as PrivateKey, link('home'), 9n, HOUR)
    const { value, seq } = await verifyIpns(IPNSEntry.encode(theirs), { key, now })
    assert.deepEqual({ value, seq }, { value: `/ipfs/${link('home')}`, seq: 9 })
  })
})
