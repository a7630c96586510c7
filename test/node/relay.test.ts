import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { isRelayed } from '../../daemon/node/address.ts'
import * as limits from '../../daemon/node/constants.ts'
import { sortListen } from '../../daemon/node/listen.ts'
import type { AmigosNode } from '../../daemon/node/node.ts'
import { createInternode } from '../../protocol/service.ts'
import { until, untilTrue } from '../support/until.ts'
import { createNodes, LOOPBACK, soon, type TestNodes } from './helpers.ts'

const PEER = '12D3KooWALYqxyBqCy9mxGm8iSr2n6fbe4HBbXrAMhvxnL5RuBTo'

describe('addresses at a relay', () => {
  it('are told from those of the node itself', () => {
    const [own, any, place] = [
      '/ip4/127.0.0.1/tcp/1',
      '/p2p-circuit',
      `/ip4/127.0.0.1/tcp/2/p2p/${PEER}/p2p-circuit`,
    ].map((text) => multiaddr(text))
    assert.deepEqual(sortListen([own!, place!, any!]), { listen: [own, any], relays: [place] })
  })

  it('name the relay, and nobody behind it', () => {
    for (const text of ['/ip4/127.0.0.1/tcp/2/p2p-circuit', `/ip4/1.2.3.4/tcp/2/p2p/${PEER}/p2p-circuit/p2p/${PEER}`])
      assert.throws(() => sortListen([multiaddr(text)]), { code: 'ADDRESS_INVALID' })
  })
})

