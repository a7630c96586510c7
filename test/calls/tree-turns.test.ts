/** Trees of calls that want the same services in different orders: each of them ends, and each takes effect once. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { resultOf } from '../support/host.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'
import { serveWalkers } from './tree-walker.ts'

describe('trees of calls that want the same services', () => {
  let peers: Peers
  let n1: Peer
  let n2: Peer
  let ids: Record<string, string>
  const homes: Record<string, Peer> = {}
  const ROOTS = Array.from({ length: 10 }, (_, i) => `r${i}`)

  before(async () => {
    peers = createPeers()
    ;[n1, n2] = [await peers.join(), await peers.join()]
    Object.assign(homes, { a: n1, b: n1, c: n1, d: n2, e: await peers.join() })
    for (const [i, root] of ROOTS.entries()) homes[root] = i < 7 ? n1 : n2
    ids = await serveWalkers(homes)
  })
  after(() => peers.stop())

  const of = (name: string): CID => CID.parse(ids[name]!)
  const count = async (name: string): Promise<number> => (await homes[name]!.host.query(of(name), 'count')) as number
  const counts = (names: readonly string[]): Promise<number[]> => Promise.all(names.map(count))
  const walk = async (root: string, ...path: string[]): Promise<unknown> =>
    resultOf(await homes[root]!.host.call(of(root), 'walk', [path]))

  it('end on one node, in opposite orders', async () => {
    const before = await counts(['a', 'b'])
    const rounds = Array.from({ length: 5 }, () => [walk('r0', 'a+b'), walk('r1', 'b+a')]).flat()
    for (const told of await Promise.all(rounds)) assert.equal(told, 'end and end')
    assert.deepEqual(
      await counts(['a', 'b']),
      before.map((n) => n + 10),
    )
  })

  it('end on two nodes, in opposite orders', async () => {
    const before = await counts(['a', 'd'])
    const rounds = Array.from({ length: 5 }, () => [walk('r0', 'a+d'), walk('r9', 'd+a')]).flat()
    for (const told of await Promise.all(rounds)) assert.equal(told, 'end and end')
    assert.deepEqual(
      await counts(['a', 'd']),
      before.map((n) => n + 10),
    )
  })

  it('end where two branches of one tree want each other’s services', async () => {
    const before = await counts(['d', 'e'])
    // d has e and itself called, e itself and d: one of the two comes first
    for (const root of ['r0', 'r1', 'r2']) {
      const told = String(await walk(root, 'd-e', 'd-e'))
      assert.match(told, /^ImportError CALL_CYCLE .* and end and end and ImportError CALL_CYCLE/)
    }
    assert.deepEqual(
      await counts(['d', 'e']),
      before.map((n) => n + 6),
    )
  })

  it('end where many want three services in any order', async () => {
    const before = await counts(['a', 'b', 'c'])
    const orders = ['a+b+c', 'a+c+b', 'b+a+c', 'b+c+a', 'c+a+b', 'c+b+a', 'a-b-c', 'b-a+c']
    const trees = Array.from({ length: 20 }, (_, i) => walk(`r${i % 7}`, orders[randomInt(orders.length)]!))
    for (const told of await Promise.all(trees)) assert.equal(told, 'end and end and end')
    assert.deepEqual(
      await counts(['a', 'b', 'c']),
      before.map((n) => n + 20),
    )
  })

  it('end where some of them are elsewhere', async () => {
    const names = ['a', 'b', 'd']
    const before = await counts(names)
    const orders = ['a+b+d', 'a+d+b', 'b+a+d', 'b+d+a', 'd+a+b', 'd+b+a', 'a-b-d', 'd-a+b']
    const trees = Array.from({ length: 20 }, (_, i) => walk(`r${i % 10}`, orders[randomInt(orders.length)]!))
    for (const told of await Promise.all(trees)) assert.equal(told, 'end and end and end')
    assert.deepEqual(
      await counts(names),
      before.map((n) => n + 20),
    )
  })
})
