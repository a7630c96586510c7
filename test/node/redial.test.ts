import assert from 'node:assert/strict'
import { mock } from 'node:test'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { createRedial } from '../../daemon/node/redial.ts'

const SEED = multiaddr('/ip4/127.0.0.1/tcp/1/p2p/12D3KooWALYqxyBqCy9mxGm8iSr2n6fbe4HBbXrAMhvxnL5RuBTo')
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('redialling seeds', () => {
  let dialled: Multiaddr[]
  let up: boolean
  let connected: boolean
  const parts = {
    isConnected: () => connected,
    random: () => 0,
    async dial(address: Multiaddr) {
      dialled.push(address)
      if (!up) throw new Error('refused')
      connected = true
    },
  }

  beforeEach(() => {
    dialled = []
    up = false
    connected = false
    mock.timers.enable({ apis: ['setTimeout'] })
  })
  afterEach(() => mock.timers.reset())

  it('tries at once, then with growing pauses, until the seed answers', async () => {
    const failures: Multiaddr[] = []
    const redial = createRedial({ ...parts, onFailure: (address) => failures.push(address) }, [SEED])
    redial.start()
    await settle()
    assert.equal(dialled.length, 1)
    for (const [pause, total] of [
      [2_000, 2],
      [4_000, 3],
      [8_000, 4],
    ] as const) {
      mock.timers.tick(pause - 1)
      await settle()
      assert.equal(dialled.length, total - 1)
      mock.timers.tick(1)
      await settle()
      assert.equal(dialled.length, total)
    }
    assert.equal(failures.length, 4)
    up = true
    mock.timers.tick(16_000)
    await settle()
    assert.equal(connected, true)
    redial.stop()
  })

  it('leaves a connected seed alone, and returns when it is lost', async () => {
    up = true
    const redial = createRedial(parts, [SEED])
    redial.start()
    await settle()
    for (let i = 0; i < 5; i++) {
      mock.timers.tick(1_000)
      await settle()
    }
    assert.equal(dialled.length, 1)
    connected = false
    mock.timers.tick(1_000)
    await settle()
    assert.equal(dialled.length, 2)
    redial.stop()
  })

  it('does nothing after it was stopped', async () => {
    const redial = createRedial(parts, [SEED])
    redial.start()
    redial.stop()
    await settle()
    mock.timers.tick(60_000)
    await settle()
    assert.equal(dialled.length, 1)
  })
})
