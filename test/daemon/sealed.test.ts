/** A service whose history is for a few: real nodes, real bitswap. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const SOURCE =
  'const lines: string[] = []\nexport function keep(line: string): number { return lines.push(line) }\nexport function size(): number { return lines.length }\n'

const EXAMPLES = join(import.meta.dirname, '../../examples')

describe('a sealed service', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const nodes: RunningNode[] = []
  let name: string
  /** of a service that everybody may read */
  let open: string
  const clientOf = (node: RunningNode) => createClient({ home: node.info.home })

  before(async () => {
    folder = await tempFolder()
    for (const who of ['alice', 'bob', 'carol']) nodes.push(await startNode(join(folder.path, who)))
    const [alice, bob, carol] = nodes as [RunningNode, RunningNode, RunningNode]
    const { user } = await bob.run<{ user: string }>('id')
    const dir = join(folder.path, 'diary')
    await mkdir(dir)
    await writeFile(join(dir, 'main.ts'), SOURCE)
    await writeFile(
      join(dir, 'amigo.yaml'),
      `name: diary\nversion: 0.1.0\nmain: main.ts\naccess:\n  query: public\n  history: [${user}]\n`,
    )
    ;({ name } = await alice.run<{ name: string }>('publish', dir))
    ;({ name: open } = await alice.run<{ name: string }>('publish', join(EXAMPLES, 'counter')))
    for (const node of [bob, carol]) await node.run('connect', alice.info.addresses[0]!)
    await carol.run('connect', bob.info.addresses[0]!)
    for (const line of ['one', 'two', 'three']) await alice.run('call', name, 'keep', line)
  })
  after(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    await folder.remove()
  })

  it('is pulled by those who are listed, and by nobody else', async () => {
    const [, bob, carol] = nodes as [RunningNode, RunningNode, RunningNode]
    const pulled = await clientOf(bob).request('pull', { name })
    assert.ok(pulled.blocks > 10, `${pulled.blocks}`)
    await assert.rejects(clientOf(carol).request('pull', { name }), { code: 'ACCESS_DENIED' })
    await assert.rejects(clientOf(carol).request('log', { name }), { code: 'ACCESS_DENIED' })
    assert.equal((await clientOf(carol).request('query', { name, method: 'size', args: [] })).result, 3)
  })

  it('gives nothing to whoever knows the name of a block, neither at its host nor at a reader', async () => {
    const [alice, , carol] = nodes as [RunningNode, RunningNode, RunningNode]
    const codeOf = async (service: string): Promise<string> => {
      const { commits } = await clientOf(alice).request('log', { name: service, limit: 1 })
      const pull = clientOf(carol).request('pull', { name: commits[0]!.commit })
      return pull.then(
        () => 'fetched',
        ({ code }) => code,
      )
    }
    assert.equal(await codeOf(open), 'fetched')
    assert.equal(await codeOf(name), 'CONTENT_NOT_FOUND')
  })

  it('is answered for by a reader when its host is away', async () => {
    const [alice, bob] = nodes as [RunningNode, RunningNode, RunningNode]
    await alice.kill()
    assert.equal((await clientOf(bob).request('query', { name, method: 'size', args: [] })).result, 3)
  })
})
