import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { blockLink } from '../../registry/home/block.ts'
import { nodeKey } from '../../registry/home/node-record.ts'
import { homeKey, signHomeRecord } from '../../registry/home/record.ts'
import { createRegistry, type RegistryComponents, type RegistryInit } from '../../registry/home/service.ts'
import type { Registry, Validation } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import { untilTrue } from '../support/until.ts'
import {
  type FakeNetwork,
  fakeNetwork,
  HOUR,
  link,
  listOf,
  live,
  type MapMemory,
  mapMemory,
  NETWORK,
  NOON,
  type Person,
  person,
  textOf,
} from './helpers.ts'

/** A clock and a timer that are moved by hand. */
function handClock() {
  let time = NOON
  let waiting: (() => void) | undefined
  let armed = Promise.withResolvers<void>()
  return {
    now: () => time,
    pass: (ms: number) => {
      time += ms
    },
    timer: (callback: () => void) => {
      waiting = callback
      armed.resolve()
      return () => {
        waiting = undefined
      }
    },
    armed: () => waiting !== undefined,
    /** Fires the timer, and waits until it is set again: by then all that it started has ended. */
    beat: async () => {
      const callback = waiting ?? assert.fail('no timer is set')
      waiting = undefined
      armed = Promise.withResolvers<void>()
      callback()
      await armed.promise
    },
  }
}

interface Node {
  registry: Registry
  memory: MapMemory
  validation: Validation
  fetched: number
}

