import assert from 'node:assert/strict'
import { recordKey, signRecord } from '../../registry/home/record.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { createSeen } from '../../registry/seen.ts'
import type { HomeRecord, Validation } from '../../registry/types.ts'
import { HOUR, link, mapMemory, NETWORK, NOON, type Person, person } from './helpers.ts'

const NAMESPACE = 'amigos-home'

describe('registry validation', () => {
  let alice: Person
  let key: Uint8Array
  const make = (seq: number, home = 'home', changes: Partial<HomeRecord> = {}): Promise<Uint8Array> => {
    const times = { issued: NOON, expires: NOON + 48 * HOUR }
    return signRecord(alice.signer, { network: NETWORK, seq, ...times, home: link(home), nodes: [], ...changes })
  }
  const fresh = (memory = mapMemory(), now = () => NOON): Validation =>
    createValidation({ memory, now }, { networkId: NETWORK })

  before(async () => {
    alice = await person(1)
    key = recordKey(alice.user)
  })

  it('lets newer records and repetitions pass, and nothing older', async () => {
    const validate = fresh().validators[NAMESPACE]!
    const [one, two, three] = [await make(1), await make(2), await make(3)]
    await validate(key, one)
    await validate(key, three)
    await validate(key, three)
    await assert.rejects(validate(key, two), { code: 'RECORD_STALE' })
    await assert.rejects(validate(key, one), { code: 'RECORD_STALE' })
    await validate(key, three)
  })

  it('keeps to the first of two records of one sequence', async () => {
    const validation = fresh()
    const [first, second] = [await make(5, 'a'), await make(5, 'b')]
    await validation.accept(key, first)
    await assert.rejects(validation.accept(key, second), { code: 'RECORD_STALE' })
    await validation.accept(key, first)
  })

  it('settles records that come at the same time', async () => {
    const validation = fresh()
    const records = await Promise.all([4, 9, 2, 9, 7].map((seq) => make(seq)))
    await Promise.allSettled(records.map((record) => validation.accept(key, record)))
    assert.deepEqual(await validation.highest(alice.user), { seq: 9, expires: NOON + 48 * HOUR })
    await assert.rejects(validation.accept(key, records[4]!), { code: 'RECORD_STALE' })
  })

  it('remembers across a restart', async () => {
    const memory = mapMemory()
    await fresh(memory).accept(key, await make(2))
    await assert.rejects(fresh(memory).accept(key, await make(1)), { code: 'RECORD_STALE' })
  })

  it('does not remember what it refused', async () => {
    const validation = fresh()
    await assert.rejects(validation.accept(key, await make(9, 'x', { network: 'other' })), {
      code: 'RECORD_WRONG_NETWORK',
    })
    await assert.rejects(validation.accept(key, await make(9, 'x', { issued: NOON - 9 * HOUR, expires: NOON })), {
      code: 'RECORD_EXPIRED',
    })
    assert.equal(await validation.highest(alice.user), undefined)
    await validation.accept(key, await make(1))
  })

  it('does not pass what it could not remember for want of a disk', async () => {
    const memory = { ...mapMemory(), put: () => Promise.reject(new Error('disk full')) }
    await assert.rejects(
      createValidation({ memory, now: () => NOON }, { networkId: NETWORK }).accept(key, await make(1)),
    )
  })

  it('survives a damaged memory', async () => {
    const memory = mapMemory()
    await fresh(memory).accept(key, await make(2))
    for (const name of memory.values.keys())
      if (!name.endsWith('salt')) memory.values.set(name, Uint8Array.of(0xff, 0x00))
    await fresh(memory).accept(key, await make(3))
  })

  it('selects the valid record with the highest sequence, whatever stands beside it', async () => {
    const select = fresh().selectors[NAMESPACE]!
    const [one, two, other] = [await make(1), await make(2), await make(9, 'x', { network: 'other' })]
    const garbage = [new Uint8Array(), Uint8Array.of(0xff), new Uint8Array(70_000)]
    assert.equal(await select(key, [one, two, one]), 1)
    assert.equal(await select(key, [...garbage, one, other, two]), 5)
    assert.equal(await select(key, [await make(2, 'a'), await make(2, 'b')]), 0)
    assert.equal(await select(key, garbage), 0)
    assert.equal(await select(key, []), 0)
    assert.equal(await select(new Uint8Array(3), [one, two]), 0)
  })
})

describe('registry memory of sequences', () => {
  const record = (user: string, seq: number, expires = NOON + HOUR): HomeRecord => {
    return { user, network: NETWORK, seq, issued: NOON, expires, home: link('home'), nodes: [] }
  }
  const digest = new Uint8Array(32)

  it('is bounded: the dead make room, the living stay, newcomers pass unremembered', async () => {
    const memory = mapMemory()
    const seen = createSeen(memory, { buckets: 1, entries: 2 })
    for (const user of ['a', 'b', 'c']) assert.ok(await seen.admit(record(user, 5), digest, NOON))
    assert.ok(!(await seen.admit(record('a', 4), digest, NOON)))
    assert.ok(!(await seen.admit(record('b', 4), digest, NOON)))
    assert.ok(await seen.admit(record('c', 4), digest, NOON))
    // a is heard of again later, so that only b can have nothing left to be replayed
    assert.ok(await seen.admit(record('a', 6), digest, NOON + 40 * HOUR))
    assert.ok(await seen.admit(record('c', 5), digest, NOON + 49 * HOUR))
    assert.ok(!(await seen.admit(record('c', 4), digest, NOON + 49 * HOUR)))
    assert.ok(!(await seen.admit(record('a', 5), digest, NOON + 49 * HOUR)))
    assert.equal(await seen.highest('b'), undefined)
    assert.equal(memory.values.size, 2)
  })

  it('keeps each name to itself in buckets that nobody else can foresee', async () => {
    const [one, other] = [mapMemory(), mapMemory()]
    for (const memory of [one, other]) {
      const seen = createSeen(memory, { random: (bytes) => new Uint8Array(bytes).fill(memory === one ? 1 : 2) })
      for (let number = 0; number < 50; number++) await seen.admit(record(`user ${number}`, number + 1), digest, NOON)
      for (let number = 0; number < 50; number++) assert.equal((await seen.highest(`user ${number}`))?.seq, number + 1)
    }
    assert.notDeepEqual([...one.values.keys()].sort(), [...other.values.keys()].sort())
  })
})
