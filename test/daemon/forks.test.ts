/** Two nodes and the command line: a service is forked by somebody else, who follows what happens where it comes from. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const NOTES = `
const notes: string[] = []
export function add(text: string): number { return notes.push(text) }
/** All notes. @query */
export function all(): string[] { return notes }
interface State { notes: string[] }
export function merge(base: State, mine: State, theirs: State): State {
  return { notes: [...mine.notes, ...theirs.notes.slice(base.notes.length)] }
}
`

interface Lineage {
  forkedFrom?: { service: string; commit: string; name?: string }
}
type Coded = { error: { code: string } }

describe('forks between nodes', () => {
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let name: string
  let service: string
  let firstCommit: string
  const mine = 'local.land/_/mine'
  const contract = async (called: string, access = ''): Promise<string> => {
    const dir = join(home.path, called)
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'amigo.yaml'), `name: ${called}\nversion: 1.0.0\nmain: notes.ts\n${access}`)
    await writeFile(join(dir, 'notes.ts'), NOTES)
    return dir
  }
  const all = async (node: RunningNode, of: string) => (await node.run<{ result: string[] }>('query', of, 'all')).result

  before(async () => {
    home = await tempFolder('amigos-forks')
    alice = await startNode(join(home.path, 'alice'))
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    const published = await alice.run<{ name: string; service: string }>('publish', await contract('notes'))
    ;({ name, service } = published)
    firstCommit = (await alice.run<{ commit: string }>('call', name, 'add', 'one')).commit
    await alice.run('call', name, 'add', 'two')
  })
  after(async () => {
    await bob?.stop()
    await alice?.stop()
    await home.remove()
  })

  it('anybody who may read a service makes one, and everybody sees what it is of', async () => {
    const { commit, from } = await bob.run<{ commit: string; from: string }>('fork', name, '--as', 'mine')
    assert.deepEqual(await all(bob, mine), ['one', 'two'])
    const wanted = { service, commit: from, name }
    assert.deepEqual((await bob.run<Lineage>('resolve', mine)).forkedFrom, wanted)
    const { services } = await bob.run<{ services: (Lineage & { name: string })[] }>('status')
    assert.deepEqual(services.find((one) => one.name === 'mine')?.forkedFrom, wanted)
    assert.equal((await bob.run<{ from: string }>('show', commit)).from, from)
    assert.equal((await bob.run<Lineage>('resolve', name)).forkedFrom, undefined)
  })

  it('one is published as it runs, with its state', async () => {
    const { name: ours, contract } = await bob.run<{ name: string; contract: string }>('publish', mine)
    assert.deepEqual(await all(alice, ours), ['one', 'two'])
    // again it is the same
    assert.equal((await bob.run<{ contract: string }>('publish', mine)).contract, contract)
    const ran = await bob.try('publish', 'local.land/_/nobody')
    assert.equal(ran.json<{ error: { code: string } }>().error.code, 'SERVICE_NOT_FOUND')
    const theirs = await bob.try('publish', mine, '--version', '0.0.1')
    assert.equal(theirs.json<{ error: { code: string } }>().error.code, 'VERSION_NOT_NEWER')
  })

  it('one is of any commit, also with a memory of its own', async () => {
    const early = await bob.run<{ name: string; from: string }>('fork', `${name}@${firstCommit}`, '--as', 'early')
    assert.deepEqual([await all(bob, early.name), early.from], [['one'], firstCommit])
    const fresh = await bob.run<{ name: string }>('fork', `${name}@${firstCommit}`, '--as', 'fresh', '--logical')
    assert.deepEqual(await all(bob, fresh.name), ['one'])
    assert((await bob.run<{ ok: boolean }>('verify', fresh.name)).ok)
  })

  it('one is of a commit of that service', async () => {
    const other = await alice.run<{ name: string; service: string }>('publish', await contract('others'))
    const refused = await bob.try('fork', `${name}@${other.service}`, '--as', 'wrong')
    assert.match(refused.json<Coded>().error.code, /^(NOT_A_COMMIT|COMMIT_NOT_FOUND|NAME_NOT_FOUND)$/)
  })

  it('one is told how far the other is ahead, and what differs', async () => {
    interface Pulled {
      service: string
      upstream: { service: string; name: string; ahead: number; base: string }
    }
    assert.equal((await bob.run<Pulled>('pull', mine, '--upstream')).upstream.ahead, 0)
    await bob.run('call', mine, 'add', 'bob')
    await alice.run('call', name, 'add', 'three')
    const pulled = await bob.run<Pulled>('pull', mine, '--upstream')
    assert.deepEqual([pulled.service, pulled.upstream.name, pulled.upstream.ahead], [service, name, 1])
    const { changes } = await bob.run<{ changes: { path: string }[] }>('diff', mine, name)
    assert.deepEqual(changes, [{ path: '/notes/2', from: 'bob', to: 'three' }])
    const refused = await alice.try('pull', name, '--upstream')
    assert.equal(refused.json<Coded>().error.code, 'NOT_A_FORK')
  })

  it('takes over what changed there', async () => {
    await alice.run('call', name, 'add', 'four')
    const merged = await bob.run<{ commit: string; upstream: string; warnings: string[] }>('merge', mine)
    assert.deepEqual([merged.upstream, merged.warnings], [service, []])
    assert.deepEqual(await all(bob, mine), ['one', 'two', 'bob', 'three', 'four'])
    const { commits } = await bob.run<{ commits: { kind: string }[] }>('log', mine)
    assert.deepEqual(
      commits.map(({ kind }) => kind),
      ['merge', 'step', 'fork'],
    )
    assert.equal((await bob.run<{ commit: null }>('merge', mine)).commit, null)
    const found = await bob.run<{ ok: boolean; trust: string }>('verify', mine)
    assert(found.ok, JSON.stringify(found))
    const refused = await alice.try('merge', name)
    assert.equal(refused.json<Coded>().error.code, 'NOT_A_FORK')
  })

  it('one is imported with its state, and is still there after a restart', async () => {
    const dir = join(home.path, 'blog')
    const source = `
      import { add, all } from '${name}'
      export async function post(text: string): Promise<number> { return add('post: ' + text) }
      /** @query */
      export async function posts(): Promise<string[]> { return all() }`
    await mkdir(dir)
    await writeFile(join(dir, 'amigo.yaml'), 'name: blog\nversion: 1.0.0\nmain: blog.ts\n')
    await writeFile(join(dir, 'blog.ts'), source)
    const here = (...args: string[]) => amigo([...args, '--json'], { home: join(home.path, 'bob'), cwd: dir })
    const imported = await here('import', name, '--mode', 'fork')
    assert.equal(imported.code, 0, imported.stdout)
    await alice.run('call', name, 'add', 'not pinned')
    const before = (await all(alice, name)).slice(0, -1)
    await bob.run('serve', dir)
    await bob.run('call', 'local.land/_/blog', 'post', 'hello')
    const expected = [...before, 'post: hello']
    const posts = async () => (await bob.run<{ result: string[] }>('query', 'local.land/_/blog', 'posts')).result
    assert.deepEqual(await posts(), expected)
    assert.deepEqual(await all(bob, 'local.land/_/blog-notes'), expected)
    const { forkedFrom } = await bob.run<Lineage>('resolve', 'local.land/_/blog-notes')
    assert.deepEqual([forkedFrom?.service, forkedFrom?.name], [service, name])
    // users deal with the blog
    const resolved = await bob.run<{ service: string }>('resolve', 'local.land/_/blog-notes')
    const denied = await alice.try('call', resolved.service, 'add', 'x')
    assert.notEqual(denied.code, 0)
    await bob.kill()
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    assert.deepEqual(await posts(), expected)
    const copy = await bob.run<{ name: string }>('fork', 'local.land/_/blog', '--as', 'blog2')
    await bob.run('call', copy.name, 'post', 'two')
    assert.deepEqual(await posts(), expected)
    const removed = await bob.run<{ warnings: string[] }>('remove', 'local.land/_/blog2', '--yes')
    assert.match(removed.warnings.join(), /blog2-notes, which it imports as a fork, stays/)
  })

  it('nobody makes one of what is not for him, and one of what is for some is for some', async () => {
    const user = (await bob.run<{ user: string }>('status')).user
    const secret = await alice.run<{ name: string }>(
      'publish',
      await contract('secret', 'access: { history: owner }\n'),
    )
    const refused = await bob.try('fork', secret.name, '--as', 'stolen')
    assert.equal(refused.json<Coded>().error.code, 'ACCESS_DENIED')
    const shared = await contract('shared', `access: { history: [${user}] }\n`)
    const { name: between } = await alice.run<{ name: string }>('publish', shared)
    await alice.run('call', between, 'add', 'psst')
    const fork = await bob.run<{ name: string; service: string }>('fork', between, '--as', 'ours')
    assert.deepEqual(await all(bob, fork.name), ['psst'])
    const denied = await alice.try('pull', fork.service)
    assert.notEqual(denied.code, 0)
  })

  it('is merged with what is here while the other host is away, and says so', async () => {
    await alice.run('call', name, 'add', 'five')
    await bob.run('pull', mine, '--upstream')
    await alice.stop()
    const merged = await bob.run<{ commit: string; warnings: string[] }>('merge', mine)
    assert.match(merged.warnings.join(), /could not be reached/)
    assert.deepEqual((await all(bob, mine)).at(-1), 'five')
  })
})
