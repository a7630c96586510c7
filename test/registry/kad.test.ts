import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { type KadDHT, kadDHT, passthroughMapper, type SingleKadDHT } from '@libp2p/kad-dht'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import type { CID } from 'multiformats/cid'
import { kadRecordNetwork } from '../../registry/dht/kad.ts'
import { homeKey, signHomeRecord } from '../../registry/home/record.ts'
import { createRegistry } from '../../registry/home/service.ts'
import type { Registry, Validation } from '../../registry/home/types.ts'
import { createValidation } from '../../registry/home/validator.ts'
import type { RecordNetwork } from '../../registry/types.ts'
import { untilTrue } from '../support/until.ts'
import { HOUR, link, listOf, live, mapMemory, NETWORK, type Person, person } from './helpers.ts'

interface Node {
  libp2p: Libp2p<{ dht: KadDHT }>
  network: RecordNetwork
  validation: Validation
  registry: Registry
  person: Person
}

const SIZE = 5

describe('registry over kad-dht', function () {
  this.timeout(30_000)
  const nodes: Node[] = []
  const blocks = new Map<string, Uint8Array>()
  const within = () => AbortSignal.timeout(10_000)

  const start = async (number: number): Promise<Node> => {
    const who = await person(number)
    const validation = createValidation({ memory: mapMemory() }, { networkId: NETWORK })
    const { validators, selectors } = validation
    const libp2p = await createLibp2p({
      privateKey: privateKeyFromRaw(who.key.raw),
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: { inboundConnectionThreshold: 1000 },
      services: {
        identify: identify({ protocolPrefix: 'amigos' }),
        ping: ping({ protocolPrefix: 'amigos' }),
        dht: kadDHT({
          protocol: '/amigos/test/kad/1.0.0',
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          initialQuerySelfInterval: 100,
          validators,
          selectors,
        }),
      },
    })
    const network = kadRecordNetwork(libp2p.services.dht as SingleKadDHT)
    const registry = createRegistry(
      {
        network,
        validation,
        memory: mapMemory(),
        owner: who.signer,
        node: who.signer,
        fetchBlock: async (home: CID) => blocks.get(home.toString()) ?? assert.fail('no such block'),
        putBlock: async (bytes, home) => void blocks.set(home.toString(), bytes),
      },
      { networkId: NETWORK },
    )
    const node = { libp2p, network, validation, registry, person: who }
    await registry.start()
    nodes.push(node)
    return node
  }

  before(async () => {
    for (let number = 0; number < SIZE; number++) await start(100 + number)
    // A star: every node but the first knows nobody but the first
    for (const { libp2p } of nodes.slice(1)) await libp2p.dial(nodes[0]!.libp2p.getMultiaddrs())
    // They find each other through the first one's routing table
    await untilTrue(() => nodes.every(({ network }) => network.size() === SIZE - 1))
  })

  after(async () => {
    for (const { libp2p, registry } of nodes.splice(0)) {
      await registry.stop()
      await libp2p.stop()
    }
  })

  it('is resolved by a node that never met the publisher', async () => {
    const [, publisher, stranger] = nodes as [Node, Node, Node]
    const home = listOf('forum')
    const { record, seenBy } = await publisher.registry.publish(home, { signal: within() })
    assert.equal(seenBy, SIZE - 1)
    const found = await stranger.registry.resolve(publisher.person.user, { signal: within() })
    assert.deepEqual([found.services[0]?.name, found.versions], ['forum', home.versions])
    assert.deepEqual([found.source, found.record.seq], ['dht', record.seq])
  })

  it('lets nobody store what is unsigned, stale, expired or somebody else’s', async () => {
    const [, publisher, attacker] = nodes as [Node, Node, Node]
    const { user, signer } = publisher.person
    const key = homeKey(user)
    const fields = (seq: number, issued = Date.now()) => {
      return { network: NETWORK, seq, issued, expires: issued + HOUR, home: link('home'), nodes: [] }
    }
    await publisher.registry.publish(listOf('new'), { signal: within() })
    const { seq } = publisher.registry.publication()!.record
    const refused = {
      stale: await signHomeRecord(signer, fields(seq - 1)),
      expired: await signHomeRecord(signer, fields(seq + 9, Date.now() - 2 * HOUR)),
      'of another network': await signHomeRecord(signer, { ...fields(seq + 9), network: 'other' }),
      'of another user': await signHomeRecord(attacker.person.signer, fields(seq + 9)),
      unsigned: (await signHomeRecord(signer, fields(seq + 9))).map((byte, at, all) =>
        at === all.length - 1 ? byte ^ 1 : byte,
      ),
      garbage: Uint8Array.of(1, 2, 3),
    }
    for (const [what, value] of Object.entries(refused)) {
      assert.equal(await attacker.network.put(key, value, { signal: within() }), 0, what)
    }
    const reader = nodes[3]!
    const { services, record } = await reader.registry.resolve(user, { signal: within() })
    assert.deepEqual([services[0]?.name, record.seq], ['new', seq])
  })

  it('is resolved at once by whoever connects to a publisher that was alone', async () => {
    const publisher = await start(300)
    const { seenBy } = await publisher.registry.publish(listOf('alone'), { signal: within() })
    assert.equal(seenBy, 0)
    const reader = await start(301)
    await reader.libp2p.dial(publisher.libp2p.getMultiaddrs())
    await untilTrue(() => reader.network.size() === 1)
    const { services } = await reader.registry.resolve(publisher.person.user, { signal: within() })
    assert.equal(services[0]?.name, 'alone')
    await untilTrue(() => publisher.registry.publication()!.seenBy === 1)
  })

  it('tells that nobody has a record from there being nobody', async () => {
    const { user } = await person(999)
    await assert.rejects(nodes[2]!.registry.resolve(user, { signal: within() }), { code: 'NAME_NOT_FOUND' })
    const lone = await start(200)
    assert.equal(await lone.network.put(homeKey(user), Uint8Array.of(1), { signal: live() }), 0)
    await assert.rejects(lone.registry.resolve(user, { signal: live() }), { code: 'NO_PEERS' })
    assert.equal((await lone.registry.publish(listOf(), { signal: live() })).seenBy, 0)
  })

  it('outlives its publisher, and a query ends with its signal', async () => {
    const [, publisher, reader] = nodes as [Node, Node, Node]
    await publisher.registry.publish(listOf('late'), { signal: within() })
    await assert.rejects(
      reader.network
        .get(homeKey(publisher.person.user), { signal: AbortSignal.abort() })
        [Symbol.asyncIterator]()
        .next(),
    )
    await publisher.libp2p.stop()
    const { services } = await reader.registry.resolve(publisher.person.user, { signal: within() })
    assert.equal(services[0]?.name, 'late')
  })
})