describe('a node behind a relay', () => {
  let nodes: TestNodes
  let relay: AmigosNode
  let place: string
  let foreign: Libp2p | undefined

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  beforeEach(async () => {
    relay = (await nodes.make('relay', { relay: true, listen: [LOOPBACK] })).node
    await relay.start()
    place = `${relay.addresses()[0]}/p2p-circuit`
  })
  afterEach(async () => {
    await nodes.stop()
    await foreign?.stop()
  })

  const start = async (name: string, listen: string[]): Promise<AmigosNode> => {
    const { node } = await nodes.make(name, { listen })
    await node.start()
    return node
  }

  it('has the address of the relay, can be dialled there, and talks both ways', async () => {
    const hidden = await start('hidden', [place])
    const other = await start('other', [LOOPBACK])
    assert.deepEqual(hidden.addresses(), [`${place}/p2p/${hidden.peerId}`])
    assert.equal(await other.connect(hidden.addresses()[0]!, soon()), hidden.peerId)
    const wire = { network: 'test', agent: '' }
    const echo = async (body: unknown): Promise<unknown> => body
    const there = createInternode({ node: hidden.libp2p, handlers: { echo } }, wire)
    const here = createInternode({ node: other.libp2p, handlers: { echo } }, wire)
    await there.start()
    await here.start()
    const large = 'x'.repeat(500_000)
    assert.equal(await here.request(hidden.peerId, 'echo', large, soon()), large)
    assert.equal(await there.request(other.peerId, 'echo', 'back', soon()), 'back')
    await here.stop()
    await there.stop()
    for (const node of [relay, hidden, other]) node.assertProtocolBounds()
  })

  it('talks over a foreign relay, too, that limits its connections', async () => {
    foreign = await createLibp2p({
      addresses: { listen: [LOOPBACK] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify({ protocolPrefix: 'amigos' }), relay: circuitRelayServer() },
    })
    const hidden = await start('hidden', [`${foreign.getMultiaddrs()[0]}/p2p-circuit`])
    const other = await start('other', [LOOPBACK])
    await other.connect(hidden.addresses()[0]!, soon())
    const [connection] = other.libp2p.getConnections(peerIdFromString(hidden.peerId))
    assert.ok(connection!.limits !== undefined)
    const handlers = { echo: async (body: unknown): Promise<unknown> => body }
    const wire = { network: 'test', agent: '' }
    const there = createInternode({ node: hidden.libp2p, handlers }, wire)
    const here = createInternode({ node: other.libp2p, handlers }, wire)
    await there.start()
    await here.start()
    assert.equal(await here.request(hidden.peerId, 'echo', 'over there', soon()), 'over there')
    assert.equal(await there.request(other.peerId, 'echo', 'and back', soon()), 'and back')
    assert.equal(other.libp2p.getConnections(peerIdFromString(hidden.peerId)).length, 1)
    // 128 KiB are what it carries: then the connection is over, and whoever asked is told
    const lost = here.request(hidden.peerId, 'echo', 'x'.repeat(200_000), soon())
    await assert.rejects(lost, { code: 'CONNECTION_LOST' })
    await here.stop()
    await there.stop()
  })

  it('finds any relay among its peers when none is named', async () => {
    const { node: hidden } = await nodes.make('choosy', {
      listen: ['/p2p-circuit'],
      bootstrap: [relay.addresses()[0]!],
    })
    await hidden.start()
    await until(
      async () => hidden.addresses(),
      (addresses) => addresses.includes(`${place}/p2p/${hidden.peerId}`),
    )
  })

  it('takes its place again after the connection was lost', async () => {
    const hidden = await start('hidden', [place])
    for (const connection of relay.libp2p.getConnections()) connection.abort(new Error('a cut'))
    await untilTrue(() => hidden.addresses().length === 0)
    await untilTrue(() => hidden.addresses().length === 1)
    const other = await start('other', [LOOPBACK])
    assert.equal(await other.connect(`${place}/p2p/${hidden.peerId}`, soon()), hidden.peerId)
  })

  it('starts before its relay does', async () => {
    const absent = `${LOOPBACK.replace('tcp/0', 'tcp/1')}/p2p/${PEER}/p2p-circuit`
    const hidden = await start('hidden', [absent])
    assert.deepEqual(hidden.addresses(), [])
  })

  it('takes no relay that appoints itself', async () => {
    const hidden = await start('hidden', [place])
    const { node: pushy } = await nodes.make('pushy', { relay: true, listen: [LOOPBACK] })
    await pushy.start()
    const stranger = await start('stranger', [LOOPBACK])
    await hidden.connect(pushy.addresses()[0]!, soon())
    // the pushy one pretends that the hidden one has asked for a place
    const { reservations } = pushy.libp2p.services.relay!
    const [granted] = relay.libp2p.services.relay!.reservations.values()
    reservations.set(hidden.libp2p.peerId, granted!)
    const address = `${pushy.addresses()[0]}/p2p-circuit/p2p/${hidden.peerId}`
    await assert.rejects(stranger.connect(address, soon()), { code: 'DIAL_FAILED' })
    assert.deepEqual(hidden.addresses(), [`${place}/p2p/${hidden.peerId}`])
  })

  it('is not reached through a node that is no relay', async () => {
    const plain = await start('plain', [LOOPBACK])
    const hidden = await start('hidden', [`${plain.addresses()[0]}/p2p-circuit`])
    assert.deepEqual(hidden.addresses(), [])
    assert.ok(hidden.peerCount() > 0)
  })

  it('does not make the relay hold what it does not read itself', async () => {
    const hidden = await start('hidden', [place])
    const other = await start('other', [LOOPBACK])
    await other.connect(hidden.addresses()[0]!, soon())
    const raw = (node: AmigosNode): { maConn: { pause(): void; send(bytes: Uint8Array): boolean; status: string } } =>
      node.libp2p.getConnections().find(({ remoteAddr }) => isRelayed(remoteAddr)) as never
    await untilTrue(() => raw(hidden) !== undefined)
    const direct = hidden.libp2p.getConnections(relay.libp2p.peerId)[0] as unknown as { maConn: { pause(): void } }
    direct.maConn.pause()
    const before = relay.traffic.received
    const piece = new Uint8Array(256 << 10)
    const circuit = raw(other).maConn
    for (let sent = 0; sent < 128 && circuit.status === 'open'; sent++) {
      circuit.send(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const pending = (): number => relay.traffic.received - before
    let last = -1
    await until(
      async () => {
        const settled = pending() === last
        last = pending()
        return settled
      },
      (settled) => settled,
    )
    assert.ok(pending() > 1_024 && pending() < 16 * limits.MIB, `${pending()} bytes were taken`)
  })
})
