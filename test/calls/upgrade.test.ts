/** New code for a service: tried on a copy of its state, and the service keeps its ID, its history and what it holds. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { createKit, type Kit, never } from './lifecycle-kit.ts'

const manifest = (version: string): string => `name: board\nversion: ${version}\nmain: main.ts\n`

const FIRST = `
  class Post { text: string; likes = 0; constructor(text: string) { this.text = text } }
  let posts: Post[] = []
  const seen = new Map<string, Date>()
  export function post(text: string): number { seen.set(text, new Date()); return posts.push(new Post(text)) }
  export function all(): string[] { return posts.map(({ text }) => text) }
`
/** the same names: carried over without a line by the author */
const SECOND = `
  class Post { text = ''; likes = 0; hearts(): string { return '<3'.repeat(this.likes) } }
  let posts: Post[] = []
  const seen = new Map<string, Date>()
  let title = 'Board'
  export function post(text: string): number { seen.set(text, new Date()); return posts.push(Object.assign(new Post(), { text })) }
  export function all(): string[] { return posts.map(({ text }) => text) }
  export function about(): string { return title + ': ' + posts.length + ', ' + seen.size }
`
const MIGRATING = `
  import { caller, owner, service } from 'amigos:context'
  let lines: string[] = []
  let by = ''
  export function migrate(old: { posts: { text: string }[]; seen: Map<string, Date> }): void {
    lines = old.posts.map(({ text }) => text.toUpperCase() + ' ' + (old.seen.get(text) instanceof Date))
    by = [caller() === owner(), service() !== '', Math.random() < 1].join()
  }
  export function post(text: string): number { return lines.push(text) }
  export function all(): string[] { return lines }
  export function who(): string { return by }
`
const addTo = (source: string, more: string): string => `${source}\n${more}`

