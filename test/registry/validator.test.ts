import assert from 'node:assert/strict'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'
import { codeOf } from '../../registry/errors.ts'
import { makeLink } from '../../registry/home/key-chain.ts'
import { nodeKey, signNodeRecord } from '../../registry/home/node-record.ts'
import { homeKey, signHomeRecord } from '../../registry/home/record.ts'
import type { KeyLink, Validation } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { createSeen, type Seen, type Sighting } from '../../registry/seen.ts'
import type { Signer } from '../../registry/types.ts'
import { HOUR, link, mapMemory, NETWORK, NOON, type Person, person, type Terms, terms } from './helpers.ts'

const NAMESPACE = 'amigos-home'

describe('registry validation', () => {
  let alice: Person
  let key: Uint8Array
  const make = (seq: number, home = 'home', changes: Partial<Terms> = {}): Promise<Uint8Array> =>
    signHomeRecord(alice.signer, terms({ seq, home: link(home), ...changes }))
  const fresh = (memory = mapMemory(), now = () => NOON): Validation =>
    createValidation({ memory, now }, { networkId: NETWORK })

  before(async () => {
    alice = await person(1)
    key = homeKey(alice.user)
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

  it('keeps to the same of two records of one sequence, whichever comes first', async () => {
    const [one, two] = [await make(5, 'a'), await make(5, 'b')]
    const kept = new Set<Uint8Array>()
    for (const records of [
      [one, two],
      [two, one],
    ]) {
      const validation = fresh()
      const results = []
      for (const record of records) results.push(await validation.acceptHome(key, record).then(() => record, codeOf))
      const last = results[1] === 'RECORD_CONFLICT' ? records[0]! : records[1]!
      kept.add(last)
      await validation.acceptHome(key, last)
      const other = last === one ? two : one
      await assert.rejects(validation.acceptHome(key, other), { code: 'RECORD_CONFLICT' })
    }
    assert.equal(kept.size, 1)
  })

  it('settles records that come at the same time', async () => {
    const validation = fresh()
    const records = await Promise.all([4, 9, 2, 9, 7].map((seq) => make(seq)))
    await Promise.allSettled(records.map((record) => validation.acceptHome(key, record)))
    assert.deepEqual(await validation.highest(alice.user), { seq: 9, expires: NOON + 48 * HOUR, rotations: 0 })
    await assert.rejects(validation.acceptHome(key, records[4]!), { code: 'RECORD_STALE' })
  })

  it('remembers across a restart', async () => {
    const memory = mapMemory()
    await fresh(memory).acceptHome(key, await make(2))
    await assert.rejects(fresh(memory).acceptHome(key, await make(1)), { code: 'RECORD_STALE' })
  })

  it('does not remember what it refused', async () => {
    const validation = fresh()
    await assert.rejects(validation.acceptHome(key, await make(9, 'x', { network: 'other' })), {
      code: 'RECORD_WRONG_NETWORK',
    })
    await assert.rejects(validation.acceptHome(key, await make(9, 'x', { issued: NOON - 9 * HOUR, expires: NOON })), {
      code: 'RECORD_EXPIRED',
    })
    assert.equal(await validation.highest(alice.user), undefined)
    await validation.acceptHome(key, await make(1))
  })

  it('does not pass what it could not remember for want of a disk', async () => {
    const memory = { ...mapMemory(), put: () => Promise.reject(new Error('disk full')) }
    await assert.rejects(
      createValidation({ memory, now: () => NOON }, { networkId: NETWORK }).acceptHome(key, await make(1)),
    )
  })

  it('survives a damaged memory', async () => {
    const memory = mapMemory()
    await fresh(memory).acceptHome(key, await make(2))
    for (const name of memory.values.keys())
      if (!name.endsWith('salt')) memory.values.set(name, Uint8Array.of(0xff, 0x00))
    await fresh(memory).acceptHome(key, await make(3))
  })

  it('selects the valid record with the highest sequence, whatever stands beside it', async () => {
    const select = fresh().selectors[NAMESPACE]!
    const [one, two, other] = [await make(1), await make(2), await make(9, 'x', { network: 'other' })]
    const garbage = [new Uint8Array(), Uint8Array.of(0xff), new Uint8Array(70_000)]
    assert.equal(await select(key, [one, two, one]), 1)
    assert.equal(await select(key, [...garbage, one, other, two]), 5)
    const [a, b] = [await make(2, 'a'), await make(2, 'b')]
    const pick = [
      [a, b],
      [b, a],
    ].map(async (both) => both[await select(key, both)])
    assert.deepEqual(...((await Promise.all(pick)) as [Uint8Array, Uint8Array]))
    assert.equal(await select(key, garbage), 0)
    assert.equal(await select(key, []), 0)
    assert.equal(await select(new Uint8Array(3), [one, two]), 0)
  })
})

describe('registry validation of changed keys', () => {
  let people: Person[]
  let key: Uint8Array
  before(async () => {
    people = await Promise.all([30, 31, 32, 33].map(person))
    key = homeKey(people[0]!.user)
  })
  /** A record of the first person's, after the key went over to each of these. */
  const make = async (seq: number, ...path: number[]): Promise<Uint8Array> => {
    const { signer } = people[0]!
    const links: KeyLink[] = []
    let last: Signer = signer
    for (const [index, number] of path.entries()) {
      const next = people[number]!.signer
      links.push(await makeLink(signer.publicKey, index + 1, last, next.publicKey))
      last = next
    }
    return signHomeRecord({ ...signer, links: () => links, sign: last.sign }, terms({ seq }))
  }
  const fresh = (memory = mapMemory(), now = () => NOON): Validation =>
    createValidation({ memory, now }, { networkId: NETWORK })

  it('lets no old key back, however high its sequence', async () => {
    const memory = mapMemory()
    await fresh(memory).acceptHome(key, await make(9))
    await fresh(memory).acceptHome(key, await make(1, 1))
    await fresh(memory).acceptHome(key, await make(1, 1, 2))
    for (const old of [await make(2 ** 53 - 1), await make(2 ** 53 - 1, 1)]) {
      await assert.rejects(fresh(memory).acceptHome(key, old), { code: 'RECORD_STALE' })
    }
    assert.equal((await fresh(memory).highest(people[0]!.user))?.rotations, 2)
  })

  it('goes on only from the chain that was seen first', async () => {
    const validation = fresh()
    await validation.acceptHome(key, await make(5, 1))
    await assert.rejects(validation.acceptHome(key, await make(9, 2)), { code: 'RECORD_FORKED' })
    await assert.rejects(validation.acceptHome(key, await make(9, 2, 3)), { code: 'RECORD_FORKED' })
    await validation.acceptHome(key, await make(1, 1, 3))
  })

  it('selects the record with the longer chain', async () => {
    const select = fresh().selectors['amigos-home']!
    assert.equal(await select(key, [await make(9), await make(2, 1), await make(1, 1)]), 1)
  })

  it('remembers a changed key for longer than its records live, as long as there is room', async () => {
    const memory = mapMemory()
    const seen = createSeen(memory, { buckets: 1, entries: 3 })
    const digest = new Uint8Array(32)
    const keys = [Uint8Array.of(1), Uint8Array.of(2)]
    const sighting = (id: string, more = {}) => ({ id, seq: 1, expires: NOON + HOUR, ...more })
    assert.equal(await seen.admit(sighting('rotated', { keys }), digest, NOON), 'admitted')
    await seen.admit(sighting('plain'), digest, NOON)
    const later = NOON + 1_000 * HOUR
    await seen.admit(sighting('a'), digest, later)
    assert.equal(await seen.highest('plain'), undefined)
    assert.equal(await seen.admit(sighting('rotated', { keys: keys.slice(0, 1) }), digest, later), 'stale')
    for (const id of ['b', 'c', 'd']) await seen.admit(sighting(id), digest, later)
    assert.equal(await seen.highest('rotated'), undefined)
    assert.equal((await seen.highest('c'))?.seq, 1)
    assert.equal(await seen.highest('d'), undefined)
  })
})

describe('registry validation of node records', () => {
  let node: Person
  let user: Person
  let key: Uint8Array
  before(async () => {
    node = await person(40)
    user = await person(41)
    key = nodeKey(node.peer)
  })
  const make = (changes: Partial<Terms> = {}, signer: Signer = node.signer): Promise<Uint8Array> =>
    signNodeRecord(signer, user.signer.publicKey, { ...terms(changes), list: link('list') })
  const fresh = (): Validation => createValidation({ memory: mapMemory(), now: () => NOON }, { networkId: NETWORK })

  it('takes the newest of the node’s own, and nothing else', async () => {
    const validation = fresh()
    const record = await validation.acceptNode(key, await make())
    assert.deepEqual([record.node, record.user, record.seq], [node.peer, user.user, 7])
    const refused = {
      RECORD_STALE: await make({ seq: 6 }),
      RECORD_WRONG_NETWORK: await make({ seq: 9, network: 'other' }),
      RECORD_FROM_FUTURE: await make({ seq: 9, issued: NOON + HOUR }),
      RECORD_EXPIRED: await make({ seq: 9, issued: NOON - HOUR, expires: NOON }),
      RECORD_WRONG_KEY: await make({ seq: 9 }, user.signer),
      SIGNATURE_INVALID: await make({ seq: 9 }, { ...node.signer, sign: user.signer.sign }),
      RECORD_INVALID: new Uint8Array(513),
    }
    for (const [code, bytes] of Object.entries(refused)) {
      await assert.rejects(validation.acceptNode(key, bytes), { code })
      await assert.rejects(validation.validators['amigos-node']!(key, bytes), { code })
    }
    for (const other of [`/amigos-node/${user.user}`, `/amigos-node/${node.peer}x`, `/amigos-home/${node.peer}`]) {
      const wrong = new TextEncoder().encode(other)
      await assert.rejects(validation.acceptNode(wrong, await make({ seq: 9 })), { code: 'RECORD_WRONG_KEY' })
    }
    await assert.rejects(validation.acceptHome(key, await make({ seq: 9 })), { code: 'RECORD_WRONG_KEY' })
    await validation.acceptNode(key, await make({ seq: 8 }))
  })

  it('refuses every field that is not as it should be, however well signed', async () => {
    const body = { v: 1, node: node.signer.publicKey, user: user.signer.publicKey, ...terms(), list: link('list') }
    const { home: _home, nodes: _nodes, ...fields } = body
    const forge = async (changes: Record<string, unknown>): Promise<Uint8Array> => {
      const plain = Object.fromEntries(
        Object.entries({ ...fields, ...changes }).filter(([, value]) => value !== undefined),
      )
      const signed = Buffer.concat([Buffer.from('amigos/node/1\0'), dagCbor.encode(plain)])
      return dagCbor.encode({ body: plain, sig: await node.signer.sign(signed) })
    }
    await fresh().acceptNode(key, await forge({}))
    const spoilt: [string, unknown[]][] = [
      ['v', [undefined, 0, 2, '1']],
      ['node', [undefined, '', node.peer, new Uint8Array(36)]],
      ['user', [undefined, '', user.user, new Uint8Array(36)]],
      ['seq', [undefined, 0, -1, 1.5, '7']],
      ['expires', [undefined, NOON, NOON + 48 * HOUR + 1]],
      ['list', [undefined, null, 'bafy', link('x', 0x55)]],
      ['more', [1]],
    ]
    for (const [name, values] of spoilt) {
      for (const value of values) {
        const code = 'RECORD_INVALID'
        await assert.rejects(fresh().acceptNode(key, await forge({ [name]: value })), { code }, `${name}: ${value}`)
      }
    }
  })

  it('never fails in another way on noise', async () => {
    const validation = fresh()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        await assert.rejects(validation.acceptNode(key, bytes), { code: 'RECORD_INVALID' })
      }),
    )
  })
})

