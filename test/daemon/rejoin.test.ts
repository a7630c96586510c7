/** A node that comes back when its bootstrap peer is gone: real processes. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

describe('a node without its bootstrap peer', function () {
  this.timeout(90_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let seed: RunningNode
  let bob: RunningNode
  let host: RunningNode

  before(async () => {
    folder = await tempFolder('rejoin')
    const contract = join(folder.path, 'counter')
    await mkdir(contract)
    await writeFile(join(contract, 'amigo.yaml'), 'name: counter\nversion: 0.1.0\nmain: main.ts\n')
    await writeFile(join(contract, 'main.ts'), 'let n = 0\nexport function next(): number { return ++n }\n')
    seed = await startNode(join(folder.path, 'seed'))
    const flags = ['--bootstrap', seed.info.addresses[0]!]
    bob = await startNode(join(folder.path, 'bob'), flags)
    host = await startNode(join(folder.path, 'host'), flags)
    await host.run('publish', contract)
    // they know each other through the seed
    for (const node of [bob, host]) {
      await until(
        () => node.run<{ peers: number }>('status'),
        ({ peers }) => peers >= 2,
      )
    }
  })
  after(async () => {
    await Promise.all([seed?.kill(), bob?.kill(), host?.kill()])
    await folder.remove()
  })

  it('goes back to the peers that it remembers, on another port, and is called again', async () => {
    const { user } = await host.run<{ user: string }>('id')
    const name = `~${user}/counter`
    const call = () => bob.try('call', name, 'next')
    await until(call, ({ code }) => code === 0)
    await Promise.all([seed.kill(), host.kill()])
    host = await startNode(join(folder.path, 'host'), ['--bootstrap', seed.info.addresses[0]!])
    const called = await until(call, ({ code }) => code === 0, 60_000)
    assert.equal(called.json<{ result: number }>().result, 2)
  })
})
