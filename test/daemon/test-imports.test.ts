/** `amigo test` of a contract that imports a running service: by functions, by what a commit recorded, and by the service itself with its data. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestRun } from '../../daemon/testing/run-tests.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'

const FORUM = `
export interface Post { id: number; text: string }
const posts: Post[] = []
export function createPost(text: string): Post { const post = { id: posts.length + 1, text }; posts.push(post); return post }
/** @query */
export function count(): number { return posts.length }
`
const SHOP = `
import { count, createPost } from 'local.land/_/forum'
let announced = 0
export async function announce(what: string): Promise<number> {
  const { id } = await createPost('new: ' + what)
  announced += 1
  return id + await count()
}
`
const MOCK = `
let posts = 0
export const createPost = (text: string) => ({ id: ++posts, text })
export const count = (): number => posts
`
const TEST = `
import { assert, test } from 'amigos:test'
import * as forum from './forum.mock.ts'
import commit from './commit.json' with { type: 'json' }
import state from './state.json' with { type: 'json' }

type Shop = typeof import('./shop.ts')
const FORUM = 'local.land/_/forum'

test<Shop>('by a file', async ({ contract, mock }) => {
  mock(FORUM, forum)
  assert.equal(await contract.announce('tea'), 2)
})
test<Shop>('by what a commit recorded', async ({ contract, answers }) => {
  answers(FORUM, commit.calls[0]!.asks)
  assert.equal(await contract.announce('tea'), 2)
})
test<Shop>('by the service with its data', async ({ contract, mock, start }) => {
  const fork = await start<typeof import('../forum/forum.ts')>('../forum', { state })
  mock(FORUM, fork.contract)
  assert.equal(await contract.announce('tea'), 4)
  assert.equal(await fork.contract.count(), 2)
})
test<Shop>('not at all', async ({ contract }) => {
  await assert.rejects(contract.announce('tea'), { code: 'NOT_MOCKED' })
})
`

describe('amigo test of imports', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let node: RunningNode

  before(async () => {
    folder = await tempFolder('amigos-test-imports')
    node = await startNode(join(folder.path, 'home'))
  })
  after(async () => {
    await node?.stop()
    await folder?.remove()
  })

  const write = async (name: string, files: Record<string, string>): Promise<string> => {
    const dir = join(folder.path, name)
    await mkdir(dir, { recursive: true })
    for (const [file, content] of Object.entries(files)) await writeFile(join(dir, file), content)
    return dir
  }

  it('stands in for them in each way, without a node', async () => {
    await node.run('serve', await write('forum', { 'amigo.yaml': 'name: forum\nversion: 1.0.0\n', 'forum.ts': FORUM }))
    const shop = await write('shop', { 'amigo.yaml': 'name: shop\nversion: 1.0.0\n', 'shop.ts': SHOP })
    await node.run('import', 'local.land/_/forum', shop)
    await node.run('serve', shop)
    const { commit } = await node.run<{ commit: string }>('call', 'local.land/_/shop', 'announce', 'tea')
    const [recorded, state] = await Promise.all([node.run('show', commit), node.run('state', 'local.land/_/forum')])
    await node.stop()

    await write('shop', {
      'forum.mock.ts': MOCK,
      'commit.json': JSON.stringify(recorded),
      'state.json': JSON.stringify(state),
      'shop.test.ts': TEST,
    })
    const { code, stdout, stderr } = await amigo(['test', shop, '--json'])
    const { tests, passed } = JSON.parse(stdout) as TestRun
    assert.deepEqual(
      tests.filter(({ ok }) => !ok).map(({ name, error }) => [name, error]),
      [],
    )
    assert.deepEqual([code, passed, stderr], [0, 4, ''])
    // what is imported is no part of the contract's own files
    assert.match(await readFile(join(shop, 'amigo.lock'), 'utf8'), /local\.land\/_\/forum/)
  })
})
