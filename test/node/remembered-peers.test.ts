import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { MAX_REMEMBERED_PEERS, REJOIN_ENOUGH, REMEMBER_MS } from '../../daemon/node/constants.ts'
import { createRememberedPeers, type RememberedPeers } from '../../daemon/node/remembered-peers.ts'

const address = (peer: string): string => `/ip4/127.0.0.1/tcp/${4000 + Number(peer)}`

describe('remembered peers', () => {
  let disk: Map<string, Uint8Array>
  let dialled: string[]
  let connected: Set<string>
  let up: Set<string>

  const make = (): RememberedPeers =>
    createRememberedPeers({
      memory: { get: async (key) => disk.get(key), put: async (key, value) => void disk.set(key, value) },
      async dial([one]) {
        const peer = String(Number(one!.toString().split('/')[4]) - 4000)
        dialled.push(peer)
        if (!up.has(peer)) throw new Error('refused')
        connected.add(peer)
      },
      addressesOf: async (peer) => [address(peer)],
      isConnected: (peer) => connected.has(peer),
      peerCount: () => connected.size,
    })
  const pass = async (milliseconds: number): Promise<void> => {
    mock.timers.tick(milliseconds)
    for (let turn = 0; turn < 20; turn++) await setImmediate()
  }
  const remember = async (...peers: number[]): Promise<void> => {
    const peersThen = make()
    for (const peer of peers) peersThen.met(String(peer))
    await peersThen.stop()
  }

  beforeEach(() => {
    disk = new Map()
    dialled = []
    connected = new Set()
    up = new Set()
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => mock.timers.reset())

  it('are dialled after a restart, the one met last first, until there are enough', async () => {
    await remember(...Array.from({ length: 12 }, (_, number) => number))
    up = new Set(Array.from({ length: 12 }, (_, number) => String(number)))
    const peers = make()
    await peers.start(100)
    await pass(99)
    assert.deepEqual(dialled, [])
    await pass(1)
    assert.ok(connected.size >= REJOIN_ENOUGH && connected.size < 12)
    assert.equal(dialled[0], '11')
    await peers.stop()
  })

  it('are dialled again as long as nobody answers, and not after that', async () => {
    await remember(1, 2)
    const peers = make()
    await peers.start(0)
    await pass(0)
    assert.deepEqual(dialled, ['2', '1'])
    await pass(1_000)
    assert.equal(dialled.length, 4)
    await pass(1_999)
    assert.equal(dialled.length, 4)
    up.add('1')
    await pass(1)
    assert.deepEqual([dialled.length, connected.size], [6, 1])
    await pass(100_000)
    assert.equal(dialled.length, 6)
    await peers.stop()
  })

  it('are written down soon after they were met, a bounded number', async () => {
    const peers = make()
    for (let peer = 0; peer <= MAX_REMEMBERED_PEERS; peer++) peers.met(String(peer))
    assert.equal(disk.size, 0)
    await pass(REMEMBER_MS)
    assert.equal(disk.size, 1)
    const again = make()
    await again.start(0)
    up.clear()
    await pass(0)
    assert.deepEqual([dialled.length, dialled.includes('0')], [MAX_REMEMBERED_PEERS, false])
    await again.stop()
    await peers.stop()
  })

  it('are none where what is on the disk cannot be read, and dialling ends with the node', async () => {
    for (const bytes of [Uint8Array.of(0xff), Uint8Array.of(0xa0)]) {
      disk.set('node/remembered-peers', bytes)
      await make().start(0)
      await pass(0)
    }
    await remember(1)
    const peers = make()
    await peers.start(10)
    await peers.stop()
    await pass(100)
    assert.deepEqual(dialled, [])
  })
})
