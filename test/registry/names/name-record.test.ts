import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { codeOf } from '../../../registry/errors.ts'
import { MAX_NAME_RECORD_BYTES } from '../../../registry/names/constants.ts'
import { coSignName, joinSignatures, signName, verifyName } from '../../../registry/names/name-record.ts'
import type { Registrars } from '../../../registry/names/types.ts'
import { link, NOON, type Person } from '../helpers.ts'
import { type Cast, cast, DAY, forge, nameFields, signed } from './kit.ts'

interface Vectors {
  network: Registrars
  now: number
  records: { why: string; username: string; bytes: string; code?: string; user?: string | null; seq?: number }[]
}
const FILE = new URL('../../../specs/vectors/name-records.json', import.meta.url)
const vectors: Vectors = JSON.parse(readFileSync(FILE, 'utf8'))

describe('name records', () => {
  let all: Cast
  const judge = (bytes: Uint8Array, now = NOON, username = 'alice', network = all.simple) =>
    verifyName(bytes, { username, network, now })
  const witnessed = async (bytes: Uint8Array, ...who: Person[]): Promise<Uint8Array> =>
    joinSignatures(bytes, await Promise.all(who.map(({ signer }) => coSignName(signer, bytes))), all.network)

  before(async () => {
    all = await cast()
  })

  for (const { why, username, bytes, code, user, seq } of vectors.records) {
    it(`of the vectors: ${why}`, async () => {
      const { network, now } = vectors
      const verified = verifyName(Buffer.from(bytes, 'hex'), { username, network, now })
      if (code !== undefined) return assert.rejects(verified, { code })
      const record = await verified
      assert.deepEqual([record.user, record.seq], [user, seq])
    })
  }

  it('are read back as they were signed, for a user and for nobody', async () => {
    for (const user of [all.alice.user, null]) {
      const given = nameFields({ user, username: 'a'.repeat(32) })
      const record = await judge(await signName(all.hub.signer, given), NOON, given.username)
      const text = { book: record.book.toString(), commit: record.commit.toString() }
      assert.deepEqual(
        { ...record, ...text },
        { ...given, book: given.book.toString(), commit: given.commit.toString() },
      )
    }
  })

  it('are bound to their name, their network and their time', async () => {
    const bytes = await signed(all.hub)
    await judge(bytes, NOON + 30 * DAY - 1)
    await judge(bytes, NOON - 10 * 60_000)
    await assert.rejects(judge(bytes, NOON + 30 * DAY), { code: 'RECORD_EXPIRED' })
    await assert.rejects(judge(bytes, NOON - 10 * 60_000 - 1), { code: 'RECORD_FROM_FUTURE' })
    await assert.rejects(judge(bytes, NOON, 'bob'), { code: 'RECORD_WRONG_KEY' })
    await assert.rejects(judge(bytes, NOON, 'alice', { ...all.simple, id: 'other' }), { code: 'RECORD_WRONG_NETWORK' })
  })

  it('are of the registrars that the manifest names', async () => {
    const strangers = { ...all.simple, registrars: [all.mallory.peer] }
    await assert.rejects(judge(await signed(all.hub), NOON, 'alice', strangers), { code: 'RECORD_UNKNOWN_REGISTRAR' })
    await assert.rejects(judge(await signed(all.mallory)), { code: 'RECORD_UNKNOWN_REGISTRAR' })
    await assert.rejects(judge(await signed(all.hub), NOON, 'alice', { ...all.simple, registrars: [] }), {
      code: 'RECORD_UNKNOWN_REGISTRAR',
    })
    // a witness alone is no hub
    const byWitness = await signed(all.witnesses[0])
    await assert.rejects(judge(byWitness, NOON, 'alice', all.network), { code: 'RECORD_UNKNOWN_REGISTRAR' })
  })

  it('need as many witnesses as the manifest says, of different keys', async () => {
    const [w1, w2, w3] = all.witnesses
    const byHub = await signed(all.hub)
    const judgeAll = (bytes: Uint8Array) => judge(bytes, NOON, 'alice', all.network)
    await assert.rejects(judgeAll(byHub), { code: 'RECORD_NOT_WITNESSED' })
    await assert.rejects(judgeAll(await witnessed(byHub, w1)), { code: 'RECORD_NOT_WITNESSED' })
    await assert.rejects(judgeAll(await witnessed(byHub, w1, w1, w1)), { code: 'RECORD_NOT_WITNESSED' })
    await assert.rejects(judgeAll(await witnessed(byHub, w1, all.mallory)), { code: 'RECORD_NOT_WITNESSED' })
    await judgeAll(await witnessed(byHub, w3, w1))
    await judgeAll(await witnessed(await witnessed(byHub, w2), w1, w3))
    // what joinSignatures never writes
    const { body, sigs } = dagCbor.decode<{ body: unknown; sigs: unknown[] }>(await witnessed(byHub, w1, w2))
    const doubled = dagCbor.encode({ body, sigs: [sigs[0], sigs[1], sigs[1]] })
    const turned = dagCbor.encode({ body, sigs: [sigs[0], sigs[2], sigs[1]] })
    for (const other of [doubled, turned]) await assert.rejects(judgeAll(other), { code: 'RECORD_INVALID' })
    const unasked = dagCbor.encode({
      body,
      sigs: [...sigs, { ...(sigs[0] as object), key: all.mallory.signer.publicKey }],
    })
    await assert.rejects(judgeAll(unasked), { code: 'RECORD_UNKNOWN_REGISTRAR' })
    // signed for another record
    const elsewhere = await coSignName(w2.signer, await signed(all.hub, { seq: 8 }))
    await assert.rejects(judgeAll(joinSignatures(await witnessed(byHub, w1), [elsewhere], all.network)), {
      code: 'SIGNATURE_INVALID',
    })
  })

  it('refuse every field that is not as it should be, however well signed', async () => {
    await judge(await forge(all, {}))
    const spoilt: [string, unknown[]][] = [
      ['v', [undefined, 0, 2, '1', null]],
      ['network', [undefined, '', 'n'.repeat(65), 'a b', 'ü', 5, null]],
      ['username', [undefined, '', 'a', 'Alice', 'al..ice', 'a--b', 'x'.repeat(33), '\u0430lice', '%61', 5, null]],
      ['user', [undefined, '', all.alice.user, new Uint8Array(36), all.alice.signer.publicKey.subarray(4), [1]]],
      ['seq', [undefined, 0, -1, 1.5, 2 ** 53, 2n ** 60n, '7', null]],
      ['issued', [undefined, -1, NOON + 0.5, NOON - 1, '0', NOON + 30 * DAY]],
      ['expires', [undefined, NOON, NOON - 1, NOON + 30 * DAY + 1, 2 ** 53, null]],
      ['book', [undefined, 'bafy', link('x').bytes, link('x', 0x55), null, 5]],
      ['commit', [undefined, 'bafy', link('x').bytes, link('x', 0x55), null, 5]],
      ['more', [1, null]],
    ]
    for (const [name, values] of spoilt)
      for (const value of values)
        await assert.rejects(
          judge(await forge(all, { [name]: value })),
          { code: 'RECORD_INVALID' },
          `${name}: ${String(value)}`,
        )
    await assert.rejects(judge(await forge(all, {}, { more: 1 })), { code: 'RECORD_INVALID' })
    for (const sigs of [
      undefined,
      null,
      [],
      {},
      'x',
      [5],
      [{}],
      [{ key: new Uint8Array(36), sig: new Uint8Array(64) }],
    ])
      await assert.rejects(judge(await forge(all, {}, { sigs: sigs ?? null })), { code: 'RECORD_INVALID' })
    for (const sig of [null, 'x', new Uint8Array(63), new Uint8Array(65)])
      await assert.rejects(judge(await forge(all, {}, { sigs: [{ key: all.hub.signer.publicKey, sig }] })), {
        code: 'RECORD_INVALID',
      })
  })

  it('refuse what was signed for another purpose', async () => {
    const body = { v: 1, ...nameFields() }
    for (const prefix of ['', 'amigos/home/1\0', 'amigos/name/2\0']) {
      const sig = await all.hub.signer.sign(Buffer.concat([Buffer.from(prefix), dagCbor.encode(body)]))
      const bytes = dagCbor.encode({ body, sigs: [{ key: all.hub.signer.publicKey, sig }] })
      await assert.rejects(judge(bytes), { code: 'SIGNATURE_INVALID' })
    }
  })

  it('refuse every change of one bit', async () => {
    const bytes = await signed(all.hub, { user: all.alice.user })
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength * 8 - 1), async (bit) => {
        const spoilt = Uint8Array.from(bytes)
        spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const code = await judge(spoilt).then(() => 'accepted', codeOf)
        assert.match(
          String(code),
          /^(RECORD_(INVALID|WRONG_KEY|WRONG_NETWORK|FROM_FUTURE|EXPIRED|UNKNOWN_REGISTRAR)|SIGNATURE_INVALID)$/,
        )
      }),
    )
  })

  it('refuse what is large, deep or full of elements before they build anything of it, and noise', async () => {
    const hostile = [
      Buffer.alloc(MAX_NAME_RECORD_BYTES + 1, 0x81),
      Buffer.alloc(MAX_NAME_RECORD_BYTES, 0x81),
      Buffer.concat([Buffer.of(0x99, 0x03, 0x00), Buffer.alloc(768)]),
      Buffer.of(0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.concat([await signed(all.hub), Buffer.of(0)]),
      Buffer.alloc(0),
    ]
    for (const bytes of hostile) await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        await assert.rejects(judge(bytes), { code: 'RECORD_INVALID' })
      }),
    )
  })

  it('are at most as large as is said, with all their witnesses', async () => {
    const network = { ...all.network, registrars: [all.hub, ...all.witnesses].map(({ peer }) => peer) }
    const fields = {
      network: 'n'.repeat(64),
      username: 'u'.repeat(32),
      user: all.alice.user,
      seq: Number.MAX_SAFE_INTEGER,
    }
    const bytes = await witnessed(await signed(all.hub, fields), ...all.witnesses)
    const one = (bytes.byteLength - (await signed(all.hub, fields)).byteLength) / network.registrars.slice(1).length
    assert.ok(bytes.byteLength + 4 * one <= MAX_NAME_RECORD_BYTES, `${bytes.byteLength} and ${one} for each more`)
  })

  it('are not signed if nobody would accept them', async () => {
    for (const changes of [{ seq: 0 }, { expires: NOON + 31 * DAY }, { network: '' }, { username: 'a..b' }])
      await assert.rejects(signed(all.hub, changes), { code: 'RECORD_INVALID' })
  })
})
