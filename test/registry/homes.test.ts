import assert from 'node:assert/strict'
import { encodeHome } from '../../registry/home/home.ts'
import { createHomes } from '../../registry/home/homes.ts'
import { type KnownHome, newestOf, sizeOf } from '../../registry/home/known-home.ts'
import { encodeList } from '../../registry/home/list.ts'
import { decodeNodeRecord, signNodeRecord } from '../../registry/home/node-record.ts'
import { decodeHomeRecord, signHomeRecord } from '../../registry/home/record.ts'
import { listOf, mapMemory, type Person, person, terms } from './helpers.ts'

const page = null
const usernames: string[] = []

/** What is known of a user whose nodes these are, with their sequences. */
async function known(user: Person, seq: number, ...nodes: [Person, number][]): Promise<KnownHome> {
  const home = { nodes: nodes.map(([{ peer }]) => peer), page, usernames }
  const { cid, bytes: homeBytes } = encodeHome(home)
  const recordBytes = await signHomeRecord(user.signer, terms({ seq, home: cid }))
  const entries = nodes.map(async ([{ signer }, at]) => {
    const list = listOf(`service-${at}`)
    const { cid, bytes: listBytes } = encodeList(list)
    const recordBytes = await signNodeRecord(signer, user.signer.publicKey, { ...terms({ seq: at }), list: cid })
    return { record: decodeNodeRecord(recordBytes), recordBytes, list, listBytes }
  })
  return { record: decodeHomeRecord(recordBytes), recordBytes, home, homeBytes, nodes: await Promise.all(entries) }
}

describe('registry cache of homes', () => {
  let people: Person[]
  let all: KnownHome[]

  before(async () => {
    people = await Promise.all([1, 2, 3].map(person))
    all = await Promise.all(people.map((one) => known(one, 1, [one, 1])))
  })

  it('keeps so many, forgets the first learnt first, and outlives a restart', async () => {
    const memory = mapMemory()
    const homes = createHomes(memory, { slots: 2 })
    for (const one of [...all, all[1]!]) await homes.put(one)
    for (const each of [homes, createHomes(memory, { slots: 2 })]) {
      const kept = await Promise.all(people.map(({ user }) => each.get(user)))
      assert.deepEqual(
        kept.map((one) => one?.record.user),
        [undefined, people[1]!.user, people[2]!.user],
      )
      assert.deepEqual(kept[1]!.nodes[0]!.list, all[1]!.nodes[0]!.list)
    }
    assert.equal(memory.values.size, 3)
  })

  it('keeps so many bytes', async () => {
    const memory = mapMemory()
    const homes = createHomes(memory, { bytes: 8_192 })
    assert.ok(sizeOf(all[0]) < 4_096)
    for (const one of all) await homes.put(one)
    const kept = await Promise.all(people.map(({ user }) => homes.get(user)))
    assert.deepEqual(
      kept.map((one) => one !== undefined),
      [false, true, true],
    )
    const bytes = [...memory.values.values()].reduce((sum, value) => sum + value.length, 0)
    assert.ok(bytes < 8_192, 'what is forgotten is freed')
  })

  it('takes nothing for valid that was damaged or belongs to another', async () => {
    const memory = mapMemory()
    const [one, two] = all as [KnownHome, KnownHome]
    await createHomes(memory).put(one)
    await createHomes(memory).put(two)
    const [slot, other] = ['registry/homes/0', 'registry/homes/1']
    const [first, second] = [memory.values.get(slot)!, memory.values.get(other)!]
    for (const bytes of [second, Uint8Array.of(0xff), first.subarray(1), new Uint8Array()]) {
      memory.values.set(slot, bytes)
      assert.equal(await createHomes(memory).get(one.record.user), undefined)
    }
    memory.values.set('registry/homes/index', Uint8Array.of(0xa0))
    assert.equal(await createHomes(memory).get(two.record.user), undefined)
  })

  it('joins what came by two ways: the newer home, and the newest of each node that it names', async () => {
    const [user, one, two] = people as [Person, Person, Person]
    const first = await known(user, 1, [one, 5], [two, 5])
    const second = await known(user, 2, [two, 6], [one, 4])
    for (const joined of [newestOf(first, second), newestOf(second, first)]) {
      assert.equal(joined.record.seq, 2)
      assert.deepEqual(
        joined.nodes.map(({ record }) => record.seq),
        [6, 5],
      )
    }
    const without = newestOf(second, await known(user, 3, [one, 1]))
    assert.deepEqual(
      without.nodes.map(({ record }) => [record.node, record.seq]),
      [[one.peer, 4]],
    )
    assert.equal(newestOf(second, await known(user, 1, [two, 3])), second)
    assert.equal(newestOf(undefined, first), first)
  })
})
