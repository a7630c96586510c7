/** What it costs that one service calls another: on one node, where both are one batch on the disk, and down a chain of nodes. */
import type { CID } from 'multiformats/cid'
import type { ResolveService } from '../../../daemon/calls/names/resolve.ts'
import { createCheckAnswer } from '../../../daemon/calls/receipt/receipt.ts'
import { createAnswers } from '../../../daemon/calls/remote/answers.ts'
import { createRemote, type Remote } from '../../../daemon/calls/remote/remote.ts'
import type { Internode } from '../../../protocol/types.ts'
import { importing, live } from '../../calls/tree-kit.ts'
import { createTestnet, type TestNode, type Testnet } from '../../protocol/nodes.ts'
import { type Host, startHost, verify } from '../../support/host.ts'
import { medianUs } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'

const COUNTER = 'let n = 0\nexport function add(by: number): number { return n += by }'
/** A service that asks the next one once, and one that does as much without. */
const asking = (name: string): string => `${importing({ [name]: ['add'] })}
let n = 0
export async function add(by: number): Promise<number> { n += by; return ${name}$add(by) }`
const ALONE = 'let n = 0\nexport async function add(by: number): Promise<number> { n += by; return n }'
const checkAnswer = createCheckAnswer(verify)
const never = new AbortController().signal
const TIMES = { times: 300, warm: 300 }

const call = (host: Host, service: CID) => medianUs(() => host.call(service, 'add', [1]), TIMES)

/** One durable call to A, which makes one to B; beside a durable call to B. */
export async function onOneNode(): Promise<Row> {
  const host = await startHost()
  try {
    const b = await host.serve(COUNTER, { as: 'b' })
    const a = await host.serve(asking('b'), { as: 'a', imports: [await live(host, 'b', b)] })
    const [alone, both] = [await call(host, b), await call(host, a)]
    const again = (await call(host, b)) + alone
    return row('ask-one-node', both, 'durable call of B', again / 2)
  } finally {
    await host.stop()
  }
}

/** A user calls A on another node, which calls B on a third, which calls C on a fourth; beside the sum of the three hops, each by itself. */
export async function threeRemote(): Promise<Row> {
  const net = createTestnet()
  const nodes = await Promise.all([0, 1, 2, 3].map(() => joined(net)))
  try {
    for (const a of nodes) for (const b of nodes) if (a !== b) await net.introduce(a.node.node, b.node.node)
    const [, first, second, third] = nodes.map(({ host }) => host) as [Host, Host, Host, Host]
    const c = await third.serve(COUNTER, { as: 'c' })
    know(nodes, 'c', c, third)
    const b = await second.serve(asking('c'), { as: 'b', imports: [await live(third, 'c', c)] })
    know(nodes, 'b', b, second)
    const a = await first.serve(asking('b'), { as: 'a', imports: [await live(second, 'b', b)] })
    const hop = async (from: Joined, to: Host, service: CID): Promise<number> =>
      medianUs(async () => {
        const envelope = await from.host.sign(service, 'add', [1])
        const host = to.identity.peerId
        const answer = await from.remote.call(host, envelope, { signal: never })
        return checkAnswer(answer, { envelope, service, host })
      }, TIMES)
    const plain = await Promise.all([first, second, third].map((host) => host.serve(ALONE, { as: 'plain' })))
    let sum = 0
    for (const [i, host] of [first, second, third].entries()) sum += await hop(nodes[i]!, host, plain[i]!)
    const chain = await hop(nodes[0]!, first, a)
    return row('chain-of-three-remote', chain, 'the sum of its hops', sum)
  } finally {
    await net.stop()
    await Promise.all(nodes.map(({ host }) => host.stop()))
  }
}

interface Joined {
  host: Host
  node: TestNode
  remote: Remote
  known: Map<string, { service: CID; host: string }>
  peers: Map<string, string>
}

/** A host with a node of its own. */
async function joined(net: Testnet): Promise<Joined> {
  const known: Joined['known'] = new Map()
  const peers: Joined['peers'] = new Map()
  const handlers = {}
  const node = await net.create(handlers)
  const to = (peer: string): string => peers.get(peer) ?? peer
  const internode = {
    request: ((peer, ...rest) => node.internode.request(to(peer), ...rest)) as Internode['request'],
    stream: node.internode.stream,
  }
  const made: { remote?: Remote } = {}
  const resolveService: ResolveService = async (name) => known.get(name.split('@')[0]!) as never
  const remote: Pick<Remote, 'call' | 'query'> = {
    call: (...given) => made.remote!.call(...given),
    query: (...given) => made.remote!.query(...given),
  }
  const host = await startHost({ remote, resolveService })
  made.remote = createRemote(internode, host.identity)
  Object.assign(handlers, createAnswers({ ...host, log: console.error }))
  return { host, node, remote: made.remote, known, peers }
}

function know(nodes: readonly Joined[], name: string, service: CID, host: Host): void {
  for (const one of nodes) {
    one.known.set(`local.land/_/${name}`, { service, host: host.identity.peerId })
    for (const other of nodes) one.peers.set(other.host.identity.peerId, other.node.peer)
  }
}

const row = (name: string, us: number, peer: string, peerUs: number): Row => ({
  name,
  value: us / 1000,
  unit: 'ms',
  peer,
  peerValue: peerUs / 1000,
})