describe('an upgrade', () => {
  let host: Host
  let kit: Kit
  let service: CID
  beforeEach(async () => {
    host = await startHost()
    kit = createKit(host)
    service = await host.serve(FIRST, { as: 'board', manifest: manifest('1.0.0') })
    for (const text of ['a', 'b']) await host.call(service, 'post', [text])
  })
  afterEach(async () => {
    await kit.stop()
    await host.stop()
  })
  const all = () => host.query(service, 'all')
  const verified = async () => {
    const found = await kit.replayer.again(service, undefined, { signal: never })
    assert(found.ok, JSON.stringify(found.mismatch))
    return found
  }

  it('carries variables over by name, and keeps service and history', async () => {
    const { from, to, head, breaks } = await kit.upgradeTo('board', SECOND, { manifest: manifest('1.1.0') })
    assert.deepEqual([head!.seq, breaks, from.equals(to)], [3, [], false])
    assert.equal(String(head!.service), String(service))
    assert.deepEqual(await all(), ['a', 'b'])
    assert.equal(await host.query(service, 'about'), 'Board: 2, 2')
    assert.equal(resultOf(await host.call(service, 'post', ['c'])), 3)
    const shown = await kit.readHistory.show(String(head!.commit))
    assert.deepEqual([shown.kind, shown.forced, shown.contract], ['upgrade', false, String(to)])
    assert.deepEqual([shown.calls[0]!.method, shown.calls[0]!.args], ['@upgrade', [String(to), false]])
    assert.equal((await verified()).commits, 5)
  })

  it('carries over more than a call could bring, and that is done again by a replay', async () => {
    const source = (more: string) => `
      const texts: string[] = []
      const byKey = new Map<string, { at: number; before: object }>()
      export function fill(n: number): void {
        for (let i = 0; i < n; i++) texts.push(String(i % 10).repeat(1_000_000))
        for (let i = 0; i < 500; i++) byKey.set('key' + i, { at: i, before: byKey.get('key' + (i - 1)) ?? {} })
      }
      export function sizes(): number[] {
        let depth = 0
        for (let at: any = byKey.get('key499'); at.before; at = at.before) depth++
        return [texts.length, texts.reduce((sum, text) => sum + text.length, 0), byKey.size, depth]
      }
      ${more}`
    const large = await host.serve(source(''), { as: 'large', manifest: manifest('1.0.0') })
    await host.call(large, 'fill', [9])
    const sizes = [9, 9_000_000, 500, 500]
    assert.deepEqual(await host.query(large, 'sizes'), sizes)
    await kit.upgradeTo('large', source('export function more(): number { return 1 }'), { manifest: manifest('1.1.0') })
    assert.deepEqual(await host.query(large, 'sizes'), sizes)
    assert((await kit.replayer.again(large, undefined, { signal: never })).ok)
  })

  it('gives the old state to migrate', async () => {
    await kit.upgradeTo('board', MIGRATING, { manifest: manifest('1.1.0') })
    assert.deepEqual(await all(), ['A true', 'B true'])
    assert.equal(await host.query(service, 'who'), 'true,true,true')
    await host.call(service, 'post', ['c'])
    await verified()
  })

  it('is one with the state of the moment, whatever is called meanwhile', async () => {
    const calls = Array.from({ length: 30 }, (_, i) => host.call(service, 'post', [`x${i}`]))
    const upgraded = kit.upgradeTo('board', SECOND, { manifest: manifest('1.1.0') })
    const more = Array.from({ length: 30 }, (_, i) => host.call(service, 'post', [`y${i}`]))
    await Promise.all([...calls, upgraded, ...more])
    assert.equal(((await all()) as string[]).length, 62)
    await verified()
  })

  it('says what it would do, and does nothing, in a dry run', async () => {
    const before = await kit.head(service)
    const tried = await kit.upgradeTo(
      'board',
      'const seen = new Map<string, Date>()\nexport function post(): void { seen.clear() }',
      { dryRun: true, manifest: manifest('1.0.1') },
    )
    assert.equal(tried.head, undefined)
    assert.match(tried.breaks.join(), /all: it is gone/)
    assert.match(tried.warnings.join(), /posts/)
    assert.deepEqual(String((await kit.head(service)).commit), String(before.commit))
    assert.deepEqual(await all(), ['a', 'b'])
  })

  it('that would lose the whole state is refused', async () => {
    const source = 'export function post(): void {}'
    const upgrade = kit.upgradeTo('board', source, { force: true, manifest: manifest('2.0.0') })
    await assert.rejects(upgrade, { code: 'UPGRADE_FAILED_TRIAL' })
    assert.deepEqual(await all(), ['a', 'b'])
  })

  it('that breaks callers is refused, unless it is asked for all the same; and the history says so', async () => {
    const source = SECOND.replace('export function all', 'function all')
    await assert.rejects(kit.upgradeTo('board', source, { manifest: manifest('1.1.0') }), { code: 'UPGRADE_BREAKS' })
    const { head } = await kit.upgradeTo('board', source, { force: true, manifest: manifest('1.1.0') })
    assert.equal((await kit.readHistory.show(String(head!.commit))).forced, true)
    await verified()
  })

  const FAILING: Record<string, [string, RegExp]> = {
    'a state that needs migrate': [SECOND.replaceAll('Post', 'Line'), /MIGRATION_NEEDED.*Post/],
    'a module that does not load': [addTo(SECOND, `throw new Error('not today')`), /not today/],
    'migrate that throws': [
      addTo(SECOND, `export function migrate(): void { throw new RangeError('too old') }`),
      /too old/,
    ],
    'migrate that never ends': [addTo(SECOND, `export function migrate(): void { for (;;); }`), /OUT_OF_GAS/],
    'health that throws': [
      addTo(SECOND, `export function health(): void { throw new Error('unwell') }`),
      /health.*unwell/,
    ],
    'health that says no': [
      addTo(SECOND, `export function health(): boolean { return false }`),
      /health\(\) answered false/,
    ],
    'render that throws': [
      addTo(SECOND, `export function render(path: string): string { throw new Error('blank') }`),
      /render.*blank/,
    ],
    'render without a page': [addTo(SECOND, `export function render(): number { return 4 }`), /render/],
  }
  for (const [what, [source, message]] of Object.entries(FAILING)) {
    it(`fails its trial by ${what}, and nothing is changed`, async () => {
      const before = await kit.head(service)
      await assert.rejects(
        kit.upgradeTo('board', source, { manifest: manifest('1.1.0') }),
        (error: Error & { code?: string }) => error.code === 'UPGRADE_FAILED_TRIAL' && message.test(error.message),
      )
      assert.equal(String((await kit.head(service)).commit), String(before.commit))
      assert.deepEqual(await all(), ['a', 'b'])
      assert.equal(resultOf(await host.call(service, 'post', ['c'])), 3)
      await verified()
    })
  }

  it('leaves nothing if it cannot be made durable', async () => {
    const { commit } = host.database
    host.database.commit = () => Promise.reject(Object.assign(new Error('full'), { code: 'STORE_UNAVAILABLE' }))
    const failed = kit.upgradeTo('board', SECOND, { manifest: manifest('1.1.0') })
    await assert.rejects(failed, { code: 'STORE_UNAVAILABLE' })
    host.database.commit = commit
    assert.deepEqual(await all(), ['a', 'b'])
    assert.equal(resultOf(await host.call(service, 'post', ['c'])), 3)
  })

  it('is taken back with the state it had', async () => {
    const { commit } = await kit.head(service)
    await kit.upgradeTo('board', MIGRATING, { manifest: manifest('1.1.0') })
    await host.call(service, 'post', ['c'])
    const back = await kit.rollback(service, String(commit), { signal: never })
    assert.match(back.warnings.join(), /code/)
    assert.deepEqual(await all(), ['a', 'b'])
    assert.equal(resultOf(await host.call(service, 'post', ['d'])), 3)
    assert.equal((await verified()).commits, 7)
  })

  it('by serve names what became of a published service, and its version', async () => {
    const contract = (await kit.head(service)).contract
    await host.names.put({
      name: 'board',
      running: [{ service, line: 'v1' }],
      published: [{ version: '1.0.0', contract }],
    })
    const next = await host.contract(SECOND, manifest('1.0.0'))
    const done = await host.deploy(next, { as: 'board', signal: never })
    assert.deepEqual([done.upgraded, String(done.head.service)], [true, String(service)])
    assert.deepEqual(
      (await host.names.get('board'))!.published.map(({ version }) => version),
      ['1.0.0', '1.1.0'],
    )
    const again = await host.deploy(next, { as: 'board', signal: never })
    assert.deepEqual([again.upgraded, again.head.seq], [false, done.head.seq])
    const major = kit.upgradeTo('board', addTo(SECOND, '//'), { manifest: manifest('2.0.0') })
    await assert.rejects(major, { code: 'MAJOR_NEEDS_OWN_NAME' })
  })
})
