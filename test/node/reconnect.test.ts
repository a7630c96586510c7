import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { MAX_KEPT_PEERS, RECONNECT_TRIES } from '../../daemon/node/constants.ts'
import { createReconnect, type Reconnect } from '../../daemon/node/reconnect.ts'
import { untilTrue } from '../support/until.ts'
import { createNodes, soon } from './helpers.ts'

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('reconnecting', () => {
  let dialled: string[]
  let connected: Set<string>
  let isUp: boolean
  let time: number
  let reconnect: Reconnect

  beforeEach(() => {
    dialled = []
    connected = new Set()
    isUp = false
    time = 0
    mock.timers.enable({ apis: ['setTimeout'] })
    reconnect = createReconnect({
      async dial(peer) {
        dialled.push(peer)
        if (!isUp) throw new Error('refused')
        connected.add(peer)
      },
      isConnected: (peer) => connected.has(peer),
      now: () => time,
      random: () => 0,
    })
  })
  afterEach(() => {
    reconnect.stop()
    mock.timers.reset()
  })

  const pass = async (milliseconds: number): Promise<void> => {
    time += milliseconds
    mock.timers.tick(milliseconds)
    await settle()
  }

  it('tries after pauses that double, until the peer is back', async () => {
    reconnect.keep('a', 60_000)
    reconnect.lost('a')
    reconnect.lost('a')
    for (const [pause, total] of [
      [250, 1],
      [500, 2],
      [1_000, 3],
      [2_000, 4],
    ] as const) {
      await pass(pause - 1)
      assert.equal(dialled.length, total - 1)
      await pass(1)
      assert.equal(dialled.length, total)
    }
    isUp = true
    await pass(4_000)
    assert.ok(connected.has('a'))
    await pass(60_000)
    assert.equal(dialled.length, 5)
  })

  it('leaves alone who is not needed, or no longer, or has come back by himself', async () => {
    reconnect.lost('stranger')
    reconnect.keep('a', 1_000)
    reconnect.lost('a')
    reconnect.keep('b', 60_000)
    reconnect.lost('b')
    connected.add('b')
    for (let i = 0; i < 20; i++) await pass(1_000)
    assert.ok(dialled.length <= 2 && dialled.every((peer) => peer === 'a'), dialled.join())
  })

  it('gives up after so many times, and begins anew with the next loss', async () => {
    reconnect.keep('a', Number.MAX_SAFE_INTEGER)
    reconnect.lost('a')
    for (let i = 0; i < RECONNECT_TRIES * 2; i++) await pass(30_000)
    assert.equal(dialled.length, RECONNECT_TRIES)
    reconnect.lost('a')
    await pass(250)
    assert.equal(dialled.length, RECONNECT_TRIES + 1)
  })

  it('remembers a bounded number of peers, those that were needed last, and dials a few at a time', async () => {
    for (let i = 0; i <= MAX_KEPT_PEERS; i++) reconnect.keep(`peer ${i}`, 60_000)
    for (let i = 0; i <= MAX_KEPT_PEERS; i++) reconnect.lost(`peer ${i}`)
    isUp = true
    for (let i = 0; i < 100 && connected.size < MAX_KEPT_PEERS; i++) await pass(250)
    assert.equal(connected.size, MAX_KEPT_PEERS)
    assert.ok(!connected.has('peer 0'))
  })

  it('does nothing once it was stopped', async () => {
    reconnect.keep('a', 60_000)
    reconnect.lost('a')
    reconnect.stop()
    await pass(60_000)
    assert.equal(dialled.length, 0)
  })
})

describe('a node whose connection was cut', () => {
  it('is connected again with a peer that its user connected to, and not with one that it banned', async () => {
    const nodes = await createNodes()
    try {
      const { node: a } = await nodes.make('a')
      const { node: b } = await nodes.make('b', { offline: true })
      await a.start()
      await b.start()
      await b.connect(a.addresses()[0]!, soon())
      const [first] = b.libp2p.getConnections()
      first!.abort(new Error('a cut'))
      await untilTrue(() => b.libp2p.getConnections().some(({ id }) => id !== first!.id))
      b.ban(a.peerId, 60_000)
      await untilTrue(() => b.peerCount() === 0 && a.peerCount() === 0)
    } finally {
      await nodes.stop()
      await nodes.remove()
    }
  })

  it('is connected with it again after a restart: its DHT remembers', async () => {
    const [there, here] = [await createNodes(), await createNodes()]
    try {
      const { node: a } = await there.make('a')
      await a.start()
      const first = await here.make('b')
      await first.node.start()
      await first.node.connect(a.addresses()[0]!, soon())
      await here.stop()
      await untilTrue(() => a.peerCount() === 0)

      const { node: again } = await here.make('b')
      await again.start()
      await untilTrue(() => again.peerCount() === 1)
      assert.equal(again.libp2p.getPeers()[0]?.toString(), a.peerId)
    } finally {
      for (const nodes of [here, there]) {
        await nodes.stop()
        await nodes.remove()
      }
    }
  })
})
