import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { MAX_RECORD_BYTES } from '../../registry/constants.ts'
import { codeOf } from '../../registry/errors.ts'
import { recordKey, signRecord, verifyRecord } from '../../registry/home/record.ts'
import type { HomeRecord } from '../../registry/types.ts'
import { HOUR, link, NETWORK, NOON, type Person, person } from './helpers.ts'

const fields = (changes: Partial<HomeRecord> = {}): Omit<HomeRecord, 'user'> => {
  return {
    network: NETWORK,
    seq: 7,
    issued: NOON,
    expires: NOON + 48 * HOUR,
    home: link('home'),
    nodes: [],
    ...changes,
  }
}

describe('registry records', () => {
  let alice: Person
  let bob: Person
  const judge = (bytes: Uint8Array, now = NOON, user = alice.user) => {
    return verifyRecord(bytes, { key: recordKey(user), network: NETWORK, now })
  }

  /** A record whose body was changed before it was signed: only the changed field can be the reason to refuse it. */
  const forge = async (changes: Record<string, unknown>, extra: Record<string, unknown> = {}): Promise<Uint8Array> => {
    const body: Record<string, unknown> = { v: 1, user: alice.signer.publicKey, ...fields(), ...changes }
    for (const [name, value] of Object.entries(changes)) if (value === undefined) delete body[name]
    const signed = Buffer.concat([Buffer.from('amigos/home/1\0'), dagCbor.encode(body)])
    return dagCbor.encode({ body, sig: await alice.signer.sign(signed), ...extra })
  }

  before(async () => {
    alice = await person(1)
    bob = await person(2)
  })

  it('is read back as it was signed', async () => {
    const peers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(async (number) => (await person(number)).peer))
    const given = fields({ nodes: peers, network: 'n'.repeat(64) })
    const bytes = await signRecord(alice.signer, given)
    assert.ok(bytes.byteLength <= MAX_RECORD_BYTES, `${bytes.byteLength} bytes at most`)
    const record = await verifyRecord(bytes, { key: recordKey(alice.user), network: given.network, now: NOON })
    assert.deepEqual(
      { ...record, home: record.home.toString() },
      { user: alice.user, ...given, home: given.home.toString() },
    )
  })

  it('is bound to its key, its network and its time', async () => {
    const bytes = await signRecord(alice.signer, fields())
    await judge(bytes, NOON + 48 * HOUR - 1)
    await judge(bytes, NOON - 10 * 60_000)
    await assert.rejects(judge(bytes, NOON + 48 * HOUR), { code: 'RECORD_EXPIRED' })
    await assert.rejects(judge(bytes, NOON - 10 * 60_000 - 1), { code: 'RECORD_FROM_FUTURE' })
    await assert.rejects(judge(bytes, NOON, bob.user), { code: 'RECORD_WRONG_KEY' })
    const elsewhere = { key: recordKey(alice.user), network: 'other', now: NOON }
    await assert.rejects(verifyRecord(bytes, elsewhere), { code: 'RECORD_WRONG_NETWORK' })
  })

  it('refuses keys that do not name exactly one user', async () => {
    const bytes = await signRecord(alice.signer, fields())
    const text = `/amigos-home/${alice.user}`
    for (const key of [
      '',
      '/',
      text.slice(1),
      `${text}/`,
      `${text}x`,
      text.toUpperCase(),
      `/amigos-name/${alice.user}`,
      `/amigos-home//${alice.user}`,
      `${text}${'x'.repeat(1e6)}`,
    ]) {
      const context = { key: new TextEncoder().encode(key), network: NETWORK, now: NOON }
      await assert.rejects(verifyRecord(bytes, context), { code: 'RECORD_WRONG_KEY' }, key.slice(0, 80))
    }
  })

  it('refuses every field that is not as it should be, however well signed', async () => {
    await judge(await forge({}))
    const spoilt: [string, unknown[]][] = [
      ['v', [undefined, 0, 2, '1', null]],
      ['user', [undefined, '', 'k51', new Uint8Array(36), alice.signer.publicKey.subarray(4), [1]]],
      ['network', [undefined, '', 'n'.repeat(65), 'a b', 'ü', 5, null]],
      ['seq', [undefined, 0, -1, 1.5, 2 ** 53, 2n ** 60n, '7', null]],
      ['issued', [undefined, -1, NOON + 0.5, NOON - 1, '0', NOON + 48 * HOUR]],
      ['expires', [undefined, NOON, NOON - 1, NOON + 48 * HOUR + 1, 2 ** 53, null]],
      ['home', [undefined, 'bafy', link('home').bytes, link('home', 0x55), null, 5]],
      [
        'nodes',
        [undefined, {}, ['x'], [alice.user], [alice.peer, alice.peer], [5], new Array(9).fill(alice.peer), 'x'],
      ],
      ['more', [1, null]],
    ]
    for (const [name, values] of spoilt) {
      for (const value of values) {
        await assert.rejects(
          judge(await forge({ [name]: value })),
          { code: 'RECORD_INVALID' },
          `${name}: ${String(value)}`,
        )
      }
    }
    await assert.rejects(judge(await forge({}, { more: 1 })), { code: 'RECORD_INVALID' })
    for (const sig of [undefined, null, 'x', new Uint8Array(63), new Uint8Array(65)]) {
      await assert.rejects(judge(await forge({}, { sig: sig ?? null })), { code: 'RECORD_INVALID' })
    }
  })

  it('refuses a signature by somebody else, over something else, or for another purpose', async () => {
    const body = { v: 1, user: alice.signer.publicKey, ...fields() }
    const sign = async (who: Person, prefix: string) => {
      return dagCbor.encode({
        body,
        sig: await who.signer.sign(Buffer.concat([Buffer.from(prefix), dagCbor.encode(body)])),
      })
    }
    await judge(await sign(alice, 'amigos/home/1\0'))
    for (const bytes of [
      await sign(bob, 'amigos/home/1\0'),
      await sign(alice, ''),
      await sign(alice, 'amigos/call/1\0'),
    ]) {
      await assert.rejects(judge(bytes), { code: 'SIGNATURE_INVALID' })
    }
  })

  it('refuses every change of one bit', async () => {
    const bytes = await signRecord(alice.signer, fields({ nodes: [alice.peer] }))
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength * 8 - 1), async (bit) => {
        const spoilt = Uint8Array.from(bytes)
        spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const code = await judge(spoilt).then(() => 'accepted', codeOf)
        assert.match(String(code), /^(RECORD_(INVALID|WRONG_KEY|WRONG_NETWORK|FROM_FUTURE|EXPIRED)|SIGNATURE_INVALID)$/)
      }),
    )
  })

  it('refuses other ways to write the same record', async () => {
    const bytes = Buffer.from(await signRecord(alice.signer, fields()))
    const at = bytes.indexOf(Buffer.from('\x63seq\x07', 'latin1'))
    assert.ok(at > 0)
    const padded = Buffer.concat([bytes.subarray(0, at + 4), Buffer.of(0x18, 0x07), bytes.subarray(at + 5)])
    const others = [
      padded,
      Buffer.concat([bytes, Buffer.of(0)]),
      bytes.subarray(0, -1),
      Buffer.alloc(0),
      Buffer.concat([Buffer.of(0xd9, 0xd9, 0xf7), bytes]),
    ]
    for (const other of others) await assert.rejects(judge(other), { code: 'RECORD_INVALID' })
  })

  it('refuses what is large, deep or full of elements before it builds anything of it', async () => {
    const hostile = [
      Buffer.alloc(MAX_RECORD_BYTES + 1, 0x81),
      Buffer.alloc(MAX_RECORD_BYTES, 0x81),
      Buffer.alloc(MAX_RECORD_BYTES, 0xd8),
      Buffer.concat([Buffer.of(0x99, 0x03, 0x00), Buffer.alloc(768)]),
      Buffer.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x9f, 0xff),
      Buffer.of(0xbf, 0xff),
      Buffer.of(0xf7),
    ]
    for (const bytes of hostile) await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
  })

  it('never fails in another way on noise', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 1200 }), async (bytes) => {
        await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
      }),
    )
  })

  it('does not sign what nobody would accept', async () => {
    for (const changes of [{ seq: 0 }, { expires: NOON + 49 * HOUR }, { network: '' }, { nodes: ['x'] }]) {
      await assert.rejects(signRecord(alice.signer, fields(changes)), { code: 'RECORD_INVALID' })
    }
    const signer = { ...alice.signer, publicKey: new Uint8Array(36) }
    await assert.rejects(signRecord(signer, fields()), { code: 'USER_ID_INVALID' })
  })
})
