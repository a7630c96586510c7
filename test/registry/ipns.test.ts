import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { codeOf } from '../../registry/errors.ts'
import { makeLink } from '../../registry/home/key-chain.ts'
import { decodeHomeRecord } from '../../registry/home/record.ts'
import { createRegistry } from '../../registry/home/service.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { MAX_IPNS_BYTES } from '../../registry/ipns/constants.ts'
import { encodeBytes } from '../../registry/ipns/protobuf.ts'
import { ipnsKey, signIpns, verifyIpns } from '../../registry/ipns/record.ts'
import {
  fakeNetwork,
  HOUR,
  link,
  listOf,
  live,
  mapMemory,
  NETWORK,
  NOON,
  type Person,
  person,
  textOf,
} from './helpers.ts'

const EXPIRES = NOON + 48 * HOUR
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('IPNS records', () => {
  let alice: Person
  let bob: Person
  let key: Uint8Array

  before(async () => {
    alice = await person(1)
    bob = await person(2)
    key = ipnsKey(alice.user)
  })

  const judge = (bytes: Uint8Array, now = NOON, under = key) => verifyIpns(bytes, { key: under, now })
  const said = (changes: object = {}): Record<string, unknown> => ({
    Value: text('/ipfs/bafy'),
    Validity: text('2025-01-02T00:00:00.000000000Z'),
    ValidityType: 0,
    Sequence: 5,
    TTL: 300_000_000_000,
    ...changes,
  })
  /** Signed by the user, whatever it says; with more fields of the protobuf, if any. */
  const forge = async (changes: object = {}, more: [number, Uint8Array][] = [], who = alice): Promise<Uint8Array> => {
    const plain = Object.fromEntries(Object.entries(said(changes)).filter(([, value]) => value !== undefined))
    const data = dagCbor.encode(plain)
    const sig = await who.signer.sign(Buffer.concat([text('ipns-signature:'), data]))
    return encodeBytes([...more, [8, sig], [9, data]])
  }
  const number = (field: number, value: number): Uint8Array => Uint8Array.of(field << 3, value)

  it('say where a home is, in equal bytes for equal homes', async () => {
    const bytes = await signIpns(alice.signer, link('home'), 7, EXPIRES)
    const value = `/ipfs/${link('home')}`
    assert.deepEqual(await judge(bytes), { user: alice.user, value, seq: 7, expires: EXPIRES })
    assert.deepEqual(await signIpns(alice.signer, link('home'), 7, EXPIRES), bytes)
  })

  it('are bound to their name and their time', async () => {
    const bytes = await signIpns(alice.signer, link('home'), 7, EXPIRES)
    await assert.rejects(judge(bytes, EXPIRES), { code: 'RECORD_EXPIRED' })
    await assert.rejects(judge(bytes, NOON - HOUR), { code: 'RECORD_FROM_FUTURE' })
    await assert.rejects(judge(bytes, NOON, ipnsKey(bob.user)), { code: 'SIGNATURE_INVALID' })
    await assert.rejects(judge(await forge({}, [], bob)), { code: 'SIGNATURE_INVALID' })
    for (const other of ['', '/ipns/', `/ipns/${alice.user}`, `/amigos-home/${alice.user}`]) {
      await assert.rejects(judge(bytes, NOON, text(other)), { code: 'RECORD_WRONG_KEY' }, other)
    }
    for (const wrong of [key.slice(0, -1), Buffer.concat([key, Uint8Array.of(0)])]) {
      await assert.rejects(judge(bytes, NOON, wrong), { code: 'RECORD_WRONG_KEY' })
    }
    const embedded = (who: Person): [number, Uint8Array][] => [[7, who.signer.publicKey]]
    await judge(await forge({}, embedded(alice)))
    await assert.rejects(judge(await forge({}, embedded(bob))), { code: 'RECORD_WRONG_KEY' })
  })

  it('are refused with a signature of the first version alone', async () => {
    const old: [number, Uint8Array][] = [
      [1, text('/ipfs/bafy')],
      [2, new Uint8Array(64)],
      [4, text('2025-01-02T00:00:00.000000000Z')],
    ]
    await assert.rejects(judge(encodeBytes(old)), { code: 'RECORD_INVALID' })
    await assert.rejects(judge(encodeBytes([...old, [8, new Uint8Array(64)]])), { code: 'RECORD_INVALID' })
    await assert.rejects(judge(encodeBytes([...old, [9, dagCbor.encode(said())]])), { code: 'RECORD_INVALID' })
  })

  it('may say the same to readers of the first version, and nothing else', async () => {
    const copies = (value: string, validity: string): [number, Uint8Array][] => [
      [1, text(value)],
      [2, new Uint8Array(64)],
      [4, text(validity)],
    ]
    const whole = async (bytes: Promise<Uint8Array>, sequence = 5, ttl = 6): Promise<Uint8Array> =>
      Buffer.concat([number(3, 0), number(5, sequence), number(6, ttl), await bytes])
    const good = copies('/ipfs/bafy', '2025-01-02T00:00:00.000000000Z')
    await judge(await whole(forge({ TTL: 6 }, good)))
    const mismatched = [
      whole(forge({ TTL: 6 }, copies('/ipfs/trap', '2025-01-02T00:00:00.000000000Z'))),
      whole(forge({ TTL: 6 }, copies('/ipfs/bafy', '2025-01-03T00:00:00.000000000Z'))),
      whole(forge({ TTL: 6 }, good), 6),
      whole(forge({ TTL: 6 }, good), 5, 7),
      forge({ TTL: 6 }, good),
    ]
    for (const bytes of mismatched) await assert.rejects(judge(await bytes), { code: 'RECORD_INVALID' })
  })

  it('are refused with every field that is not as it should be, however well signed', async () => {
    await judge(await forge())
    const spoilt: [string, unknown[]][] = [
      ['Value', [undefined, '/ipfs/x', new Uint8Array(), new Uint8Array(1_025).fill(0x61), Uint8Array.of(0xff)]],
      ['Validity', [undefined, '2025-01-02T00:00:00Z', text('tomorrow'), text('2025-13-02T00:00:00Z')]],
      ['ValidityType', [undefined, 1, '0', null]],
      ['Sequence', [undefined, -1, 1.5, 2n ** 60n, '5']],
    ]
    for (const [name, values] of spoilt) {
      for (const value of values)
        await assert.rejects(judge(await forge({ [name]: value })), { code: 'RECORD_INVALID' }, `${name}: ${value}`)
    }
    const large = await forge({ Extra: new Uint8Array(MAX_IPNS_BYTES) })
    const good = await forge()
    const others = {
      large,
      'an unknown field': await forge({}, [[10, text('x')]]),
      'a field twice': Buffer.concat([good, good.subarray(0, 66)]),
      'cut off': good.subarray(0, -1),
      'a kind that no field has': Buffer.concat([good, Uint8Array.of(0x0d, 0, 0, 0, 0)]),
      'a number without an end': Buffer.concat([good, Uint8Array.of(0x28, ...new Array(10).fill(0xff))]),
      'a length beyond all': Buffer.concat([Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f), good]),
      nothing: new Uint8Array(),
    }
    for (const [what, bytes] of Object.entries(others)) {
      await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' }, what)
    }
  })

  it('never fail in another way on noise, nor with one bit changed', async () => {
    const good = await forge()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bytes = good.with(bit >> 3, good[bit >> 3]! ^ (1 << (bit & 7)))
        assert.match(String(await judge(bytes).then(() => 'accepted', codeOf)), /^(RECORD_\w+|SIGNATURE_INVALID)$/)
      }),
    )
  })

  it('are put beside the home, never go back, and end with a change of keys', async () => {
    const now = () => NOON
    const network = fakeNetwork(3, now)
    const memory = mapMemory()
    const validation = createValidation({ memory, now }, { networkId: NETWORK })
    let links: { key: Uint8Array; sig: Uint8Array }[] = []
    const owner = { ...alice.signer, links: () => links }
    const registry = createRegistry(
      {
        ...{ network: network.view, memory, validation, owner, now },
        node: bob.signer,
        fetchBlock: () => Promise.reject(new Error('there is no network')),
        putBlock: async () => {},
      },
      { networkId: NETWORK },
    )
    const { record } = await registry.publish(listOf('forum'), { signal: live() })
    const stored = () => network.peers[0]!.values.get(textOf(key))!
    assert.deepEqual(await judge(stored()), {
      user: alice.user,
      value: `/ipfs/${record.home}`,
      seq: record.seq,
      expires: record.expires,
    })
    const before = await forge({ Sequence: record.seq - 1 })
    await assert.rejects(validation.acceptIpns(key, before), { code: 'RECORD_STALE' })
    const select = validation.selectors['ipns']!
    assert.equal(await select(key, [before, stored(), Uint8Array.of(1)]), 1)

    const last = stored()
    links = [await makeLink(alice.signer.publicKey, 1, alice.signer, bob.signer.publicKey)]
    owner.sign = bob.signer.sign
    await registry.describe({}, { signal: live() })
    const home = network.peers[0]!.values.get(`/amigos-home/${alice.user}`)!
    assert.equal(decodeHomeRecord(home).keys.length, 2)
    assert.equal(stored(), last)
  })
})
