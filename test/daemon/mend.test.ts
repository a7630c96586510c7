/** Blocks that a disk damaged come back with a pull: real nodes, real bitswap. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { createClient } from '../../daemon/api/client.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const SOURCE = `
const lines: string[] = []
export function keep(line: string): number { return lines.push(line) }
export function size(): number { return lines.length }
`
const LONG = 'x'.repeat(6_000)

describe('a damaged disk', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  const names: Record<'open' | 'sealed', string> = { open: '', sealed: '' }

  before(async () => {
    folder = await tempFolder()
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'))
    const { user } = await bob.run<{ user: string }>('id')
    for (const name of ['open', 'sealed'] as const) {
      const dir = join(folder.path, name)
      await mkdir(dir)
      await writeFile(join(dir, 'main.ts'), SOURCE)
      const access = name === 'sealed' ? `access:\n  history: [${user}]\n` : ''
      await writeFile(join(dir, 'amigo.yaml'), `name: ${name}\nversion: 0.1.0\nmain: main.ts\n${access}`)
      names[name] = (await alice.run<{ name: string }>('publish', dir)).name
      for (let i = 0; i < 3; i++) await alice.run('call', names[name], 'keep', `${LONG}${i}`)
    }
    await bob.run('connect', alice.info.addresses[0]!)
    for (const name of Object.values(names)) await bob.run('pull', name)
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  const commitsOf = async (node: RunningNode, name: string): Promise<string[]> =>
    (await createClient({ home: node.info.home }).request('log', { name })).commits.map(({ commit }) => commit)

  /** Flips bits of blocks on the disk of a node that does not run, wherever they lie. */
  const damage = async (node: RunningNode, cids: readonly string[], seal?: string): Promise<RunningNode> => {
    await node.kill()
    const database = await openDatabase(join(node.info.home, 'store'))
    for (const cid of cids.map((cid) => CID.parse(cid))) {
      const isOpen = await database.scope().has(cid)
      assert.equal(isOpen, seal === undefined)
      const bytes = Uint8Array.from((await database.blocks.get(cid))!)
      bytes[bytes.length - 1]! ^= 1
      await database.commit([{ put: 'block', cid, bytes, ...(seal !== undefined && { seal }) }])
    }
    await database.close()
    return startNode(node.info.home)
  }

  it('is mended by a pull of the copy, for everybody or not, and nothing becomes open by it', async () => {
    for (const name of ['open', 'sealed'] as const) {
      const commits = await commitsOf(bob, names[name])
      assert.equal(commits.length, 4)
      bob = await damage(bob, commits.slice(1, 3), name === 'sealed' ? 'any' : undefined)
      const his = createClient({ home: bob.info.home })
      await assert.rejects(his.request('show', { commit: commits[1]! }), { code: 'BLOCK_DAMAGED' })
      // the history is as it was at its host: nothing is new
      await bob.run('connect', alice.info.addresses[0]!)
      const { mended, blocks, lost } = await his.request('pull', { name: names[name], check: true })
      assert.deepEqual([mended, blocks, lost], [2, 2, []])
      for (const commit of commits) await his.request('show', { commit })
      assert.equal((await his.request('pull', { name: names[name], check: true })).mended, 0)
      await bob.kill()
      const database = await openDatabase(join(bob.info.home, 'store'))
      for (const cid of commits) assert.equal(await database.scope().has(CID.parse(cid)), name === 'open')
      await database.close()
      bob = await startNode(bob.info.home)
    }
  })

  it("of the host is mended by a pull of one's own service, where somebody has a copy; else it says what is lost", async () => {
    const commits = await commitsOf(alice, names.open)
    await bob.kill()
    alice = await damage(alice, commits.slice(0, 2))
    const hers = createClient({ home: alice.info.home })
    const alone = await hers.request('pull', { name: names.open, check: true })
    assert.deepEqual([alone.mended, alone.lost], [0, [commits[0]]])
    bob = await startNode(bob.info.home)
    await bob.run('connect', alice.info.addresses[0]!)
    const { mended, lost } = await hers.request('pull', { name: names.open, check: true })
    assert.deepEqual([mended, lost], [2, []])
    for (const commit of commits) await hers.request('show', { commit })
    assert.equal((await hers.request('call', { name: names.open, method: 'keep', args: ['more'] })).result, 4)
  })
})
