/** Users with several nodes, which are asked before the DHT is. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { makeLink } from '../../registry/home/key-chain.ts'
import { createRegistry, type RegistryComponents, type RegistryInit } from '../../registry/home/service.ts'
import type { HomeAnswer, KeyLink, Registry, UserSigner } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import {
  type FakeNetwork,
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
  service,
} from './helpers.ts'

interface Node {
  registry: Registry
  /** peers that it asked */
  asked: string[]
}

describe('registry and the nodes of a user', () => {
  let people: Person[]
  let network: FakeNetwork
  let time: number
  /** those that answer */
  let up: Map<string, (user: string, known: readonly CID[]) => Promise<HomeAnswer>>

  before(async () => {
    people = await Promise.all(Array.from({ length: 6 }, (_, number) => person(50 + number)))
  })
  beforeEach(() => {
    time = NOON
    network = fakeNetwork(5, () => time)
    up = new Map()
  })

  /** @param node whose key is the node's; the user is the owner of `owner`'s */
  const join = (
    node: Person,
    owner: Person,
    more: Partial<RegistryComponents> = {},
    init: Partial<RegistryInit> = {},
  ): Node => {
    const now = () => time
    const memory = mapMemory()
    const asked: string[] = []
    const registry = createRegistry(
      {
        network: network.view,
        memory,
        validation: createValidation({ memory, now }, { networkId: NETWORK }),
        fetchBlock: () => Promise.reject(new Error('blocks are not needed')),
        putBlock: async () => {},
        ask: async (peer, user, known) => {
          asked.push(peer)
          return up.get(peer)?.(user, known) ?? assert.fail('it is down')
        },
        owner: owner.signer,
        node: node.signer,
        now,
        timer: () => () => {},
        ...more,
      },
      { networkId: NETWORK, patienceMs: 5_000, queryTimeoutMs: 5_000, askNextMs: 5, askTimeoutMs: 5_000, ...init },
    )
    up.set(node.peer, (user, known) => registry.known(user, known))
    return { registry, asked }
  }
  const names = async ({ registry }: Node, user: string, fresh = false) => {
    const { services, source, stale } = await registry.resolve(user, { signal: live(), fresh })
    return [services.map(({ name }) => name).join(), source, stale]
  }

  it('takes one get of the DHT and one request to find a stranger, and then one request', async () => {
    const [alice, bob] = people as [Person, Person]
    await join(alice, alice).registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob, bob)
    network.gets = 0
    assert.deepEqual(await names(reader, alice.user), ['forum', 'node', false])
    assert.deepEqual([network.gets, reader.asked], [1, [alice.peer]])
    assert.deepEqual(await names(reader, alice.user), ['forum', 'node', false])
    assert.deepEqual([network.gets, reader.asked.length], [1, 2])
  })

  it('is told again only what has changed', async () => {
    const [alice, bob] = people as [Person, Person]
    const owner = join(alice, alice)
    await owner.registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob, bob)
    await names(reader, alice.user)
    const answers: HomeAnswer[] = []
    up.set(alice.peer, async (user, known) => {
      answers.push(await owner.registry.known(user, known))
      return answers.at(-1)!
    })
    await names(reader, alice.user)
    assert.deepEqual([answers[0]!.home, answers[0]!.nodes[0]!.list], [null, null])
    time += 1
    await owner.registry.publish(listOf('forum', 'chat'), { signal: live() })
    assert.deepEqual((await names(reader, alice.user))[0], 'forum,chat')
    assert.ok(answers[1]!.nodes[0]!.list !== null)
  })

  it('joins two nodes of one user, each with a list of its own and no sequence in common', async () => {
    const [user, one, two, bob] = people as [Person, Person, Person, Person]
    const [first, second] = [join(one, user), join(two, user)]
    await first.registry.publish(listOf('forum'), { signal: live() })
    time += 1
    await second.registry.publish(listOf('chat'), { signal: live() })
    const reader = join(bob, bob)
    assert.deepEqual((await names(reader, user.user))[0], 'forum,chat')
    const { home } = await reader.registry.resolve(user.user, { signal: live() })
    assert.deepEqual(home.nodes, [one.peer, two.peer])
    await first.registry.publish(listOf('wiki'), { signal: live() })
    assert.deepEqual((await names(reader, user.user))[0], 'wiki,chat')
    assert.deepEqual((await names(second, user.user, true))[0], 'wiki,chat')
  })

  it('comes to one home with both nodes in it when each made one without the other', async () => {
    const [user, one, two] = people as [Person, Person, Person]
    const other = fakeNetwork(3, () => time)
    const first = join(one, user)
    const second = join(two, user, { network: other.view })
    await first.registry.publish(listOf('forum'), { signal: live() })
    time += 1
    await second.registry.publish(listOf('chat'), { signal: live() })
    const take = async (to: Node, from: Node): Promise<void> => {
      await to.registry.take(user.user, await from.registry.known(user.user, []))
    }
    await take(first, second)
    time += 60_000
    await first.registry.describe({}, { signal: live() })
    await take(second, first)
    for (const node of [first, second]) {
      const { home, services } = await node.registry.resolve(user.user, { signal: live() })
      assert.deepEqual([home.nodes, services.length], [[two.peer, one.peer], 2])
    }
  })

  it('asks the next node when one is down, lies or is slow, and the DHT when none answers', async () => {
    const [user, one, two, bob, carol] = people as [Person, Person, Person, Person, Person]
    await join(one, user).registry.publish(listOf('forum'), { signal: live() })
    await join(two, user).registry.publish(listOf('chat'), { signal: live() })
    const reader = join(bob, bob)
    await names(reader, user.user)
    const good = up.get(two.peer)!
    const liar = join(carol, carol)
    await liar.registry.publish(listOf('trap'), { signal: live() })
    const spoilt = async (): Promise<HomeAnswer> => {
      const answer = await good(user.user, [])
      return { ...answer, record: answer.record!.with(20, answer.record![20]! ^ 1) }
    }
    const manners = [
      () => Promise.reject(new Error('down')),
      () => liar.registry.known(carol.user, []),
      spoilt,
      async () => ({ record: null, home: null, nodes: [] }),
      () => new Promise<HomeAnswer>(() => {}),
    ]
    for (const manner of manners) {
      up.set(one.peer, manner)
      assert.deepEqual(await names(reader, user.user), ['forum,chat', 'node', false])
    }
    up.clear()
    network.gets = 0
    assert.deepEqual(await names(reader, user.user), ['forum,chat', 'dht', false])
    assert.equal(network.gets, 3)
  })

  it('does not count what a node says that the home does not name, or that works for somebody else', async () => {
    const [user, one, two, bob] = people as [Person, Person, Person, Person]
    await join(one, user).registry.publish(listOf('forum'), { signal: live() })
    const strange = join(two, bob)
    await strange.registry.publish(listOf('trap'), { signal: live() })
    const honest = up.get(one.peer)!
    up.set(one.peer, async (id, known) => {
      const answer = await honest(id, known)
      return { ...answer, nodes: [...(await strange.registry.known(bob.user, [])).nodes, ...answer.nodes] }
    })
    assert.deepEqual(await names(join(people[4]!, people[4]!), user.user), ['forum', 'node', false])
  })

  it('warns where two nodes give one version two contracts, and takes that of the first', async () => {
    const [user, one, two, bob] = people as [Person, Person, Person, Person]
    await join(one, user).registry.publish(listOf('forum'), { signal: live() })
    const other = { ...service('forum', '1.0.0'), contract: link('another') }
    await join(two, user).registry.publish({ services: [other], versions: [] }, { signal: live() })
    const { services, warnings } = await join(bob, bob).registry.resolve(user.user, { signal: live() })
    assert.deepEqual(
      services.map(({ host }) => host),
      [one.peer],
    )
    assert.equal(warnings.length, 1)
  })

  it('shows the last known good as stale when nobody confirms it, at once if somebody hangs', async () => {
    const [alice, bob] = people as [Person, Person]
    await join(alice, alice).registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob, bob, {}, { patienceMs: 20, askTimeoutMs: 100 })
    await names(reader, alice.user)
    up.set(alice.peer, () => new Promise<HomeAnswer>(() => {}))
    assert.deepEqual(await names(reader, alice.user), ['forum', 'cache', true])
    up.clear()
    for (const peer of network.peers) peer.manner = 'fails'
    assert.deepEqual(await names(reader, alice.user), ['forum', 'cache', true])
    time += 48 * HOUR
    await assert.rejects(names(reader, alice.user), { code: 'NAME_EXPIRED' })
  })

  it('answers from memory what is pushed, for as long as that is fresh and nothing newer came by', async () => {
    const [alice, bob] = people as [Person, Person]
    const owner = join(alice, alice)
    await owner.registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob, bob, { isFollowed: () => true })
    const push = async () => reader.registry.take(alice.user, await owner.registry.known(alice.user, []))
    assert.deepEqual(await push(), { isNews: true, isPart: false })
    assert.deepEqual(await push(), { isNews: false, isPart: false })
    network.gets = 0
    assert.deepEqual(await names(reader, alice.user), ['forum', 'push', false])
    assert.deepEqual([network.gets, reader.asked], [0, []])
    time += 11 * 60_000
    assert.deepEqual(await names(reader, alice.user), ['forum', 'node', false])
    assert.deepEqual(await names(reader, alice.user), ['forum', 'push', false])
    await assert.rejects(reader.registry.take(alice.user, { record: new Uint8Array(9), home: null, nodes: [] }), {
      code: 'RECORD_INVALID',
    })
  })

  it('believes a record that somebody gives as far as it is good, and asks the DHT if it is not', async () => {
    const [alice, bob, carol] = people as [Person, Person, Person]
    const { registry } = join(alice, alice)
    await registry.publish(listOf('forum'), { signal: live() })
    const { record } = await registry.known(alice.user, [])
    const reader = join(bob, bob)
    network.gets = 0
    await reader.registry.resolve(alice.user, { signal: live(), record: record! })
    assert.equal(network.gets, 0)
    await join(carol, carol).registry.resolve(alice.user, { signal: live(), record: record!.subarray(1) })
    assert.equal(network.gets, 1)
  })

  it('goes on with a changed key, and a node that has only the old one goes on as long as the home names it', async () => {
    const [user, one, two, bob, next] = people as [Person, Person, Person, Person, Person]
    let links: KeyLink[] = []
    let newest = user.signer
    const keys: UserSigner = { ...user.signer, links: () => links, sign: (bytes) => newest.sign(bytes) }
    const first = join(one, user, { owner: keys })
    const second = join(two, user)
    await first.registry.publish(listOf('forum'), { signal: live() })
    await second.registry.publish(listOf('chat'), { signal: live() })
    await first.registry.take(user.user, await second.registry.known(user.user, []))
    const reader = join(bob, bob)
    await names(reader, user.user)

    links = [await makeLink(user.signer.publicKey, 1, user.signer, next.signer.publicKey)]
    newest = next.signer
    await first.registry.describe({}, { signal: live() })
    assert.equal((await reader.registry.resolve(user.user, { signal: live() })).record.keys.length, 2)
    time += 1
    await second.registry.publish(listOf('chat', 'wiki'), { signal: live() })
    await first.registry.take(user.user, await second.registry.known(user.user, []))
    assert.equal((await names(reader, user.user))[0], 'forum,chat,wiki')

    const third = join(next, user)
    await assert.rejects(third.registry.publish(listOf('trap'), { signal: live() }), { code: 'KEY_OUTDATED' })
    assert.equal((await names(reader, user.user))[0], 'forum,chat,wiki')
  })

  it('says in the home what the user is called, and signs it anew only when that changes', async () => {
    const [alice, bob] = people as [Person, Person]
    const { registry } = join(alice, alice)
    await registry.describe({ usernames: ['alice'] }, { signal: live() })
    await registry.publish(listOf('forum'), { signal: live() })
    const reader = join(bob, bob)
    const home = async () => reader.registry.resolve(alice.user, { signal: live(), fresh: true })
    const first = await home()
    assert.deepEqual(first.home.usernames, ['alice'])
    time += 1
    await registry.describe({ usernames: ['alice'] }, { signal: live() })
    assert.equal((await home()).record.seq, first.record.seq)
    await registry.describe({ usernames: ['alice', 'al'], page: link('page') }, { signal: live() })
    const second = await home()
    assert.deepEqual([second.home.usernames, second.home.page], [['alice', 'al'], link('page')])
    assert.equal(second.services[0]?.name, 'forum')
  })

  it('asks its neighbours for a user whose nodes are all away, and says that it is stale', async () => {
    const [alice, bob, carol, dave] = people as [Person, Person, Person, Person]
    await join(alice, alice).registry.publish(listOf('forum'), { signal: live() })
    await names(join(bob, bob), alice.user)
    await join(carol, carol).registry.publish(listOf('trap'), { signal: live() })
    up.delete(alice.peer)
    const reader = join(dave, dave, { neighbours: () => [carol.peer, bob.peer] })
    assert.deepEqual(await names(reader, alice.user), ['forum', 'cache', true])
    up.clear()
    const alone = join(people[4]!, people[4]!, { neighbours: () => [bob.peer] })
    await assert.rejects(names(alone, alice.user), { code: 'HOME_UNREACHABLE' })
  })
})
