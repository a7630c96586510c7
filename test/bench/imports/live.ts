/** What it costs that one service calls another: on one node, where both are one batch on the disk, and down a chain of nodes. */
import type { CID } from 'multiformats/cid'
import { createCheckAnswer } from '../../../daemon/calls/receipt/receipt.ts'
import { importing, live } from '../../calls/tree-kit.ts'
import { createPeers, type Peer } from '../../calls/tree-nodes.ts'
import { type Host, startHost, verify } from '../../support/host.ts'
import { median, medianUs } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'

const COUNTER = 'let n = 0\nexport function add(by: number): number { return n += by }'
/** A service that asks the next one once, or often at a time; and one that does as much without. */
const asking = (name: string): string => `${importing({ [name]: ['add'] })}
let n = 0
export async function add(by: number): Promise<number> { n += by; return ${name}$add(by) }
export async function often(times: number): Promise<number> {
  n++
  return (await Promise.all(Array.from({ length: times }, () => ${name}$add(1)))).length
}`
const ALONE = 'let n = 0\nexport async function add(by: number): Promise<number> { n += by; return n }'
const checkAnswer = createCheckAnswer(verify)
const never = new AbortController().signal
const TIMES = { times: 300, warm: 300 }
/** as many as a call may make */
const ASKS = 64

const call = (host: Host, service: CID) => medianUs(() => host.call(service, 'add', [1]), TIMES)

/** One durable call to A, which makes one to B, or many; beside as many durable calls to B, one after the other. */
export async function onOneNode(): Promise<Row[]> {
  const host = await startHost()
  try {
    const b = await host.serve(COUNTER, { as: 'b' })
    const a = await host.serve(asking('b'), { as: 'a', imports: [await live(host, 'b', b)] })
    const [before, both] = [await call(host, b), await call(host, a)]
    const alone = ((await call(host, b)) + before) / 2
    const many = await medianUs(() => host.call(a, 'often', [ASKS]), { times: 20, warm: 10 })
    return [
      row('ask-one-node', both, 'durable call of B', alone),
      row('ask-64-one-node', many, '64 durable calls of B', alone * ASKS),
    ]
  } finally {
    await host.stop()
  }
}

/**
 * A user calls A on another node, which calls B on a third, which calls C on a fourth; beside the sum of the three hops. Each round makes the hops
 * by themselves, one after the other, and then the chain: a node that was asked a moment ago is faster than one that rested.
 */
export async function threeRemote(): Promise<Row> {
  const peers = createPeers()
  try {
    const user = await peers.join()
    const [first, second, third] = [await peers.join(), await peers.join(), await peers.join()]
    await third.serve('c', COUNTER)
    await second.serve('b', asking('c'), ['c'])
    const chain = hop(user, first, await first.serve('a', asking('b'), ['b']))
    const path = [user, first, second, third]
    const hops: (() => Promise<void>)[] = []
    for (const [i, to] of path.slice(1).entries()) hops.push(hop(path[i]!, to, await to.serve(`plain-${i}`, ALONE)))
    const taken = { hops: [] as number[], chain: [] as number[] }
    for (let i = 0; i < TIMES.warm + TIMES.times; i++) {
      const began = performance.now()
      for (const one of hops) await one()
      const between = performance.now()
      await chain()
      if (i < TIMES.warm) continue
      taken.hops.push(between - began)
      taken.chain.push(performance.now() - between)
    }
    const [value, peerValue] = [median(taken.chain), median(taken.hops)]
    return row('chain-of-three-remote', value * 1000, 'the sum of its hops', peerValue * 1000)
  } finally {
    await peers.stop()
  }
}

/** A call from one node to another, as users make it: signed, sent, its proof checked. */
const hop =
  (from: Peer, { host: { identity } }: Peer, service: CID): (() => Promise<void>) =>
  async () => {
    const envelope = await from.host.sign(service, 'add', [1])
    const answer = await from.remote.call(identity.peerId, envelope, { signal: never })
    await checkAnswer(answer, { envelope, service, host: identity.peerId })
  }

const row = (name: string, us: number, peer: string, peerUs: number): Row => ({
  name,
  value: us / 1000,
  unit: 'ms',
  peer,
  peerValue: peerUs / 1000,
})
