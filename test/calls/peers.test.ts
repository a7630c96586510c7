/** What a node knows of those it is connected to, and how long they take: real nodes over TCP. */
import assert from 'node:assert/strict'
import { createPeers } from '../../daemon/calls/remote/peers.ts'
import { createPing } from '../../daemon/calls/remote/ping.ts'
import type { Target } from '../../daemon/calls/types.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { createTestnet, type TestNode, type Testnet } from '../protocol/nodes.ts'
import { untilTrue } from '../support/until.ts'

const { signal } = new AbortController()
const handlers = { ping: async () => ({}) }
const nodeTarget = (...peers: string[]): Target => ({ kind: 'node', name: 'x', peers, source: 'name', age: 0 })

describe('peers', () => {
  let net: Testnet
  let a: TestNode
  let b: TestNode
  before(async () => {
    net = createTestnet()
    ;[a, b] = await Promise.all([net.create(handlers), net.create(handlers, { agent: 'amigos/9' })])
    await net.introduce(a.node, b.node)
  })
  after(() => net.stop())

  it('are none on a lone node', () => {
    assert.deepEqual(createPeers(a)(), [])
  })

  it('are told with what passes between them, on both sides', async () => {
    for (let i = 0; i < 3; i++) await a.internode.request(b.peer, 'ping', {}, { signal })
    await untilTrue(() => createPeers(b)()[0]?.agent === 'test/1')
    const [there] = createPeers(a)()
    const [here] = createPeers(b)()
    assert.deepEqual(
      [there!.peerId, there!.agent, there!.direction, there!.relayed, there!.internode],
      [b.peer, 'amigos/9', 'outbound', false, true],
    )
    assert.deepEqual([here!.direction, here!.offences, here!.inFlight], ['inbound', 0, 0])
    assert.ok(there!.sent.frames >= 4, 'a hello and three requests')
    assert.deepEqual(there!.sent, here!.received)
    assert.deepEqual(there!.received, here!.sent)
    assert.ok(there!.addresses[0]!.endsWith(b.peer))
  })

  it('are known by their offences', async () => {
    const { internode } = a
    const conduct = (): { offences: number; refusedMs: number } => ({ offences: 2, refusedMs: 0 })
    const [peer] = createPeers({ node: a.node, internode: { sessions: () => internode.sessions(), conduct } })()
    assert.equal(peer!.offences, 2)
    assert.deepEqual(internode.conduct(b.peer), { offences: 0, refusedMs: 0 })
  })

  describe('that are pinged', () => {
    const pingOf = (target: Target, internode = a.internode) => createPing({ internode, resolve: async () => target })

    it('answer each time, and the conversation is opened before it counts', async () => {
      const seen: number[] = []
      const onProgress = ({ done }: { done: number }): unknown => seen.push(done)
      const { min, avg, max, ...rest } = await pingOf(nodeTarget(b.peer))(
        { name: 'b', count: 3 },
        { signal, onProgress },
      )
      assert.deepEqual(rest, { peerId: b.peer, sent: 3, lost: 0 })
      assert.ok(0 < min! && min! <= avg! && avg! <= max!)
      assert.deepEqual(seen, [0, 1, 2])
    })

    it('are those that can be reached, of several', async () => {
      const { peerId } = await pingOf(nodeTarget(a.peer, b.peer))({ name: 'b', count: 1 }, { signal })
      assert.equal(peerId, b.peer)
      await assert.rejects(pingOf(nodeTarget(a.peer))({ name: 'a' }, { signal }), { code: 'PEER_UNREACHABLE' })
    })

    it('may not answer: that is counted, and what else they say is passed on', async () => {
      const answers = ['', 'TIMED_OUT', '', 'CONNECTION_LOST', 'UNKNOWN_METHOD']
      const request = async (): Promise<unknown> => {
        const code = answers.shift()!
        if (code !== '') throw new ProtocolError(code, code)
        return {}
      }
      const ping = createPing({ internode: { request }, resolve: async () => nodeTarget('b') })
      assert.equal((await ping({ name: 'b', count: 3 }, { signal })).lost, 2)
      await assert.rejects(ping({ name: 'b', count: 1 }, { signal }), { code: 'UNKNOWN_METHOD' })
      answers.push('', 'TIMED_OUT')
      const none = await ping({ name: 'b', count: 1 }, { signal })
      assert.deepEqual(none, { peerId: 'b', sent: 1, lost: 1, min: null, avg: null, max: null })
    })

    it('end when whoever asked has gone', async () => {
      const leaving = new AbortController()
      const request = async (): Promise<unknown> => {
        leaving.abort()
        return {}
      }
      const ping = createPing({ internode: { request }, resolve: async () => nodeTarget('b') })
      await assert.rejects(ping({ name: 'b', count: 3 }, { signal: leaving.signal }), { code: 'CANCELLED' })
    })
  })
})
