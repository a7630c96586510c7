/** What publishing, finding and following cost between real nodes, all of them in this one process. */
import { setImmediate as turn } from 'node:timers/promises'
import { REPUBLISH_MS } from '../../../registry/constants.ts'
import { kadRecordNetwork } from '../../../registry/dht/kad.ts'
import { homeKey } from '../../../registry/home/record.ts'
import { link, listOf } from '../../registry/helpers.ts'
import { createHomesNet, type HomesNet, type NetNode } from '../../support/homes-net.ts'
import { untilTrue } from '../../support/until.ts'
import { median, medianUs } from '../kit/median.ts'
import type { Row } from '../kit/report.ts'

const NODES = 21
const USERS = 18
const MOVES = 100
const NAMES = 1_000

const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(60_000) })
const p99 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!

export async function homes(): Promise<Row[]> {
  const net = await createHomesNet()
  try {
    for (let number = 0; number < NODES; number++) {
      const node = await net.add()
      if (number > 0) await net.connect(node, net.nodes[0]!)
    }
    await untilTrue(() => net.nodes.every((node) => node.table() === NODES - 1), 120_000)
    return [await coldResolve(net), await followed(net), await heads(net), await republish(net)]
  } finally {
    await net.stop()
  }
}

/** Of users whom the reader has never seen, each once; beside the get of kad-dht alone, by another reader. */
async function coldResolve({ nodes }: HomesNet): Promise<Row> {
  const [reader, other, ...users] = nodes as [NetNode, NetNode, ...NetNode[]]
  const [ours, bare]: [number[], number[]] = [[], []]
  for (const [index, { registry, user }] of users.slice(0, USERS).entries()) {
    await registry.publish(listOf('forum', 'chat', 'wiki'), soon())
    const measures = [
      async () => void ours.push(await msOf(() => reader.registry.resolve(user, soon()))),
      async () => void bare.push(await msOf(() => bareGet(other, homeKey(user)))),
    ]
    for (const measure of index % 2 === 0 ? measures : measures.reverse()) await measure()
  }
  const peer = { peer: 'a bare kad-dht get', peerValue: median(bare) }
  return { name: 'cold resolve, 20 nodes', value: median(ours), unit: 'ms', ...peer }
}

/** As kad-dht's own `get` does: until all are asked, and the best chosen. */
async function bareGet({ node }: NetNode, key: Uint8Array): Promise<void> {
  for await (const event of node.libp2p.services.dht.get(key, soon())) if (event.name === 'VALUE') return
}

async function followed({ nodes }: HomesNet): Promise<Row> {
  const [reader, , owner] = nodes as [NetNode, NetNode, NetNode]
  await reader.follows.follow({ name: `~${owner.user}` }, soon())
  const { source } = await reader.registry.resolve(owner.user, soon())
  if (source !== 'push') throw new Error(`it was answered by ${source}`)
  const value = (await medianUs(() => reader.registry.resolve(owner.user, soon()), { times: 500 })) / 1_000
  const network = kadRecordNetwork(reader.node.libp2p.services.dht)
  const first = await msOf(async () => {
    for await (const _ of network.get(homeKey(owner.user), soon())) return
  })
  return { name: 'resolve, followed', value, unit: 'ms', peer: 'the first answer of the DHT', peerValue: first }
}

/** From the move until the last of twenty followers knows of it: the 99th percentile. */
async function heads({ nodes }: HomesNet): Promise<Row> {
  const [owner, ...followers] = nodes as [NetNode, ...NetNode[]]
  await owner.registry.publish(listOf('forum'), soon())
  await Promise.all(followers.map(({ follows }) => follows.follow({ name: `~${owner.user}` }, soon())))
  const service = link('forum')
  const knows = (node: NetNode, seq: number): boolean => node.homes.heads.get(owner.peer, service)?.seq === seq
  const ours: number[] = []
  for (let seq = 1; seq <= MOVES; seq++) {
    const waiting = new Set(followers)
    const started = performance.now()
    owner.move(service, link(`commit ${seq}`), seq)
    while (waiting.size > 0) {
      await turn()
      for (const node of waiting) {
        if (!knows(node, seq)) continue
        waiting.delete(node)
        if (seq > 1) ours.push(performance.now() - started)
      }
      if (performance.now() - started > 30_000) throw new Error(`${waiting.size} followers did not hear of it`)
    }
    // the next one is told at once, not after the gap
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  const peer = { peer: 'the second that it may take', peerValue: 1_000 }
  return { name: 'head to 20 followers, p99', value: p99(ours), unit: 'ms', ...peer }
}

/** Time on the processor of all 21 nodes together, for what one of them has to do in each interval. */
async function republish({ nodes }: HomesNet): Promise<Row> {
  const owner = nodes[5]!
  const list = listOf(...Array.from({ length: NAMES }, (_, number) => `service-${number}`))
  await owner.registry.publish(list, soon())
  const times = 5
  const before = process.cpuUsage()
  for (let time = 0; time < times; time++) await owner.registry.publish(list, soon())
  const { user, system } = process.cpuUsage(before)
  const share = (100 * (user + system)) / 1_000 / times / REPUBLISH_MS
  const peer = { peer: 'the share that it may take', peerValue: 5 }
  return { name: 'republish 1,000 names', value: share, unit: '% of a core', ...peer }
}

async function msOf(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await run()
  return performance.now() - started
}
