/** Pulling, when there is much of it: several at once, and long histories. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import type { Client } from '../../daemon/api/types.ts'
import { MAX_HISTORY_PAGE } from '../../daemon/calls/constants.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const COUNTER = join(import.meta.dirname, '../../examples/counter')

describe('pulling', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let his: Client
  let hers: Client
  const names: string[] = []

  before(async () => {
    folder = await tempFolder()
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'))
    for (const name of ['one', 'two', 'three']) {
      names.push((await alice.run<{ name: string }>('publish', COUNTER, '--as', name)).name)
    }
    await bob.run('connect', alice.info.addresses[0]!)
    his = createClient({ home: bob.info.home })
    hers = createClient({ home: alice.info.home })
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  it('works for several services with the same blocks at once, and for the same service twice', async () => {
    const pulled = await Promise.all([...names, ...names].map((name) => his.request('pull', { name })))
    assert.deepEqual(
      pulled.map(({ trust }) => trust),
      pulled.map(() => 'signed'),
    )
    assert.equal(new Set(pulled.map(({ service }) => service)).size, names.length)
  })

  it('brings a long history, and the next time only what is new', async () => {
    const name = names[0]!
    const many = MAX_HISTORY_PAGE + 100
    const call = { name: 'local.land/_/one', method: 'increment', args: [] }
    // one after the other: calls that come together share a commit
    for (let i = 0; i < many; i++) await hers.request('call', call)

    const first = await his.request('pull', { name })
    assert.ok(first.blocks >= many, `${first.blocks} blocks`)
    assert.equal((await his.request('pull', { name })).blocks, 0)
    await hers.request('call', call)
    const { blocks } = await his.request('pull', { name })
    assert.ok(blocks >= 1 && blocks <= 3, `${blocks} blocks for one commit`)
  })

  it('leaves a copy that answers for every commit of the past, without its host', async () => {
    await alice.kill()
    const at = async (commit?: string): Promise<unknown> => {
      const params = { name: names[0]!, method: 'current', args: [], ...(commit && { at: commit }) }
      return (await his.request('query', params)).result
    }
    assert.equal(await at(), MAX_HISTORY_PAGE + 101)

    alice = await startNode(alice.info.home)
    await bob.run('connect', alice.info.addresses[0]!)
    await hers.request('call', { name: 'local.land/_/one', method: 'increment', args: [] })
    await his.request('pull', { name: names[0]! })
    await alice.kill()
    assert.equal(await at(), MAX_HISTORY_PAGE + 102, 'a copy that is open follows the next pull')
  })

  it('brings what is left of a history that its host has pruned, to newcomers and to those who were there before', async () => {
    alice = await startNode(alice.info.home)
    const [name] = names
    const local = 'local.land/_/one'
    const before = await hers.request('log', { name: local, limit: 1 })
    const pruned = await hers.request('prune', { name: local, keep: { checkpoints: 1 } })
    assert.ok(pruned.commits > 500 && pruned.freed > 100_000, JSON.stringify(pruned))
    const log = await hers.request('log', { name: local, limit: 1_000 })
    assert.deepEqual([log.commits.at(-1)?.commit, log.more], [pruned.base, false])
    assert.equal(log.commits[0]?.commit, before.commits[0]?.commit)
    assert.equal(
      (await hers.request('call', { name: local, method: 'increment', args: [] })).result,
      MAX_HISTORY_PAGE + 103,
    )

    const carol = await startNode(join(folder.path, 'carol'))
    try {
      const its = createClient({ home: carol.info.home })
      for (const node of [bob, carol]) await node.run('connect', alice.info.addresses[0]!)
      for (const client of [his, its]) {
        const { trust, commit } = await client.request('pull', { name: name! })
        assert.equal(trust, 'signed')
        assert.equal(commit, (await hers.request('log', { name: local, limit: 1 })).commits[0]?.commit)
      }
      // and whatever comes after
      const { commit: next } = await hers.request('call', { name: local, method: 'increment', args: [] })
      for (const client of [his, its]) assert.equal((await client.request('pull', { name: name! })).commit, next)
      // and what goes back to before the oldest commit of a copy, there and back again
      const oldest = await hisOldest()
      await his.request('prune', { name: name!, keep: { checkpoints: 1 } })
      // bitswap sends a block to a peer once in some seconds
      await alice.kill()
      alice = await startNode(alice.info.home)
      for (const node of [bob, carol]) await node.run('connect', alice.info.addresses[0]!)
      for (const commit of [pruned.base, next]) {
        const { commit: back } = await hers.request('rollback', { name: local, commit })
        for (const client of [his, its]) assert.equal((await client.request('pull', { name: name! })).commit, back)
      }
      await alice.kill()
      for (const client of [his, its])
        assert.equal(
          (await client.request('query', { name: name!, method: 'current', args: [] })).result,
          MAX_HISTORY_PAGE + 104,
        )
      // who never had the older part is told so
      const old = before.commits[0]!.parent!
      const gone = its.request('query', { name: name!, method: 'current', args: [], at: oldest ?? old })
      await assert.rejects(gone, { code: 'PRUNED' })
    } finally {
      await carol.kill()
    }
  })

  const hisOldest = async (): Promise<string | undefined> =>
    (await his.request('log', { name: names[0]!, limit: 1_000 })).commits.at(-1)?.commit
})
