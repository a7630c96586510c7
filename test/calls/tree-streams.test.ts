/** Queries that are consumed item by item, whose items ask other services. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { resultOf } from '../support/host.ts'
import { COUNTER, importing } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const ASKER = `${importing({ near: ['add', 'read'], far: ['add', 'read'] })}
let n = 0
export async function run(): Promise<void> { n++; await near$add(1); await far$add(10) }
/** @query */
export async function* items(last: number): AsyncGenerator<number[]> {
  const first = await far$read()
  for (let i = 0; i < last; i++) yield [n, i, first, ...(await Promise.all([near$read(), far$read()])), Math.floor(Math.random())]
}
/** @query */
export async function* careful(): AsyncGenerator<string> {
  for (;;) { try { await far$add(-1); yield 'done' } catch (error: any) { yield error.code } }
}
`

describe('items that ask other services', () => {
  let peers: Peers
  let n1: Peer
  let n2: Peer
  let near: CID
  let asker: CID

  before(async () => {
    peers = createPeers()
    ;[n1, n2] = [await peers.join(), await peers.join()]
    await n2.serve('far', COUNTER)
    near = await n1.serve('near', COUNTER)
    asker = await n1.serve('asker', ASKER, ['near', 'far'])
  })
  after(() => peers.stop())

  const stream = async function* (by: Peer, method: string, args: Json[] = [], at?: CID): AsyncGenerator<Json> {
    const question = { service: asker, method, args: encodeArguments(args), at }
    const signal = AbortSignal.timeout(20_000)
    const caller = n1.host.identity.user
    const items =
      by === n1
        ? n1.host.stream({ ...question, caller }, { from: 'local', signal })
        : by.remote.stream(n1.node.peer, question, { signal })
    for await (const item of items) yield resultOf(item)
  }
  const all = async (items: AsyncIterable<Json>): Promise<Json[]> => Array.fromAsync(items)

  it('get their answers, here and for whoever asks from elsewhere', async () => {
    const { commit } = await n1.host.call(asker, 'run')
    const wanted = [0, 1, 2].map((i) => [1, i, 10, 1, 10, 0])
    assert.deepEqual(await all(stream(n1, 'items', [3])), wanted)
    assert.deepEqual(await all(stream(n2, 'items', [3])), wanted)
    // as an array, too
    assert.deepEqual(await n1.host.query(asker, 'items', [3]), wanted)

    // at a commit of its own; the others are as they are now
    await n1.host.call(asker, 'run')
    assert.deepEqual(
      await all(stream(n1, 'items', [2], commit)),
      [0, 1].map((i) => [1, i, 20, 2, 20, 0]),
    )
    assert.deepEqual(
      await all(stream(n2, 'items', [2], commit)),
      [0, 1].map((i) => [1, i, 20, 2, 20, 0]),
    )
  })

  it('see what others did between two of them', async () => {
    const items = stream(n1, 'items', [2])
    const [, , first, before] = (await items.next()).value as number[]
    await n1.host.call(near, 'add', [5])
    assert.deepEqual((await items.next()).value, [2, 1, first, before! + 5, first, 0])
    assert.equal((await items.next()).done, true)
  })

  it('catch what is refused', async () => {
    const items = stream(n1, 'careful')
    assert.deepEqual([(await items.next()).value, (await items.next()).value], ['CONTRACT_THREW', 'CONTRACT_THREW'])
    await items.return(undefined)
  })
})
