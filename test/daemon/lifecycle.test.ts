/** Two nodes and the command line: a service is pulled and verified, looked at, forked, upgraded and taken back. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const FIRST = `
const notes: { text: string; at: Date }[] = []
/** Adds a note. */
export function add(text: string): number { return notes.push({ text, at: new Date() }) }
/** All notes. @query */
export function all(): string[] { return notes.map(({ text }) => text) }
`
const SECOND = `${FIRST}
/** How many there are. @query */
export function count(): number { return notes.length }
`
const BROKEN = `${SECOND}
export function health(): boolean { return notes.length > 100 }
`

interface Verified {
  ok: boolean
  commits: number
  calls: number
  trust: string
  from: string
  to: string
}

describe('the life of a service between nodes', () => {
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let name: string
  let service: string
  const contract = async (source: string, version: string): Promise<string> => {
    const dir = join(home.path, `notes-${version}-${source.length}`)
    await mkdir(dir, { recursive: true })
    await writeFile(join(dir, 'amigo.yaml'), `name: notes\nversion: ${version}\nmain: notes.ts\n`)
    await writeFile(join(dir, 'notes.ts'), source)
    return dir
  }

  before(async () => {
    home = await tempFolder('amigos-life')
    alice = await startNode(join(home.path, 'alice'))
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    const published = await alice.run<{ name: string; service: string }>('publish', await contract(FIRST, '1.0.0'))
    ;({ name, service } = published)
    for (const text of ['one', 'two', 'three']) await bob.run('call', name, 'add', text)
  })
  after(async () => {
    await bob?.stop()
    await alice?.stop()
    await home?.remove()
  })

  it('is pulled, executed again, and listed as a copy', async () => {
    const pulled = await bob.run<{ trust: string; commit: string }>('pull', name, '--verify')
    assert.equal(pulled.trust, 'replayed')
    const { services } = await bob.run<{ services: { name: string; trust: string; service: string }[] }>('status')
    assert.deepEqual(
      services.map((one) => [one.name, one.trust, one.service]),
      [[name, 'replayed', service]],
    )
  })

  it('is verified by name, by commit and by receipt', async () => {
    const whole = await bob.run<Verified>('verify', name)
    assert.deepEqual([whole.ok, whole.commits, whole.calls, whole.trust, whole.from], [true, 4, 3, 'replayed', service])
    const { commits } = await bob.run<{ commits: { commit: string; seq: number }[] }>('log', name)
    const second = commits.find(({ seq }) => seq === 2)!.commit
    assert.deepEqual((await bob.run<Verified>('verify', second)).commits, 3)
    const file = join(home.path, 'receipt.json')
    await bob.run('call', name, 'add', 'four', '--receipt', file)
    const proven = await bob.run<Verified>('verify', file)
    assert(proven.ok)
    assert.equal((await alice.run<Verified>('verify', file)).trust, 'own')
  })

  it('is looked at: its log, a commit, its state now and then, and what changed', async () => {
    const { commits, trust } = await bob.run<{
      commits: { commit: string; seq: number; calls: { args: string[]; method: string }[] }[]
      trust: string
    }>('log', name)
    assert(['signed', 'replayed'].includes(trust))
    assert.deepEqual(
      commits.map(({ calls }) => calls.map(({ method, args }) => [method, ...args])),
      [[['add', 'four']], [['add', 'three']], [['add', 'two']], [['add', 'one']], []],
    )
    const second = commits[2]!.commit
    const shown = await bob.run<{ service: string; calls: { result: number }[] }>('show', second)
    assert.deepEqual([shown.service, shown.calls[0]!.result], [service, 2])
    const text = async (...words: string[]) => (await bob.run<{ state: unknown }>('state', ...words)).state
    assert.equal(await text(name, '/notes/3/text'), 'four')
    assert.equal(((await text(`${name}@${second}`, '/notes')) as unknown[]).length, 2)
    const { changes } = await bob.run<{ changes: { path: string; to: { text: string } }[] }>('diff', second, name)
    assert.deepEqual(
      changes.map(({ path, to }) => [path, to.text]),
      [
        ['/notes/2', 'three'],
        ['/notes/3', 'four'],
      ],
    )
  })

  it('gives its state as blocks to whoever asks for them by name', async () => {
    const { cid } = await alice.run<{ cid: string }>('state', name)
    assert.equal((await bob.run<{ kind: string }>('resolve', cid)).kind, 'content')
  })

  it('is forked, and the fork is called, and verified through its origin', async () => {
    const fork = await bob.run<{ name: string; service: string; trust: string }>('fork', name, '--as', 'mine')
    assert.deepEqual([fork.name, fork.service === service], ['local.land/_/mine', false])
    assert.equal((await bob.run<{ result: number }>('call', fork.name, 'add', 'five')).result, 5)
    const { result } = await alice.run<{ result: string[] }>('query', name, 'all')
    assert.equal(result.length, 4)
    const found = await bob.run<Verified>('verify', fork.name)
    assert.deepEqual([found.ok, found.commits, found.calls, found.from], [true, 7, 5, service])
    const again = await bob.try('fork', name, '--as', 'mine')
    assert.deepEqual([again.code, again.json<{ error: { code: string } }>().error.code], [5, 'NAME_TAKEN'])
  })

  it('gets new code after a trial, and goes back', async () => {
    const dir = await contract(SECOND, '1.1.0')
    const tried = await alice.run<{ commit: null; breaks: string[] }>('upgrade', name, dir, '--dry-run')
    assert.deepEqual([tried.commit, tried.breaks], [null, []])
    const { commit: before } = await alice.run<{ commit: string }>('query', name, 'all')
    const upgraded = await alice.run<{ commit: string; service: string }>('upgrade', name, dir)
    assert.equal(upgraded.service, service)
    assert.equal((await bob.run<{ result: number }>('query', name, 'count')).result, 4)
    const resolved = await bob.run<{ version: string }>('resolve', name)
    assert.equal(resolved.version, '1.1.0')
    const refused = await alice.try('upgrade', name, await contract(BROKEN, '1.2.0'))
    assert.equal(refused.json<{ error: { code: string } }>().error.code, 'UPGRADE_FAILED_TRIAL')
    const back = await alice.run<{ to: string }>('rollback', name, before)
    assert.equal(back.to, before)
    assert.equal(
      (await alice.try('query', name, 'count')).json<{ error: { code: string } }>().error.code,
      'NO_SUCH_FUNCTION',
    )
    const pulled = await bob.run<{ trust: string }>('pull', name, '--verify')
    assert.equal(pulled.trust, 'replayed')
  })

  it('is only upgraded where it lives', async () => {
    const dir = await contract(SECOND, '1.1.0')
    const refused = await bob.try('upgrade', name, dir)
    assert.equal(refused.json<{ error: { code: string } }>().error.code, 'SERVICE_NOT_FOUND')
  })

  it('is looked at in the copy while its host is away, and each answer says so', async () => {
    const views = [
      ['log', name],
      ['state', name],
      ['diff', name, name],
      ['verify', name],
    ]
    for (const view of views) assert.equal((await bob.run<{ stale?: true }>(...view)).stale, undefined, view[0])
    await alice.stop()
    for (const view of views) assert.equal((await bob.run<{ stale?: true }>(...view)).stale, true, view[0])
  })
})
