/** Services that call each other in a circle, on one node and across several: refused at once, with the chain, and the contract can go on. */
import assert from 'node:assert/strict'
import { CID } from 'multiformats/cid'
import { resultOf } from '../support/host.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'
import { serveWalkers } from './tree-walker.ts'

describe('services that call each other in a circle', () => {
  let peers: Peers
  let n1: Peer
  let ids: Record<string, string>

  /** a and b are here, c is elsewhere, as is d, on a third node. */
  before(async () => {
    peers = createPeers()
    const [one, two, three] = [await peers.join(), await peers.join(), await peers.join()]
    n1 = one
    ids = await serveWalkers({ a: one, b: one, c: two, d: three })
  })
  after(() => peers.stop())

  const home = (name: string): Peer['host'] =>
    [...peers.directory.values()].find(({ service }) => service.toString() === ids[name])!.home
  const counts = (): Promise<unknown[]> =>
    Promise.all(Object.keys(ids).map((name) => home(name).query(CID.parse(ids[name]!), 'count')))

  /** What `a` is told, with the names of services in place of their IDs. */
  const walk = async (...path: string[]): Promise<string> => {
    const text = String(resultOf(await n1.host.call(CID.parse(ids['a']!), 'walk', [path])))
    return Object.entries(ids).reduce((all, [name, id]) => all.replaceAll(id, name), text)
  }

  const CIRCLES: Record<string, { path: string[]; chain: string; done: string }> = {
    'a service that calls itself': { path: ['a'], chain: 'a -> a', done: 'a' },
    'two of one node': { path: ['b', 'a'], chain: 'a -> b -> a', done: 'ab' },
    'two of two nodes': { path: ['c', 'a'], chain: 'a -> c -> a', done: 'ac' },
    'three of two nodes': { path: ['b', 'c', 'a'], chain: 'a -> b -> c -> a', done: 'abc' },
    'three of three nodes': { path: ['c', 'd', 'a'], chain: 'a -> c -> d -> a', done: 'acd' },
    'not the first of them': { path: ['c', 'd', 'c'], chain: 'a -> c -> d -> c', done: 'acd' },
  }
  for (const [name, { path, chain, done }] of Object.entries(CIRCLES)) {
    it(`is refused: ${name}`, async () => {
      const before = await counts()
      const told = await walk(...path)
      assert.match(told, /^ImportError CALL_CYCLE /)
      assert.ok(told.includes(`: ${chain}`), told)
      const wanted = Object.keys(ids).map((one, i) => (before[i] as number) + Number(done.includes(one)))
      assert.deepEqual(await counts(), wanted)
    })

    it(`fails the call that does not catch it: ${name}`, async () => {
      const before = await counts()
      const [first, ...rest] = path.map((one) => `${one}!`)
      // what another node has done stays, and nothing is here
      await assert.rejects(walk(first!, ...rest), (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONTRACT_THREW')
        return error.message.includes('in a circle')
      })
      assert.deepEqual(await counts(), before)
    })
  }

  it('is refused where one of its own node is called through another one', async () => {
    const before = await counts()
    // b belongs to what a did here, which waits for c
    assert.equal(await walk('b'), 'end')
    const told = await walk('b+c', 'b')
    const [here, there] = told.split(' and ')
    assert.match(here!, /CALL_CYCLE .*a -> b -> b/)
    assert.match(there!, /CALL_CYCLE .*a -> c -> b/)
    assert.equal((await counts())[2], (before[2] as number) + 1)
  })

  it('is no circle where two call the same one', async () => {
    const before = (await counts())[3] as number
    assert.equal(await walk('b-c', 'd'), 'end and end')
    assert.equal((await counts())[3], before + 2)
  })

  it('is refused in questions as well', async () => {
    const look = async (path: string[]): Promise<string> =>
      String(await n1.host.query(CID.parse(ids['a']!), 'look', [path]))
    for (const path of [['a'], ['b', 'a'], ['c', 'a'], ['c', 'd', 'c']]) assert.match(await look(path), /CALL_CYCLE/)
    assert.equal(await look(['b-c', 'd']), 'end and end')
  })
})
