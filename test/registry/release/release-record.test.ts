import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { codeOf } from '../../../registry/errors.ts'
import { type ReleaseRecord, signRelease, verifyRelease } from '../../../registry/release/release-record.ts'
import { HOUR, NETWORK, NOON, type Person, person } from '../helpers.ts'

describe('records of releases', () => {
  let hub: Person
  let mallory: Person
  const fields = (changes: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
    ...{ network: NETWORK, version: '1.2.0', seq: 7, issued: NOON, expires: NOON + 48 * HOUR },
    ...changes,
  })
  const judge = (bytes: Uint8Array, now = NOON) => verifyRelease(bytes, { hub: hub.peer, network: NETWORK, now })

  before(async () => {
    hub = await person(10)
    mallory = await person(66)
  })

  it('are read back as the hub signed them', async () => {
    for (const version of ['1.2.0', '0.0.1-beta.2']) {
      const given = fields({ version })
      assert.deepEqual(await judge(await signRelease(hub.signer, given)), given)
    }
  })

  it('are of the hub, its network, and their time', async () => {
    await assert.rejects(judge(await signRelease(mallory.signer, fields())), { code: 'SIGNATURE_INVALID' })
    const elsewhere = await signRelease(hub.signer, fields({ network: 'other' }))
    await assert.rejects(judge(elsewhere), { code: 'RECORD_WRONG_NETWORK' })
    const bytes = await signRelease(hub.signer, fields())
    await assert.rejects(judge(bytes, NOON + 48 * HOUR), { code: 'RECORD_EXPIRED' })
    await assert.rejects(judge(bytes, NOON - HOUR), { code: 'RECORD_FROM_FUTURE' })
  })

  it('are refused when anything in them is not as it should be', async () => {
    const spoilt = {
      version: ['', '1', '1.2', 'v1.2.0', '1.2.0+x', 'x'.repeat(100), 5, null],
      seq: [0, '7'],
      issued: [-1, NOON - HOUR],
    }
    for (const [name, values] of Object.entries(spoilt))
      for (const value of values) {
        const body = { v: 1, ...fields(), [name]: value }
        const sig = await hub.signer.sign(Buffer.concat([Buffer.from('amigos/release/1\0'), dagCbor.encode(body)]))
        await assert.rejects(judge(dagCbor.encode({ body, sig })), { code: 'RECORD_INVALID' }, `${name}: ${value}`)
      }
    await assert.rejects(signRelease(hub.signer, fields({ version: 'newest' })), { code: 'RECORD_INVALID' })
    const bytes = await signRelease(hub.signer, fields())
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength * 8 - 1), async (bit) => {
        const other = Uint8Array.from(bytes)
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        assert.notEqual(await judge(other).then(() => 'accepted', codeOf), 'accepted')
      }),
    )
  })
})
