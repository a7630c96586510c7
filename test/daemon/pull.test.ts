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
})
