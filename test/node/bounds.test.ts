import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { pEvent } from 'p-event'
import {
  assertConnectionBounds,
  type BoundedParts,
  type BoundedRelay,
  protocolBounds,
} from '../../daemon/node/bounds.ts'
import * as limits from '../../daemon/node/constants.ts'
import type { AmigosNode } from '../../daemon/node/node.ts'
import { untilTrue } from '../support/until.ts'
import { createNodes, soon, type TestNodes } from './helpers.ts'

const partsOf = (node: AmigosNode): BoundedParts => (node.libp2p as unknown as { components: BoundedParts }).components

type Inside = { [key: string]: unknown }

/** What an update could bring: the option's name no longer counts, and the library's own default does. */
const CHANGED: [string, unknown][] = [
  ['connectionManager.getMaxConnections', () => 300],
  ['connectionManager.getMaxConnections', undefined],
  ['connectionManager.maxIncomingPendingConnections', Number.POSITIVE_INFINITY],
  ['connectionManager.inboundConnectionRateLimiter.points', 1_000],
  ['connectionManager.inboundConnectionRateLimiter', undefined],
  ['connectionManager.dialQueue.queue.concurrency', 100],
  ['connectionManager.dialQueue.maxDialQueueLength', 500],
  ['connectionManager.dialQueue.maxDialQueueLength', undefined],
  ['connectionManager.dialQueue.maxPeerAddrsToDial', 25],
  ['connectionManager.dialQueue.dialTimeout', Number.NaN],
  ['connectionManager.reconnectQueue.queue.concurrency', 5],
  ['connectionManager.dialQueue', undefined],
  ['upgrader.getStreamMuxers', undefined],
  ['upgrader.inboundUpgradeTimeout', 10_000],
  ['upgrader.inboundStreamProtocolNegotiationTimeout', 10_000],
  ['upgrader.outboundStreamProtocolNegotiationTimeout', '5000'],
  ['pubsub.opts.maxInboundDataLength', 4 << 20],
  ['pubsub.opts.maxOutboundBufferSize', Number.POSITIVE_INFINITY],
  ['upgrader.getStreamMuxers', () => new Map([['/yamux/1.0.0', yamux()()]])],
  ['upgrader.getStreamMuxers', () => new Map([['/yamux/1.0.0', muxerWith({ maxStreamWindowSize: 4 << 20 })]])],
  ['upgrader.getStreamMuxers', () => new Map([['/yamux/1.0.0', muxerWith({ maxReadBufferLength: 1 << 20 })]])],
  ['upgrader.getStreamMuxers', () => new Map([['/yamux/1.0.0', muxerWith({ maxWriteBufferLength: 16 << 20 })]])],
]

function muxerWith(streamOptions: object): unknown {
  const ours = { maxStreamWindowSize: 1 << 20, maxReadBufferLength: 4 << 20, maxWriteBufferLength: 4 << 20 }
  return yamux({
    maxInboundStreams: 256,
    maxOutboundStreams: 256,
    streamOptions: { ...ours, ...streamOptions },
  })()
}

describe('bounds of the network libraries', () => {
  let nodes: TestNodes
  let node: AmigosNode

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  beforeEach(async () => {
    node = (await nodes.make('a')).node
  })
  afterEach(() => nodes.stop())

  it('are kept by a node as it is made, and by every protocol of one that runs', async () => {
    await assertConnectionBounds(partsOf(node), undefined)
    await node.start()
    node.assertProtocolBounds()
    assert.ok(protocolBounds(partsOf(node)).length > 10)
    assert.ok(!partsOf(node).registrar.getProtocols().includes('/floodsub/1.0.0'))
  })

  for (const [path, value] of CHANGED) {
    it(`are looked up: a node does not start with ${path} = ${value}`, async () => {
      const keys = path.split('.')
      const last = keys.pop()!
      const owner = keys.reduce((of, key) => of[key] as Inside, partsOf(node) as unknown as Inside)
      Object.defineProperty(owner, last, { value, configurable: true })
      await assert.rejects(node.start(), { code: 'BOUND_NOT_KEPT' })
      assert.deepEqual(node.addresses(), [])
    })
  }

  it('are looked up in the encryption, too', async () => {
    const plain = noise()(partsOf(node) as never)
    Object.assign(partsOf(node).upgrader, { getConnectionEncrypters: () => new Map([['/noise', plain]]) })
    await assert.rejects(node.start(), { code: 'BOUND_NOT_KEPT' })
  })

  for (const [name, value] of [
    ['maxReservations', 1_000],
    ['reservationTtl', Number.POSITIVE_INFINITY],
  ] as const) {
    it(`are looked up in a relay: it does not start with ${name} = ${value}`, async () => {
      const { node: relay } = await nodes.make('relay', { relay: true })
      Object.assign((relay.libp2p.services.relay as unknown as BoundedRelay).reservationStore, { [name]: value })
      await assert.rejects(relay.start(), { code: 'BOUND_NOT_KEPT' })
    })
  }

  it('are asked of protocols that others register', async () => {
    await node.start()
    await node.libp2p.handle('/other/1.0.0', () => {}, { maxInboundStreams: limits.MAX_STREAMS_PER_PROTOCOL + 1 })
    assert.throws(() => node.assertProtocolBounds(), { code: 'BOUND_NOT_KEPT' })
  })
})

