/** A network of twenty that falls apart and heals, with one user who publishes in both halves meanwhile. */
import assert from 'node:assert/strict'
import { createHomesNet, type HomesNet, type NetNode } from '../support/homes-net.ts'
import { until, untilTrue } from '../support/until.ts'
import { listOf } from './helpers.ts'

const HALF = 10

describe('a network that was split in halves', function () {
  this.timeout(150_000)
  let net: HomesNet
  let halves: NetNode[][]

  before(async () => {
    net = await createHomesNet()
    halves = []
    for (const half of ['left', 'right']) {
      const nodes: NetNode[] = []
      for (let number = 0; number < HALF; number++) {
        // the second node of each half works for the same user
        nodes.push(await net.add(number === 1 ? { user: 'both' } : { user: `${half}-${number}` }))
        if (number > 0) await net.connect(nodes[number]!, nodes[0]!)
      }
      halves.push(nodes)
    }
    await untilTrue(() => halves.flat().every((node) => node.table() >= HALF - 1))
  })
  after(() => net.stop())

  const soon = (): { signal: AbortSignal } => ({ signal: AbortSignal.timeout(20_000) })
  const seen = async (node: NetNode, user: string) => {
    const { record, home, services } = await node.registry.resolve(user, { ...soon(), fresh: true })
    return {
      seq: record.seq,
      nodes: home.nodes.length,
      services: services
        .map(({ name }) => name)
        .sort()
        .join(),
    }
  }

  it('comes to one home everywhere when it heals, in which what both published is found', async () => {
    const [left, right] = halves as [NetNode[], NetNode[]]
    const { user } = left[1]!
    await Promise.all([
      left[1]!.registry.publish(listOf('forum'), soon()),
      right[1]!.registry.publish(listOf('chat'), soon()),
    ])
    assert.equal((await seen(left[5]!, user)).services, 'forum')
    assert.equal((await seen(right[5]!, user)).services, 'chat')

    await net.connect(left[0]!, right[0]!)
    const all = halves.flat()
    const answers = await until(
      () => Promise.all(all.map((node) => seen(node, user).catch(() => undefined))),
      (found) => found.every((one) => one?.services === 'chat,forum' && one.seq === found[0]!.seq),
      110_000,
    )

    assert.deepEqual(new Set(answers.map((one) => one!.nodes)), new Set([2]))
  })
})