describe('registry memory of sequences', () => {
  const record = (id: string, seq: number): Sighting => ({ id, seq, expires: NOON + HOUR })
  const admits = async (seen: Seen, sighting: Sighting, now: number): Promise<boolean> =>
    (await seen.admit(sighting, digest, now)) === 'admitted'
  const digest = new Uint8Array(32)

  it('is bounded: the dead make room, the living stay, newcomers pass unremembered', async () => {
    const memory = mapMemory()
    const seen = createSeen(memory, { buckets: 1, entries: 2 })
    for (const user of ['a', 'b', 'c']) assert.ok(await admits(seen, record(user, 5), NOON))
    assert.ok(!(await admits(seen, record('a', 4), NOON)))
    assert.ok(!(await admits(seen, record('b', 4), NOON)))
    assert.ok(await admits(seen, record('c', 4), NOON))
    // a is heard of again later, so that only b can have nothing left to be replayed
    assert.ok(await admits(seen, record('a', 6), NOON + 40 * HOUR))
    assert.ok(await admits(seen, record('c', 5), NOON + 49 * HOUR))
    assert.ok(!(await admits(seen, record('c', 4), NOON + 49 * HOUR)))
    assert.ok(!(await admits(seen, record('a', 5), NOON + 49 * HOUR)))
    assert.equal(await seen.highest('b'), undefined)
    assert.equal(memory.values.size, 2)
  })

  it('keeps each name to itself in buckets that nobody else can foresee', async () => {
    const [one, other] = [mapMemory(), mapMemory()]
    for (const memory of [one, other]) {
      const seen = createSeen(memory, { random: (bytes) => new Uint8Array(bytes).fill(memory === one ? 1 : 2) })
      for (let number = 0; number < 50; number++) await admits(seen, record(`user ${number}`, number + 1), NOON)
      for (let number = 0; number < 50; number++) assert.equal((await seen.highest(`user ${number}`))?.seq, number + 1)
    }
    assert.notDeepEqual([...one.values.keys()].sort(), [...other.values.keys()].sort())
  })
})
