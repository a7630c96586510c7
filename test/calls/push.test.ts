/** What is pushed is judged before it is passed on: a topic of gossipsub without the network. */
import assert from 'node:assert/strict'
import type { SubscriptionChangeData } from '@chainsafe/libp2p-gossipsub'
import * as dagCbor from '@ipld/dag-cbor'
import type { PeerId } from '@libp2p/interface'
import fc from 'fast-check'
import { MAX_PEER_TOPICS, MAX_PUSH_BYTES, PUSHES_AT_ONCE } from '../../daemon/calls/homes/constants.ts'
import { createHeads } from '../../daemon/calls/homes/heads.ts'
import { createPush, type PubSub } from '../../daemon/calls/homes/push.ts'
import { decodePush, encodePush, topicOf } from '../../daemon/calls/homes/push-message.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { signHead } from '../../registry/home/head.ts'
import { createRegistry } from '../../registry/home/service.ts'
import type { HomeAnswer, Registry } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
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
} from '../registry/helpers.ts'
import { testNetwork } from '../support/network.ts'
import { untilTrue } from '../support/until.ts'

describe('what is pushed', () => {
  let alice: Person
  let bob: Person
  let author: Registry
  let reader: Registry
  let time: number
  let topics: PubSub['topicValidators']
  let sent: [topic: string, data: Uint8Array][]
  let heads: ReturnType<typeof createHeads>
  let listeners: Set<(event: CustomEvent<SubscriptionChangeData>) => void>
  let banned: string[]
  let after: number
  let listening: ReturnType<typeof pushOf>

  const now = (): number => time
  const make = ({ signer }: Person): Registry =>
    createRegistry(
      {
        network: fakeNetwork(0, now).view,
        memory: mapMemory(),
        validation: createValidation({ memory: mapMemory(), now }, { networkId: NETWORK }),
        fetchBlock: () => Promise.reject(new Error('there is no network')),
        putBlock: async () => {},
        isFollowed: () => true,
        ...{ owner: signer, node: signer, now },
      },
      { networkId: NETWORK },
    )
  const pushOf = (registry: Registry, { user, peer, signer }: Person) => {
    const identity: Identity = { peerId: peer, user, node: signer, owner: signer, network: testNetwork('', NETWORK) }
    const pubsub: PubSub = {
      subscribe: () => {},
      unsubscribe: () => {},
      publish: async (topic, data) => void sent.push([topic, data]),
      topicValidators: topics,
      addEventListener: (_type, listener) => void listeners.add(listener),
      removeEventListener: (_type, listener) => void listeners.delete(listener),
    }
    return createPush({
      pubsub,
      registry,
      heads,
      identity,
      afterHome: async () => void after++,
      ban: (peer) => void banned.push(peer),
      now,
    })
  }
  const hear = async (data: Uint8Array, from = 'somebody'): Promise<string> => {
    const validate = topics.get(topicOf(NETWORK, alice.user)) ?? assert.fail('nobody listens')
    return validate({ toString: () => from } as PeerId, { data } as never)
  }
  const headOf = (changes: object = {}, { signer }: Person = alice): Promise<Uint8Array> =>
    signHead(signer, { network: NETWORK, service: link('forum'), commit: link('c1'), seq: 1, time, ...changes })

  beforeEach(async () => {
    ;[alice, bob] = (await Promise.all([1, 2].map(person))) as [Person, Person]
    time = NOON
    topics = new Map()
    sent = []
    listeners = new Set()
    banned = []
    after = 0
    heads = createHeads()
    ;[author, reader] = [make(alice), make(bob)]
    listening = pushOf(reader, bob)
    listening.join(alice.user)
    await author.publish(listOf('forum'), { signal: live() })
  })

  it('is passed on when it is news, and only then', async () => {
    await pushOf(author, alice).tellHome()
    const [[topic, data]] = sent as [[string, Uint8Array]]
    assert.equal(topic, topicOf(NETWORK, alice.user))
    assert.equal(await hear(data), 'accept')
    assert.equal((await reader.resolve(alice.user, { signal: live() })).source, 'push')
    assert.equal(await hear(data), 'ignore')
    const old = data
    time += 1
    await author.publish(listOf('forum', 'chat'), { signal: live() })
    await pushOf(author, alice).tellHome()
    assert.equal(await hear(sent[1]![1]), 'accept')
    assert.equal(await hear(old), 'ignore')
    assert.equal((await reader.resolve(alice.user, { signal: live() })).services.length, 2)
  })

  it('is refused for good when it is forged, of another network, or noise', async () => {
    const good = await author.known(alice.user, [])
    const other = make(bob)
    await other.publish(listOf('trap'), { signal: live() })
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(12, bytes[12]! ^ 1)
    const forged: HomeAnswer[] = [
      { ...good, record: flipped(good.record!) },
      { ...good, record: new Uint8Array(3000) },
      await other.known(bob.user, []),
    ]
    for (const home of forged) assert.equal(await hear(encodePush({ home })), 'reject')
    const noise = [
      new Uint8Array(),
      Uint8Array.of(0xff),
      new Uint8Array(MAX_PUSH_BYTES + 1),
      dagCbor.encode({}),
      dagCbor.encode({ head: 'x' }),
      dagCbor.encode({ home: { record: 1, home: null, nodes: [] } }),
      dagCbor.encode({ home: { ...good, nodes: new Array(17).fill(good.nodes[0]) } }),
    ]
    for (const bytes of noise) assert.equal(await hear(bytes), 'reject', Buffer.from(bytes).toString('hex', 0, 20))
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        assert.equal(await hear(bytes, String(bytes)), 'reject')
      }),
    )
    await assert.rejects(reader.resolve(alice.user, { signal: live() }), { code: 'NO_PEERS' })
  })

  it('leaves out the lists that do not fit a message, which are asked for then', async () => {
    const names = Array.from({ length: 300 }, (_, number) => `service-${number}`)
    await author.publish(listOf(...names), { signal: live() })
    await pushOf(author, alice).tellHome()
    const [[, data]] = sent as [[string, Uint8Array]]
    assert.ok(data.length < MAX_PUSH_BYTES)
    const message = decodePush(data)
    assert.ok('home' in message && message.home.nodes[0]!.list === null)
    assert.equal(await hear(data), 'accept')
  })

  it('says where a service stands, if its node runs it and was not further before', async () => {
    assert.equal(await hear(encodePush({ head: await headOf() })), 'ignore', 'of a user of whom nothing is known')
    await reader.take(alice.user, await author.known(alice.user, []))
    const first = encodePush({ head: await headOf({ seq: 5, commit: link('c5') }) })
    assert.equal(await hear(first), 'accept')
    assert.equal(await hear(first), 'ignore')
    assert.equal(heads.get(alice.peer, link('forum'))?.commit.toString(), link('c5').toString())
    const others = {
      'a lower sequence': await headOf({ seq: 4 }),
      'the same sequence with another commit': await headOf({ seq: 5, commit: link('other') }),
      'the same head at an earlier time': await headOf({ seq: 5, commit: link('c5'), time: time - 1 }),
      'a service that the node does not list': await headOf({ seq: 6, service: link('secret') }),
      'another node': await headOf({ seq: 6 }, bob),
      'a day long past': await headOf({ seq: 6, time: time - 49 * HOUR }),
      'the future': await headOf({ seq: 6, time: time + HOUR }),
    }
    for (const [what, head] of Object.entries(others)) assert.equal(await hear(encodePush({ head })), 'ignore', what)
    const wrong = {
      'another network': await headOf({ seq: 7, network: 'other' }),
      'another signature': await headOf({ seq: 7 }, { ...alice, signer: { ...alice.signer, sign: bob.signer.sign } }),
      'too many bytes': new Uint8Array(513),
    }
    for (const [what, head] of Object.entries(wrong)) assert.equal(await hear(encodePush({ head })), 'reject', what)
    time += 1
    const again = encodePush({ head: await headOf({ seq: 5, commit: link('c5') }) })
    assert.deepEqual([await hear(again), await hear(again)], ['accept', 'ignore'], 'it still stands there')
    assert.equal(heads.get(alice.peer, link('forum'))?.time, time)
    assert.equal(await hear(encodePush({ head: await headOf({ seq: 6 }) })), 'accept')
  })

  it('is not looked at when one peer sends more than anybody has to say; others are heard', async () => {
    const junk = Uint8Array.of(0xff)
    const verdicts = new Set<string>()
    for (let number = 0; number < PUSHES_AT_ONCE * 2; number++) verdicts.add(await hear(junk, 'flooder'))
    assert.deepEqual([...verdicts], ['reject', 'ignore'])
    assert.equal(await hear(junk, 'another'), 'reject')
  })

  it('is told to those who come later, once for all of them, and nobody comes to too many topics', async () => {
    const push = pushOf(author, alice)
    const come = (peer: string, ...topics: string[]): void => {
      const subscriptions = topics.map((topic) => ({ topic, subscribe: true }))
      for (const listener of listeners)
        listener({ detail: { peerId: { toString: () => peer }, subscriptions } } as never)
    }
    come('a', topicOf(NETWORK, alice.user))
    come('b', 'another', topicOf(NETWORK, alice.user))
    await untilTrue(() => sent.length === 1)
    assert.equal(await hear(sent[0]![1]), 'accept')
    await untilTrue(() => after === 1)
    const many = (count: number) => Array.from({ length: count }, (_, number) => `topic ${number}`)
    come('c', ...many(MAX_PEER_TOPICS))
    come('d', ...many(10))
    for (const one of [push, listening]) one.parted('c')
    come('c', ...many(MAX_PEER_TOPICS))
    assert.deepEqual(banned, [])
    come('c', 'one more')
    assert.deepEqual([...new Set(banned)], ['c'])
    push.stop()
  })

  it('is heard no longer after it was left', () => {
    const push = pushOf(reader, bob)
    push.join(alice.user)
    push.leave(alice.user)
    assert.equal(topics.size, 0)
    push.join(alice.user)
    push.stop()
    assert.equal(topics.size, 0)
  })
})
