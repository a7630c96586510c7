/** Two networks of real processes: a contract of one imports a service of the other, and calls it. */
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Dependency, Dependent } from '../../daemon/api/vocabulary.ts'
import { amigo, type Ran, type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const FORUM = `
import { caller } from 'amigos:context'
const posts: { by: string; title: string }[] = []
export function createPost(title: string): number { return posts.push({ by: caller(), title }) }
/** @query */
export function list(): { by: string; title: string }[] { return posts }
/** @query */
export function asker(): string { return caller() }
`
const THERE = 'preview.land/alice/forum'
const BLOG = `
import { asker, createPost, list } from '${THERE}'
export async function post(title: string): Promise<number> { return createPost(title) }
export async function careful(title: string): Promise<string> {
  try { return String(await createPost(title)) } catch (error) { return (error as { code: string }).code }
}
/** @query */
export async function titles(): Promise<string[]> { return (await list()).map(({ title }) => title) }
/** @query */
export async function asking(): Promise<string> { return asker() }
`

describe('a contract that imports from another network', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const running: RunningNode[] = []
  let alice: RunningNode
  let bob: RunningNode
  let invite: string
  let theirs: { service: string; network: string }
  let blog: { service: string }
  let dir: string

  const start = async (name: string, flags: string[] = []): Promise<RunningNode> => {
    const node = overApi(await startNode(join(folder.path, name), flags))
    running.push(node)
    return node
  }
  const files = async (path: string, all: Record<string, string>): Promise<string> => {
    for (const [file, content] of Object.entries(all)) {
      await mkdir(dirname(join(folder.path, path, file)), { recursive: true })
      await writeFile(join(folder.path, path, file), content)
    }
    return join(folder.path, path)
  }
  const code = (ran: Ran): string => ran.json<{ error: { code: string } }>().error.code
  const importing = (home: string, ...args: string[]): Promise<Ran> =>
    amigo(['import', ...args, '--json'], { home: join(folder.path, home), cwd: dir })

  before(async () => {
    folder = await tempFolder('amigos-import-network')
    bob = await start('bob', ['--hub'])
    const where = ['--suffix', 'example.org', '--home', join(folder.path, 'alice')]
    assert.equal((await amigo(['network', 'new', 'stage', '--registrar', ...where])).code, 0)
    alice = await start('alice')
    invite = (await alice.run<{ invite: string }>('network', 'invite')).invite
    await alice.run('register', 'alice')
    const manifest = 'name: forum\nversion: 1.2.0\nmain: main.ts\n'
    theirs = await alice.run('publish', await files('forum', { 'amigo.yaml': manifest, 'main.ts': FORUM }))
    dir = await files('blog', { 'amigo.yaml': 'name: blog\nversion: 0.1.0\n', 'blog.ts': BLOG })
  })
  after(async () => {
    await Promise.all(running.map((node) => node.kill()))
    await folder.remove()
  })

  it('is told where it is by a node that knows that network, and built without one', async () => {
    assert.equal(code(await importing('bob', THERE)), 'NETWORK_UNKNOWN')
    await bob.run('network', 'add', invite, '--as', 'preview')
    const ran = await importing('bob', `${THERE}@^1.2`)
    assert.equal(ran.code, 0, ran.stdout)
    assert.equal(ran.json<{ service: string }>().service, theirs.service)
    const yaml = await readFile(join(dir, 'amigo.yaml'), 'utf8')
    assert.match(yaml, /networks:\n {2}preview: amigo1[a-z2-7]+\n/)
    assert.equal((await amigo(['build', dir, '--json'], { home: join(folder.path, 'nobody') })).code, 0)
    assert.equal(code(await importing('bob', THERE, '--mode', 'fork')), 'NAME_NOT_SUPPORTED')
  })

  it('is imported again by a node that does not know that network', async () => {
    await bob.run('network', 'remove', 'preview')
    const before = await readFile(join(dir, 'amigo.lock'), 'utf8')
    const ran = await importing('bob', '--update')
    assert.equal(ran.code, 0, ran.stdout)
    assert.equal(await readFile(join(dir, 'amigo.lock'), 'utf8'), before)
  })

  it('calls it, and asks it, in its own name', async () => {
    blog = await bob.run('publish', dir)
    assert.equal((await bob.run<{ result: number }>('call', 'local.land/_/blog', 'post', '"hello"')).result, 1)
    const posts = await alice.run<{ result: unknown }>('query', 'local.land/_/forum', 'list')
    assert.deepEqual(posts.result, [{ by: blog.service, title: 'hello' }])
    assert.deepEqual((await bob.run<{ result: unknown }>('query', 'local.land/_/blog', 'titles')).result, ['hello'])
    assert.equal((await bob.run<{ result: unknown }>('query', 'local.land/_/blog', 'asking')).result, blog.service)
  })

  it('is drawn as it stands there, by names that work here', async () => {
    const [found] = (await bob.run<{ dependencies: Dependency[] }>('why', 'local.land/_/blog')).dependencies
    assert.deepEqual(
      [found!.name, found!.up, found!.service, found!.host, found!.version],
      [THERE, true, theirs.service, alice.info.peerId, '1.2.0'],
    )
    assert.deepEqual([found!.now?.version, found!.now?.moved], ['1.2.0', false])
    // who calls from another network is not down because nobody here knows it
    const [caller] = (await alice.run<{ dependents: Dependent[] }>('why', 'local.land/_/forum')).dependents
    assert.deepEqual([caller!.service, caller!.calls, caller!.up], [blog.service, 1, null])
    const { by } = await alice.run<{ by: { importer: string | null; calls: number }[] }>('usage', 'local.land/_/forum')
    assert.deepEqual(
      by.map(({ importer, calls }) => [importer, calls]),
      [[blog.service, 1]],
    )
  })

  it('is executed again to the same end', async () => {
    assert.equal((await bob.run<{ ok: boolean }>('verify', 'local.land/_/blog')).ok, true)
  })

  it('is tested with a stand-in for it', async () => {
    const test = `import { assert, test } from 'amigos:test'
test('posts', async ({ contract, mock }) => {
  mock('${THERE}', { createPost: async () => 7 })
  assert.equal(await contract.post('x'), 7)
})`
    await files('blog', { 'blog.test.ts': test })
    const ran = await amigo(['test', dir, '--json'], { home: join(folder.path, 'nobody') })
    assert.deepEqual([ran.code, ran.json<{ passed: number }>().passed], [0, 1], ran.stdout)
  })

  it('goes on after a restart, and says when nobody of that network answers', async () => {
    // whose name for it is of no matter
    await bob.run('network', 'add', invite, '--as', 'other')
    assert.equal(await bob.stop(), 0)
    bob = await start('bob')
    assert.equal((await bob.run<{ result: number }>('call', 'local.land/_/blog', 'post', '"again"')).result, 2)
    await alice.kill()
    await bob.stop()
    bob = await start('bob')
    const told = await until(
      () => bob.run<{ result: string }>('call', 'local.land/_/blog', 'careful', '"lost"'),
      ({ result }) => result !== '3',
    )
    assert.equal(told.result, 'NETWORK_UNREACHABLE')
    const [found] = (await bob.run<{ dependencies: Dependency[] }>('why', 'local.land/_/blog')).dependencies
    assert.deepEqual([found!.up, found!.code], [null, 'NETWORK_UNREACHABLE'])
    assert.equal(code(await bob.try('call', 'local.land/_/blog', 'post', '"lost"')), 'CONTRACT_THREW')
  })
})
