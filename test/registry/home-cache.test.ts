import assert from 'node:assert/strict'
import { encodeHome } from '../../registry/home/home.ts'
import { createHomeCache } from '../../registry/home/home-cache.ts'
import { signRecord } from '../../registry/home/record.ts'
import { HOUR, homeOf, mapMemory, NETWORK, NOON, type Person, person } from './helpers.ts'

describe('registry cache of homes', () => {
  let people: Person[]
  let pairs: { user: string; record: Uint8Array; home: Uint8Array }[]

  before(async () => {
    people = await Promise.all([1, 2, 3].map(person))
    pairs = await Promise.all(
      people.map(async (one) => {
        const { cid, bytes } = encodeHome(homeOf(one, 'forum'))
        const fields = { network: NETWORK, seq: 1, issued: NOON, expires: NOON + HOUR, home: cid, nodes: [] }
        return { user: one.user, record: await signRecord(one.signer, fields), home: bytes }
      }),
    )
  })

  it('keeps so many, forgets the first learnt first, and outlives a restart', async () => {
    const memory = mapMemory()
    const cache = createHomeCache(memory, 2)
    for (const { user, record, home } of [...pairs, pairs[1]!]) await cache.put(user, record, home)
    for (const each of [cache, createHomeCache(memory, 2)]) {
      const kept = await Promise.all(pairs.map(({ user }) => each.get(user)))
      assert.deepEqual(
        kept.map((stored) => stored?.record.user),
        [undefined, people[1]!.user, people[2]!.user],
      )
    }
    assert.equal(memory.values.size, 3)
  })

  it('takes nothing for valid that was damaged or belongs to another', async () => {
    const memory = mapMemory()
    const [one, two] = [pairs[0]!, pairs[1]!]
    await createHomeCache(memory).put(one.user, one.record, one.home)
    await createHomeCache(memory).put(two.user, two.record, two.home)
    const [slot, other] = ['registry/cache/0', 'registry/cache/1']
    const [first, second] = [memory.values.get(slot)!, memory.values.get(other)!]
    for (const bytes of [second, Uint8Array.of(0xff), first.subarray(1), first.with(first.byteLength - 1, 0)]) {
      memory.values.set(slot, bytes)
      assert.equal(await createHomeCache(memory).get(one.user), undefined)
    }
    memory.values.set('registry/cache/index', Uint8Array.of(0xa0))
    assert.equal(await createHomeCache(memory).get(two.user), undefined)
  })
})
