/** Real nodes: two major versions of one name side by side, and what a crash in the middle of publishing the second leaves. */
import assert from 'node:assert/strict'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { overApi } from '../support/over-api.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const FIRST = `
const notes: string[] = []
export function add(text: string): number { return notes.push(text) }
/** @query */
export function all(): string[] { return notes }
`
const SECOND = `
let notes: { text: string }[] = []
export function migrate(old: { notes: string[] }): void { notes = old.notes.map((text) => ({ text })) }
export function add(note: { text: string }): number { return notes.push(note) }
/** @query */
export function all(): string[] { return notes.map(({ text }) => text.toUpperCase()) }
export function render(): string { return '# ' + notes.length + ' in version 2' }
`
/** a migration that takes long enough to be killed in */
const SLOW = SECOND.replace('{ notes =', '{ for (let i = 0; i < 10_000_000; i++); notes =')

interface Published {
  name: string
  version: string
  service: string
  warnings: string[]
}
interface Service {
  name: string
  version: string
  service: string
  published?: string
}
interface Resolved {
  kind: string
  version: string
  service?: string
  running?: string[]
}

describe('major versions side by side', function () {
  this.timeout(120_000)
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  const contract = async (source: string, version: string): Promise<string> => {
    const dir = join(home.path, `notes-${version}-${source.length}`)
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'amigo.yaml'), `name: notes\nversion: ${version}\nmain: notes.ts\n`)
    await writeFile(join(dir, 'notes.ts'), source)
    return dir
  }
  const met = () =>
    until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
  const listed = async (node: RunningNode): Promise<Service[]> =>
    (await node.run<{ services: Service[] }>('status')).services
  const answer = async (name: string): Promise<unknown> =>
    (await bob.run<{ result: unknown }>('query', name, 'all')).result

  const logSize = async (): Promise<number> => {
    const store = join(home.path, 'alice', 'store')
    const logs = (await readdir(store)).filter((file) => file.endsWith('.log'))
    const sizes = await Promise.all(logs.map(async (file) => (await stat(join(store, file))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  beforeEach(async () => {
    home = await tempFolder('amigos-majors')
    alice = overApi(await startNode(join(home.path, 'alice')))
    bob = overApi(await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!]))
    await met()
  })
  afterEach(async () => {
    await bob?.stop()
    await alice?.stop()
    await home.remove()
  })

  it('answer each with its own state, and a name says which', async () => {
    const first = await alice.run<Published>('publish', await contract(FIRST, '1.0.0'))
    for (const text of ['one', 'two']) await bob.run('call', first.name, 'add', JSON.stringify(text))
    const second = await alice.run<Published>('publish', await contract(SECOND, '2.0.0'))
    assert.notEqual(second.service, first.service)
    assert.match(second.warnings.join(), /add: note took a string/)

    await bob.run('call', `${first.name}@v1`, 'add', '"three"')
    await bob.run('call', `${second.name}`, 'add', '{"text":"four"}')
    assert.deepEqual(await answer(`${first.name}@^1`), ['one', 'two', 'three'])
    assert.deepEqual(await answer(first.name), ['ONE', 'TWO', 'FOUR'])
    const found = await bob.run<Resolved>('resolve', `${first.name}@v1`)
    assert.deepEqual(
      [found.version, found.service, found.running?.toSorted()],
      ['1.0.0', first.service, ['1.0.0', '2.0.0']],
    )
    const { commits } = await alice.run<{ commits: { commit: string }[] }>('log', `${first.name}@v1`)
    const past = await bob.run<Resolved>('resolve', `${first.name}@${commits[2]!.commit}`)
    assert.equal(past.service, first.service, 'the commit is of the older one, and bob never saw it')
    assert.deepEqual(await answer(`${first.name}@${commits[2]!.commit}`), ['one'])
    const away = await bob.try('query', `${first.name}@v3`, 'all')
    assert.deepEqual([away.code, away.json<{ error: { code: string } }>().error.code], [4, 'VERSION_NOT_RUNNING'])

    const mended = await alice.run<Published>('publish', await contract(`${FIRST}\n// mended\n`, '1.0.1'))
    assert.deepEqual([mended.service, mended.name], [first.service, `${first.name}@v1`])
    const old = await bob.run<{ kind: string; version: string }>('resolve', `${first.name}@1.0.0`)
    assert.deepEqual([old.kind, old.version], ['contract', '1.0.0'])
    const pulled = await bob.run<{ service: string | null; files: unknown[] }>('pull', `${first.name}@1.0.0`)
    assert.equal(pulled.service, null)
    const forked = await bob.run<{ name: string }>('fork', `${first.name}@1.0.0`, '--as', 'mine')
    assert.deepEqual(await answer(forked.name), ['one', 'two', 'three'])
    const { contract: code } = await bob.run<{ contract: string }>('resolve', `${first.name}@1.0.0`)
    assert.equal((await bob.run<{ contract: string }>('resolve', forked.name)).contract, code)
    const verified = await bob.run<{ ok: boolean; commits: number }>('verify', first.name)
    assert(verified.ok)

    assert.deepEqual(
      (await listed(alice)).map(({ name, version, published }) => [name, version, published]).toSorted(),
      [
        ['notes', '2.0.0', first.name],
        ['notes@v1', '1.0.1', `${first.name}@v1`],
      ],
    )
    const pages = await Promise.all(
      ['notes', 'notes@v1'].map(async (name) => (await fetch(`${alice.info.http}${name}/`)).text()),
    )
    assert.match(pages[0]!, /3 in version 2/)
    assert.match(pages[1]!, /notes@v1/)

    await alice.stop()
    alice = overApi(await startNode(join(home.path, 'alice'), ['--bootstrap', bob.info.addresses[0]!]))
    await met()
    assert.equal((await listed(alice)).length, 2)
    assert.deepEqual((await alice.run<{ result: unknown }>('query', 'local.land/_/notes@v1', 'all')).result, [
      'one',
      'two',
      'three',
    ])
  })

  it('begin wholly or not at all, whenever the node is killed', async () => {
    const first = await alice.run<Published>('publish', await contract(FIRST, '1.0.0'))
    await bob.run('call', first.name, 'add', '"one"')
    const dir = await contract(SLOW, '2.0.0')
    // the state of the new service alone is more than 100 kB: the last one is while that is being written, or right after
    for (const written of [1, 4_000, 30_000, 100_000]) {
      const before = await logSize()
      const publishing = alice.try('publish', dir)
      const ended = publishing.then(() => true)
      // what it is at by then does not matter to what follows
      const isDue = async () => (await logSize()) - before >= written || Promise.race([ended, false])
      await until(isDue, Boolean)
      await alice.kill()
      await publishing
      alice = overApi(await startNode(join(home.path, 'alice'), ['--bootstrap', bob.info.addresses[0]!]))
      const services = await listed(alice)
      const [other] = services.filter(({ service }) => service !== first.service)
      assert(services.length <= 2 && services.some(({ service }) => service === first.service))
      assert.deepEqual((await alice.run<{ result: unknown }>('query', 'local.land/_/notes@v1', 'all')).result, ['one'])
      if (other === undefined) continue
      assert.deepEqual([other.name, other.version], ['notes', '2.0.0'])
      assert.deepEqual((await alice.run<{ result: unknown }>('query', 'local.land/_/notes', 'all')).result, ['ONE'])
    }
    const second = await alice.run<Published>('publish', dir)
    assert.equal(second.version, '2.0.0')
    assert.equal((await listed(alice)).length, 2)
    await met()
    const found = await until(
      () => bob.run<Resolved>('resolve', first.name),
      ({ version }) => version === '2.0.0',
    )
    assert.equal(found.service, second.service)
    assert.deepEqual(await answer(first.name), ['ONE'])
  })
})