describe('registry service', () => {
  let alice: Person
  let bob: Person
  let clock: ReturnType<typeof handClock>
  let network: FakeNetwork
  /** blocks of homes that somebody serves */
  let served: Map<string, Uint8Array>

  before(async () => {
    alice = await person(1)
    bob = await person(2)
  })

  beforeEach(() => {
    clock = handClock()
    network = fakeNetwork(5, clock.now)
    served = new Map()
  })

  const join = (
    { signer }: Person,
    more: Partial<RegistryComponents> = {},
    init: Partial<RegistryInit> = {},
    memory = mapMemory(),
  ): Node => {
    const validation = createValidation({ memory, now: clock.now }, { networkId: NETWORK })
    const node: Node = { memory, validation, fetched: 0, registry: undefined as never }
    const fetchBlock = async (home: CID): Promise<Uint8Array> => {
      node.fetched++
      return served.get(home.toString()) ?? assert.fail('nobody has the block')
    }
    const putBlock = async (bytes: Uint8Array, home: CID): Promise<void> => {
      served.set(home.toString(), bytes)
    }
    const given = {
      network: network.view,
      memory,
      validation,
      fetchBlock,
      owner: signer,
      node: signer,
      putBlock,
      now: clock.now,
      timer: clock.timer,
    }
    node.registry = createRegistry({ ...given, ...more }, { networkId: NETWORK, ...init })
    return node
  }

  it('publishes, and others resolve it', async () => {
    const home = listOf('forum')
    const { record, seenBy } = await join(alice).registry.publish(home, { signal: live() })
    assert.equal(seenBy, 5)
    assert.equal(record.expires, NOON + 48 * HOUR)
    clock.pass(1000)
    const found = await join(bob).registry.resolve(alice.user, { signal: live() })
    assert.deepEqual(
      [found.services.map(({ name, host }) => [name, host]), found.versions],
      [[['forum', alice.peer]], home.versions],
    )
    assert.equal(found.record.seq, record.seq)
    assert.equal(found.source, 'dht')
    assert.equal(found.age, 1000)
  })

  it('answers for its own name at once, also after a restart, without asking anybody', async () => {
    const { registry, memory } = join(alice)
    await registry.publish(listOf('forum'), { signal: live() })
    clock.pass(100 * HOUR)
    network.gets = 0
    for (const own of [registry, join(alice, {}, {}, memory).registry]) {
      const { source, services, age } = await own.resolve(alice.user, { signal: live() })
      assert.deepEqual([source, services[0]?.name, age], ['own', 'forum', 100 * HOUR])
    }
    assert.equal(network.gets, 0)
  })

  it('uses no sequence twice, not even after a crash, a lost record or an old backup', async () => {
    const first = join(alice)
    const sequences: number[] = []
    const publish = async (registry: Registry) => {
      sequences.push((await registry.publish(listOf(), { signal: live() })).node.seq)
    }
    await publish(first.registry)
    const backup = new Map(first.memory.values)
    await publish(first.registry)
    await publish(first.registry)
    const crashing = join(
      alice,
      { node: { ...alice.signer, sign: () => Promise.reject(new Error('crash')) } },
      {},
      first.memory,
    )
    await assert.rejects(publish(crashing.registry))
    await publish(join(alice, {}, {}, first.memory).registry)
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].sort((a, b) => a - b),
    )
    assert.equal(sequences[3], sequences[2]! + 2)
    clock.pass(60_000)
    const restored = join(
      alice,
      {},
      {},
      {
        ...mapMemory(),
        values: backup,
        get: async (key) => backup.get(key),
        put: async (key, value) => void backup.set(key, value),
      },
    )
    await publish(restored.registry)
    assert.ok(sequences[4]! > sequences[3]!)
    assert.equal(restored.registry.publication()?.seenBy, 5)
  })

  it('publishes one after the other', async () => {
    const { registry } = join(alice)
    const all = await Promise.all(['a', 'b', 'c'].map((name) => registry.publish(listOf(name), { signal: live() })))
    assert.deepEqual(
      all.map(({ seenBy }) => seenBy),
      [5, 5, 5],
    )
    assert.equal((await registry.resolve(alice.user, { signal: live() })).services[0]?.name, 'c')
  })

  it('does not wait when it is alone', async () => {
    network.peers.length = 0
    const { registry } = join(alice)
    const { seenBy } = await registry.publish(listOf(), { signal: live() })
    assert.equal(seenBy, 0)
    assert.equal(network.puts, 0)
    assert.equal(network.kept.length, 3, 'whoever comes can ask this node')
    await assert.rejects(registry.resolve(bob.user, { signal: live() }), { code: 'NO_PEERS' })
  })

  it('tells the first peer that appears at once, and not after it has stopped', async () => {
    network.peers.length = 0
    const { registry } = join(alice)
    await registry.start()
    await registry.publish(listOf(), { signal: live() })
    const peer = network.meet()
    await untilTrue(() => registry.publication()?.seenBy === 1)
    await registry.stop()
    assert.equal(peer.values.size, 3)
    network.meet()
    assert.equal(network.puts, 3)
  })

  it('counts only those who stored it, and does not wait for ever for the rest', async () => {
    network.peers[0]!.manner = 'fails'
    network.peers[1]!.manner = 'hangs'
    const { registry } = join(alice, {}, { putTimeoutMs: 20, queryTimeoutMs: 20 })
    assert.equal((await registry.publish(listOf(), { signal: live() })).seenBy, 3)
  })

  it('survives a network that fails altogether', async () => {
    const view = { ...network.view, size: () => 3, put: () => Promise.reject(new Error('down')), get: network.view.get }
    const { registry } = join(alice, { network: view })
    assert.equal((await registry.publish(listOf(), { signal: live() })).seenBy, 0)
    assert.ok(registry.publication())
  })

  it('takes the newest of what the peers say, and is not rolled back', async () => {
    const publisher = join(alice).registry
    for (const peer of network.peers.slice(0, 2)) peer.manner = 'stubborn'
    await publisher.publish(listOf('old'), { signal: live() })
    clock.pass(1000)
    assert.equal((await publisher.publish(listOf('new'), { signal: live() })).seenBy, 3)
    const reader = join(bob)
    const seen = async () => (await reader.registry.resolve(alice.user, { signal: live() })).services[0]?.name
    assert.equal(await seen(), 'new')
    const key = textOf(nodeKey(alice.peer))
    const old = network.peers[0]!.values.get(key)!
    for (const peer of network.peers) peer.values.set(key, old)
    const { services, source, stale } = await reader.registry.resolve(alice.user, { signal: live() })
    assert.equal(services[0]?.name, 'new')
    assert.deepEqual([source, stale], ['cache', true])
  })

  it('reads past garbage and peers that fail', async () => {
    await join(alice).registry.publish(listOf('forum'), { signal: live() })
    const key = textOf(homeKey(alice.user))
    network.peers[0]!.manner = 'fails'
    network.peers[1]!.values.set(key, Uint8Array.of(1, 2, 3))
    network.peers[2]!.values.set(key, new Uint8Array(100_000))
    const { services } = await join(bob).registry.resolve(alice.user, { signal: live() })
    assert.equal(services[0]?.name, 'forum')
  })

  it('stops listening at the quorum', async () => {
    await join(alice).registry.publish(listOf(), { signal: live() })
    network.peers[3]!.manner = 'hangs'
    assert.equal((await join(bob).registry.resolve(alice.user, { signal: live() })).source, 'dht')
  })

  it('makes do with fewer answers when the rest is silent', async () => {
    await join(alice).registry.publish(listOf(), { signal: live() })
    network.peers[1]!.manner = 'hangs'
    const { registry } = join(bob, {}, { queryTimeoutMs: 20 })
    assert.equal((await registry.resolve(alice.user, { signal: live() })).source, 'dht')
  })

  it('fetches a home once, and asks once for callers at the same time', async () => {
    await join(alice).registry.publish(listOf(), { signal: live() })
    const reader = join(bob)
    network.gets = 0
    await Promise.all([1, 2, 3].map(() => reader.registry.resolve(alice.user, { signal: live() })))
    assert.equal(network.gets, 2, 'one for the home record, one for the node record')
    assert.equal((await reader.registry.resolve(alice.user, { signal: live() })).source, 'dht')
    assert.equal(network.gets, 4)
    assert.equal(reader.fetched, 2, 'the home and the list')
  })

  it('falls back to the last known good, says so, and no longer than that is valid', async () => {
    await join(alice).registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob)
    await reader.registry.resolve(alice.user, { signal: live() })
    network.peers.length = 0
    clock.pass(HOUR)
    const { services, source, age } = await join(bob, {}, {}, reader.memory).registry.resolve(alice.user, {
      signal: live(),
    })
    assert.deepEqual({ name: services[0]?.name, source, age }, { name: 'forum', source: 'cache', age: HOUR })
    network.peers.push(...fakeNetwork(1, clock.now).peers)
    assert.equal((await reader.registry.resolve(alice.user, { signal: live() })).source, 'cache')
    clock.pass(48 * HOUR)
    await assert.rejects(reader.registry.resolve(alice.user, { signal: live() }), { code: 'NAME_EXPIRED' })
  })

  it('tells the kinds of not found apart', async () => {
    const reader = join(bob, {}, { queryTimeoutMs: 20 }).registry
    await assert.rejects(reader.resolve(alice.user, { signal: live() }), { code: 'NAME_NOT_FOUND' })
    await assert.rejects(reader.resolve('k51nobody', { signal: live() }), { code: 'USER_ID_INVALID' })
    await join(alice).registry.publish(listOf(), { signal: live() })
    clock.pass(49 * HOUR)
    await assert.rejects(reader.resolve(alice.user, { signal: live() }), { code: 'NAME_EXPIRED' })
    for (const peer of network.peers) peer.manner = 'hangs'
    await assert.rejects(reader.resolve((await person(3)).user, { signal: live() }), { code: 'NO_ANSWER' })
  })

  it('says which nodes did not give the home, and takes no other block for it', async () => {
    const { record } = await join(alice).registry.publish(listOf(), { signal: live() })
    const reader = join(bob, {}, { fetchTimeoutMs: 20 })
    served.set(record.home.toString(), Uint8Array.of(0xa0))
    const unreachable = (error: Error & { code?: string }) =>
      error.code === 'HOME_UNREACHABLE' && error.message.includes(alice.peer)
    await assert.rejects(reader.registry.resolve(alice.user, { signal: live() }), unreachable)
    served.clear()
    await assert.rejects(reader.registry.resolve(alice.user, { signal: live() }), unreachable)
    const hanging = join(bob, { fetchBlock: () => new Promise(() => {}) }, { fetchTimeoutMs: 20 })
    await assert.rejects(hanging.registry.resolve(alice.user, { signal: live() }), unreachable)
  })

  it('refuses a home that is what its CID says and still not valid', async () => {
    const bytes = Uint8Array.of(0xa0)
    served.set(blockLink(bytes).toString(), bytes)
    const fields = { network: NETWORK, seq: 1, issued: NOON, expires: NOON + HOUR, home: blockLink(bytes), nodes: [] }
    await network.view.put(homeKey(alice.user), await signHomeRecord(alice.signer, fields), { signal: live() })
    await assert.rejects(join(bob).registry.resolve(alice.user, { signal: live() }), { code: 'HOME_INVALID' })
  })

  it('ends a wait with its signal, and only that wait', async () => {
    await join(alice).registry.publish(listOf(), { signal: live() })
    const gate = Promise.withResolvers<void>()
    const reader = join(bob, {
      fetchBlock: async (home) => {
        await gate.promise
        return served.get(home.toString())!
      },
    })
    const impatient = new AbortController()
    const [left, stayed] = [impatient.signal, live()].map((signal) => reader.registry.resolve(alice.user, { signal }))
    impatient.abort(new Error('enough'))
    await assert.rejects(left!, /enough/)
    gate.resolve()
    assert.equal((await stayed!).source, 'dht')
    await assert.rejects(
      reader.registry.resolve(alice.user, { signal: AbortSignal.abort(new Error('before')) }),
      /before/,
    )
    await assert.rejects(
      reader.registry.publish(listOf(), { signal: AbortSignal.abort(new Error('before')) }),
      /before/,
    )
  })

  it('stops what is under way', async () => {
    for (const peer of network.peers) peer.manner = 'hangs'
    const { registry } = join(bob)
    await registry.start()
    await registry.start()
    const [resolving, publishing] = [
      registry.resolve(alice.user, { signal: live() }),
      registry.publish(listOf(), { signal: live() }),
    ]
    const ended = Promise.all([
      assert.rejects(resolving, { code: 'STOPPED' }),
      assert.rejects(publishing, { code: 'STOPPED' }),
    ])
    await registry.stop()
    await registry.stop()
    await ended
    assert.ok(!clock.armed())
  })

  it('refuses to publish a home that nobody would accept, and keeps the old one', async () => {
    const { registry } = join(alice)
    const { record } = await registry.publish(listOf('forum'), { signal: live() })
    const twice = { versions: [], services: [...listOf('x').services, ...listOf('x').services] }
    await assert.rejects(registry.publish(twice, { signal: live() }), { code: 'HOME_INVALID' })
    assert.equal(registry.publication()?.record, record)
  })

  const shown = (registry: Registry): unknown[] => {
    const { record, node, seenBy, publishedAt } = registry.publication()!
    return [record.seq, node.seq, seenBy, publishedAt]
  }

  it('publishes in the background when the first peer appears', async () => {
    const peers = network.peers.splice(0)
    const { registry } = join(alice)
    await registry.start()
    const { record, node } = await registry.publish(listOf(), { signal: live() })
    await clock.beat()
    assert.equal(network.puts, 0)
    network.peers.push(...peers)
    clock.pass(5000)
    await clock.beat()
    assert.deepEqual(shown(registry), [record.seq, node.seq, 5, NOON + 5000])
    await clock.beat()
    assert.equal(network.puts, 3)
    await registry.stop()
  })

  it('puts it again every few hours, and a new one before it expires', async () => {
    const { registry } = join(alice)
    await registry.start()
    const { record, node } = await registry.publish(listOf(), { signal: live() })
    clock.pass(4 * HOUR)
    await clock.beat()
    assert.deepEqual(shown(registry), [record.seq, node.seq, 5, NOON + 4 * HOUR])
    clock.pass(21 * HOUR)
    await clock.beat()
    const renewed = registry.publication()
    assert.ok(renewed !== undefined && renewed.record.seq > record.seq && renewed.node.seq > node.seq)
    assert.equal(renewed.record.expires, NOON + (25 + 48) * HOUR)
    assert.equal(renewed.node.expires, NOON + (25 + 48) * HOUR)
    assert.equal(renewed.seenBy, 5)
    await registry.stop()
  })

  it('shows how far it is behind while nobody takes it', async () => {
    const { registry } = join(alice)
    await registry.start()
    await registry.publish(listOf(), { signal: live() })
    for (const peer of network.peers) peer.manner = 'fails'
    clock.pass(5 * HOUR)
    await clock.beat()
    const late = registry.publication()
    assert.deepEqual([late?.seenBy, late?.publishedAt, late?.dueAt], [0, NOON, NOON + 4 * HOUR])
    for (const peer of network.peers) peer.manner = 'good'
    clock.pass(HOUR)
    await clock.beat()
    assert.equal(registry.publication()?.dueAt, NOON + 10 * HOUR)
    await registry.stop()
  })

  it('goes on after a restart with what it published before', async () => {
    const { registry, memory } = join(alice)
    const { record } = await registry.publish(listOf(), { signal: live() })
    clock.pass(HOUR)
    const again = join(alice, {}, {}, memory).registry
    await again.start()
    assert.deepEqual(again.publication()?.record, record)
    assert.equal(again.publication()?.dueAt, NOON)
    await clock.beat()
    assert.deepEqual([again.publication()?.seenBy, again.publication()?.publishedAt], [5, NOON + HOUR])
    await again.stop()
  })

  it('does not take a home of another user or network for its own', async () => {
    const { registry, memory } = join(alice)
    await registry.publish(listOf(), { signal: live() })
    for (const other of [join(bob, {}, {}, memory), join(alice, {}, { networkId: 'other' }, memory)]) {
      await other.registry.start()
      assert.equal(other.registry.publication(), undefined)
      await other.registry.stop()
    }
  })

  it('tells of what fails in the background, and goes on', async () => {
    const errors: unknown[] = []
    const { registry } = join(
      alice,
      { owner: { ...alice.signer, sign: () => Promise.reject(new Error('no key')) } },
      { onError: (error) => errors.push(error) },
    )
    await assert.rejects(registry.publish(listOf(), { signal: live() }), /no key/)
    assert.equal(registry.publication(), undefined)
    const { memory } = join(alice)
    await join(alice, {}, {}, memory).registry.publish(listOf(), { signal: live() })
    clock.pass(30 * HOUR)
    const keyless = join(
      alice,
      { owner: { ...alice.signer, sign: () => Promise.reject(new Error('no key')) } },
      { onError: (error) => errors.push(error) },
      memory,
    )
    await keyless.registry.start()
    await clock.beat()
    assert.match(String(errors[0]), /no key/)
    await keyless.registry.stop()
  })

  it('sees its own name at the source that it was told of last', async () => {
    const { validation, registry } = join(alice)
    await registry.publish(listOf(), { signal: live() })
    const seq = NOON + 1_000_000
    const fields = { network: NETWORK, seq, issued: NOON, expires: NOON + HOUR, home: link('elsewhere'), nodes: [] }
    await validation.acceptHome(homeKey(alice.user), await signHomeRecord(alice.signer, fields))
    assert.equal((await registry.publish(listOf(), { signal: live() })).record.seq, seq + 1)
  })
})
