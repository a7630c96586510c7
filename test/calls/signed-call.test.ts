import assert from 'node:assert/strict'
import { generateKeyPair, publicKeyToProtobuf } from '@libp2p/crypto/keys'
import { makeCall, openCall, type Purpose } from '../../daemon/calls/receipt/signed-call.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { cborBlock } from '../../daemon/store/block.ts'
import { userIdOf } from '../../protocol/signed/user-id.ts'
import { testNetwork } from '../support/network.ts'

describe('signed calls', () => {
  const service = cborBlock({ genesis: 1 }).cid
  let identity: Identity

  before(async () => {
    const key = await generateKeyPair('Ed25519')
    const owner = { publicKey: publicKeyToProtobuf(key.publicKey), sign: async (bytes: Uint8Array) => key.sign(bytes) }
    identity = {
      peerId: '',
      user: userIdOf(owner.publicKey),
      node: owner,
      owner,
      network: testNetwork('a', 'network-a'),
    }
  })
  const make = (purpose: Purpose): Promise<Uint8Array> =>
    makeCall({ service, method: 'pay', args: ['mallory', 100] }, purpose, identity)

  it('say who calls what', async () => {
    const call = await openCall(await make('call'), 'call', identity)
    assert.equal(call.caller, identity.user)
    assert.equal(call.method, 'pay')
    assert.ok(call.service.equals(service))
  })

  it('are two calls when they are made twice', async () => {
    const ids = await Promise.all(
      [1, 2].map(async () => (await openCall(await make('call'), 'call', identity)).id.toString()),
    )
    assert.notEqual(ids[0], ids[1])
  })

  it('cannot be made of questions: whoever is asked cannot execute what was asked', async () => {
    await assert.rejects(openCall(await make('query'), 'call', identity), { code: 'SIGNATURE_INVALID' })
    await assert.rejects(openCall(await make('call'), 'query', identity), { code: 'SIGNATURE_INVALID' })
  })

  it('are refused on another network', async () => {
    const other = { ...identity, network: testNetwork('b', 'network-b') }
    await assert.rejects(openCall(await make('call'), 'call', other), { code: 'WRONG_NETWORK' })
  })
})