describe('streams of one connection', () => {
  let nodes: TestNodes
  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  afterEach(() => nodes.stop())

  /** As long as it takes, or until the signal. */
  const write = async (stream: Stream, mebibytes: number, signal: AbortSignal): Promise<void> => {
    for (let i = 0; i < mebibytes; i++)
      if (!stream.send(new Uint8Array(1 << 20))) await pEvent(stream, 'drain', { signal, rejectionEvents: ['close'] })
  }

  it('hold back who writes to a slow reader, whatever the others do, and none is cut off', async () => {
    const { node: a } = await nodes.make('a')
    const { node: b } = await nodes.make('b')
    await a.start()
    await b.start()
    let taken = 0
    await a.libp2p.handle('/slow/1', (stream) => stream.pause())
    await a.libp2p.handle('/busy/1', (stream) => {
      stream.addEventListener('message', ({ data }) => {
        taken += data.byteLength
      })
    })
    await b.connect(a.addresses().find((address) => !address.includes('/ws'))!, soon())
    const slow = await b.libp2p.dialProtocol(a.libp2p.peerId, '/slow/1')
    const busy = await Promise.all(Array.from({ length: 24 }, () => b.libp2p.dialProtocol(a.libp2p.peerId, '/busy/1')))
    const done = new AbortController()
    const held = write(slow, 16, done.signal).catch(() => undefined)
    await Promise.all(busy.map((stream) => write(stream, 4, soon().signal)))
    await untilTrue(() => taken === busy.length * (4 << 20))
    done.abort()
    await held
    assert.equal(slow.status, 'open')
    assert.ok(slow.writeBufferLength <= 1 << 20, `${slow.writeBufferLength} bytes wait`)
  })
})

/** The inside of a connection of somebody who keeps to no rule. */
interface Raw {
  muxer: {
    createStream(): Promise<unknown>
    maConn: { send(bytes: Uint8Array): boolean; writeBufferLength: number }
  }
  maConn: { pause(): void }
}

describe('a peer that keeps to no rule', () => {
  let nodes: TestNodes
  let node: AmigosNode
  let peer: Libp2p
  let connection: Connection
  let raw: Raw

  before(async () => {
    nodes = await createNodes()
  })
  after(() => nodes.remove())
  beforeEach(async () => {
    node = (await nodes.make('a')).node
    await node.start()
    peer = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ enableKeepAlive: false })],
    })
    connection = await peer.dial(multiaddr(node.addresses().find((address) => !address.includes('/ws'))!))
    raw = connection as unknown as Raw
    await untilTrue(() => node.libp2p.getConnections(peer.peerId).length > 0)
  })
  afterEach(async () => {
    await peer.stop()
    await nodes.stop()
  })

  const isGone = (): boolean => node.libp2p.getConnections(peer.peerId).length === 0

  it('is cut off when it begins a frame that is larger than any window', async () => {
    // data, SYN, stream 1, of 2 GiB
    raw.muxer.maConn.send(Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0x80, 0, 0, 0))
    for (let sent = 0; sent < 64 << 20 && connection.status === 'open'; sent += 1 << 16) {
      raw.muxer.maConn.send(new Uint8Array(1 << 16))
      await setImmediate()
    }
    await untilTrue(isGone)
    assert.ok(node.traffic.received < limits.STREAM_WINDOW_BYTES * 8, `${node.traffic.received} bytes were taken`)
  })

  it('holds few streams that never say what they are for', async () => {
    const [theirs] = node.libp2p.getConnections(peer.peerId)
    await Promise.all(Array.from({ length: 200 }, () => raw.muxer.createStream()))
    await untilTrue(() => connection.streams.length <= limits.MAX_NAMELESS_STREAMS)
    // those that may stay are not over yet: the others were refused, and did not time out
    assert.equal(theirs!.streams.filter(({ protocol }) => protocol === '').length, limits.MAX_NAMELESS_STREAMS)
  })

  it('is cut off when it lets answers pile up that it does not read', async () => {
    const theirs = node.libp2p.getConnections(peer.peerId)[0] as unknown as Raw
    let most = 0
    raw.maConn.pause()
    const ping = Uint8Array.of(0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    const many = Buffer.concat(Array.from({ length: 5_000 }, () => ping))
    for (let sent = 0; sent < 1_000 && !isGone(); sent++) {
      raw.muxer.maConn.send(many)
      await setImmediate()
      most = Math.max(most, theirs.muxer.maConn.writeBufferLength)
    }
    await untilTrue(isGone)
    assert.ok(most > 0 && most <= limits.CONNECTION_WRITE_BUFFER_BYTES, `${most} bytes were waiting`)
  }).timeout(20_000)
})
