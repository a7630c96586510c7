import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import { signHomeRecord } from '../../../registry/home/record.ts'
import type { HomeRecord } from '../../../registry/home/types.ts'
import { createValidation } from '../../../registry/home/validator.ts'
import { coSignName, joinSignatures } from '../../../registry/names/name-record.ts'
import { createNameValidation } from '../../../registry/names/name-validator.ts'
import { encodeNameValue, nameKey } from '../../../registry/names/name-value.ts'
import type { NameValidation } from '../../../registry/names/types.ts'
import { HOUR, link, type MapMemory, mapMemory, NETWORK, NOON, type Person } from '../helpers.ts'
import { type Cast, cast, DAY, signed } from './kit.ts'

describe('the judge of name records', () => {
  let all: Cast
  let memory: MapMemory
  let time: number
  let judge: NameValidation
  const make = (): NameValidation => {
    const homes = createValidation({ memory, now: () => time }, { networkId: NETWORK })
    return createNameValidation({ memory, homes, now: () => time }, all.simple)
  }
  const homeOf = (who: Person, changes: Partial<HomeRecord> = {}): Promise<Uint8Array> =>
    signHomeRecord(
      { ...who.signer, links: () => [] },
      {
        ...{ network: NETWORK, seq: 1, issued: time, expires: time + 48 * HOUR, home: link('home'), nodes: [] },
        ...changes,
      },
    )
  const put = (value: Uint8Array, username = 'alice'): Promise<void> =>
    judge.validators['amigos-name']!(nameKey(username), value)

  beforeEach(async () => {
    all = await cast()
    memory = mapMemory()
    time = NOON
    judge = make()
  })

  it('never goes back, also after a restart', async () => {
    const [first, second] = [await signed(all.hub, { seq: 5 }), await signed(all.hub, { seq: 6 })]
    await judge.accept('alice', first)
    await judge.accept('alice', second)
    await judge.accept('alice', second)
    await assert.rejects(judge.accept('alice', first), { code: 'RECORD_STALE' })
    await assert.rejects(make().accept('alice', first), { code: 'RECORD_STALE' })
    // as long as any older one can be alive
    time += 30 * DAY - 1
    await assert.rejects(judge.accept('alice', first), { code: 'RECORD_STALE' })
  })

  it('tells two contents under one sequence for what they are, and keeps the same one everywhere', async () => {
    const both = [await signed(all.hub, { user: all.alice.user }), await signed(all.hub, { user: all.bob.user })]
    const kept = new Set<string | null>()
    for (const order of [both, both.toReversed()]) {
      memory = mapMemory()
      judge = make()
      const refused: unknown[] = []
      for (const bytes of [...order, ...order])
        await judge.accept('alice', bytes).then(
          ({ user }) => kept.add(user),
          ({ code }) => refused.push(code),
        )
      assert.ok(refused.length > 0 && refused.every((code) => code === 'RECORD_CONFLICT'))
      kept.clear()
      for (const bytes of order)
        await judge.accept('alice', bytes).then(
          ({ user }) => kept.add(user),
          () => undefined,
        )
      winners.push(...kept)
    }
    assert.equal(winners.length, 2)
    assert.equal(winners[0], winners[1])
  })
  const winners: (string | null)[] = []

  it('takes the same record with more witnesses', async () => {
    const homes = createValidation({ memory, now: () => time }, { networkId: NETWORK })
    const optional = createNameValidation({ memory, homes, now: () => time }, { ...all.network, required: 0 })
    const bytes = await signed(all.hub)
    await optional.accept('alice', bytes)
    const more = joinSignatures(bytes, [await coSignName(all.witnesses[1].signer, bytes)], all.network)
    assert.notEqual(more.byteLength, bytes.byteLength)
    await optional.accept('alice', more)
  })

  it('keeps names and homes of one spelling apart', async () => {
    await judge.accept('alice', await signed(all.hub, { seq: 9 }))
    await judge.accept('bob', await signed(all.hub, { seq: 1, username: 'bob' }))
    assert.ok([...memory.values.keys()].some((key) => key.startsWith('registry/seen-names/')))
  })

  describe('for the DHT', () => {
    it('takes a name with the home of its user, or with none', async () => {
      const name = await signed(all.hub, { user: all.alice.user })
      await put(encodeNameValue({ name, home: null }))
      await put(encodeNameValue({ name, home: await homeOf(all.alice) }))
    })

    it("refuses somebody else's home, one that has expired or is older than another, and one of nobody", async () => {
      const name = await signed(all.hub, { user: all.alice.user })
      const wrong = encodeNameValue({ name, home: await homeOf(all.bob) })
      await assert.rejects(put(wrong), { code: 'RECORD_WRONG_KEY' })
      const [older, newer] = [await homeOf(all.alice, { seq: 1 }), await homeOf(all.alice, { seq: 2 })]
      await put(encodeNameValue({ name, home: newer }))
      await assert.rejects(put(encodeNameValue({ name, home: older })), { code: 'RECORD_STALE' })
      const nobody = encodeNameValue({ name: await signed(all.hub, { seq: 8 }), home: newer })
      await assert.rejects(put(nobody), { code: 'RECORD_INVALID' })
      time += 49 * HOUR
      await assert.rejects(put(encodeNameValue({ name, home: newer })), { code: 'RECORD_STALE' })
      judge = make()
      const again = await signed(all.hub, { user: all.alice.user, seq: 9, issued: time, expires: time + DAY })
      await assert.rejects(put(encodeNameValue({ name: again, home: newer })), { code: 'RECORD_EXPIRED' })
    })

    it('refuses keys that name no username, and values that are none', async () => {
      const value = encodeNameValue({ name: await signed(all.hub), home: null })
      const text = '/amigos-name/alice'
      for (const key of [
        '',
        '/',
        'amigos-name/alice',
        `${text}/`,
        '/amigos-name/Alice',
        '/amigos-name/',
        '/amigos-name/a..b',
        `${text}${'x'.repeat(1e6)}`,
      ])
        await assert.rejects(judge.validators['amigos-name']!(new TextEncoder().encode(key), value), {
          code: 'RECORD_WRONG_KEY',
        })
      await assert.rejects(put(value, 'bob'), { code: 'RECORD_WRONG_KEY' })
      const name = await signed(all.hub)
      for (const other of [
        { name },
        { name, home: 5 },
        { name: 'x', home: null },
        { name, home: null, more: 1 },
        [name, null],
      ])
        await assert.rejects(put(dagCbor.encode(other)), { code: 'RECORD_INVALID' })
      await assert.rejects(put(Buffer.alloc(5000)), { code: 'RECORD_INVALID' })
    })

    it('selects the newest name, of equals the newest home, and never throws', async () => {
      const name = await signed(all.hub, { user: all.alice.user, seq: 2 })
      const values = [
        Buffer.from('noise'),
        encodeNameValue({ name: await signed(all.hub, { seq: 1 }), home: null }),
        encodeNameValue({ name, home: null }),
        encodeNameValue({ name, home: await homeOf(all.alice, { seq: 5 }) }),
        encodeNameValue({ name, home: await homeOf(all.alice, { seq: 6 }) }),
        encodeNameValue({ name, home: await homeOf(all.bob, { seq: 9 }) }),
        encodeNameValue({ name: await signed(all.mallory, { seq: 99 }), home: null }),
      ]
      const select = judge.selectors['amigos-name']!
      assert.equal(await select(nameKey('alice'), values), 4)
      assert.equal(await select(nameKey('bob'), values), 0)
      assert.equal(await select(Buffer.from('/x'), values), 0)
      assert.equal(await select(nameKey('alice'), []), 0)
    })
  })
})
