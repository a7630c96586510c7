import assert from 'node:assert/strict'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { pEvent } from 'p-event'
import { createAdmission } from '../../daemon/node/admission.ts'
import { MAX_BAN_MS, MAX_BANNED_PEERS, MAX_CONNECTIONS_PER_PEER } from '../../daemon/node/constants.ts'
import { PROTOCOL } from '../../protocol/constants.ts'
import { createInternode } from '../../protocol/service.ts'
import { until, untilTrue } from '../support/until.ts'
import { createNodes, soon, type TestNodes } from './helpers.ts'

describe('admission', () => {
  let time = 0
  let peer: PeerId
  const make = (connections = 0) => createAdmission({ connections: () => connections, now: () => time })

  before(async () => {
    peer = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
  })
  beforeEach(() => {
    time = 1_000
  })

  it('refuses who is banned, either way, until the time is over', async () => {
    const { gater, ban, bannedFor } = make()
    const answers = () =>
      Promise.all([
        gater.denyDialPeer(peer),
        gater.denyInboundEncryptedConnection(peer, undefined as never),
        gater.denyOutboundEncryptedConnection(peer, undefined as never),
      ])
    assert.deepEqual(await answers(), [false, false, false])
    ban(peer.toString(), 500)
    assert.deepEqual(await answers(), [true, true, true])
    assert.equal(bannedFor(peer.toString()), 500)
    time += 500
    assert.deepEqual(await answers(), [false, false, false])
  })

  it('neither shortens a ban nor bans for more than an hour', () => {
    const { ban, bannedFor } = make()
    ban('a', 1_000)
    ban('a', 10)
    assert.equal(bannedFor('a'), 1_000)
    ban('a', Number.POSITIVE_INFINITY)
    assert.equal(bannedFor('a'), MAX_BAN_MS)
    ban('b', Number.NaN)
    ban('c', -1)
    assert.equal(bannedFor('b') + bannedFor('c'), 0)
  })

  it('remembers a bounded number of bans, and forgets what would end first', () => {
    const { ban, bannedFor } = make()
    for (let i = 0; i < MAX_BANNED_PEERS; i++) ban(`peer ${i}`, i === 7 ? 100 : 1_000)
    ban('one more', 1_000)
    assert.equal(bannedFor('peer 7'), 0)
    assert.equal(bannedFor('peer 8'), 1_000)
    assert.equal(bannedFor('one more'), 1_000)
  })

  it('refuses a connection with a peer that has enough of them', async () => {
    assert.equal(
      await make(MAX_CONNECTIONS_PER_PEER - 1).gater.denyInboundUpgradedConnection(peer, null as never),
      false,
    )
    const { gater } = make(MAX_CONNECTIONS_PER_PEER)
    assert.equal(await gater.denyInboundUpgradedConnection(peer, undefined as never), true)
    assert.equal(await gater.denyOutboundUpgradedConnection(peer, undefined as never), true)
  })
})

describe('a node and a peer that it bans', () => {
  let nodes: TestNodes

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  afterEach(() => nodes.stop())

  it('are disconnected, and stay so until the time is over', async () => {
    const { node: a } = await nodes.make('a')
    const { node: b } = await nodes.make('b')
    await a.start()
    await b.start()
    await b.connect(a.addresses()[0]!, soon())
    await untilTrue(() => a.peerCount() === 1)
    a.ban(b.peerId, 60_000)
    await untilTrue(() => a.peerCount() === 0 && b.peerCount() === 0)
    await assert.rejects(a.connect(b.addresses()[0]!, soon()), { code: 'DIAL_FAILED' })
    // the dial may succeed before the other side has said no
    await b.connect(a.addresses()[0]!, soon()).catch(() => undefined)
    await untilTrue(() => b.peerCount() === 0)
    assert.equal(a.peerCount(), 0)
  })

  it('may meet again afterwards', async () => {
    const { node: a } = await nodes.make('a')
    const { node: b } = await nodes.make('b')
    await a.start()
    await b.start()
    a.ban(b.peerId, 200)
    const meet = () => a.connect(b.addresses()[0]!, soon()).catch(() => undefined)
    assert.equal(await until(meet, (peer) => peer !== undefined), b.peerId)
  })

  it('part when the peer has broken the internode protocol too often', async () => {
    const { node: a } = await nodes.make('a')
    const { node: b } = await nodes.make('b')
    const bans: [string, number][] = []
    const onRefused = (peer: string, milliseconds: number): void => {
      bans.push([peer, milliseconds])
      a.ban(peer, milliseconds)
    }
    const limits = { offences: 3, refusalMs: 60_000 }
    const internode = createInternode(
      { node: a.libp2p, handlers: {} },
      { network: 'test', agent: '', limits, onRefused },
    )
    await internode.start()
    await a.start()
    await b.start()
    await b.connect(a.addresses()[0]!, soon())
    for (let i = 0; i < limits.offences; i++) {
      const stream = await b.libp2p.dialProtocol(a.libp2p.peerId, PROTOCOL, soon())
      const ended = pEvent(stream, 'close', { ...soon(), rejectionEvents: [] })
      stream.send(Uint8Array.of(1, 0xff))
      await stream.close(soon())
      await ended
    }
    await untilTrue(() => b.peerCount() === 0 && a.peerCount() === 0)
    assert.deepEqual(bans, [[b.peerId, limits.refusalMs]])
    await internode.stop()
  })

  it('hold a bounded number of connections', async () => {
    const { node: a } = await nodes.make('a')
    const { node: b } = await nodes.make('b')
    await a.start()
    await b.start()
    const address = multiaddr(a.addresses().find((one) => !one.includes('/ws/'))!)
    const dials = Array.from({ length: 12 }, () => b.libp2p.dial(address, { ...soon(), force: true }))
    await Promise.allSettled(dials)
    for (let i = 0; i < 3; i++) await b.libp2p.dial(address, { ...soon(), force: true }).catch(() => undefined)
    assert.ok(a.libp2p.getConnections(peerIdFromString(b.peerId)).length <= MAX_CONNECTIONS_PER_PEER)
    assert.ok(a.peerCount() === 1)
  })
})
