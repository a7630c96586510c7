/** What a service holds, as its author named it, now and at any commit; and what changed in between. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { StateQuestion } from '../../daemon/calls/view/read-state.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const SOURCE = `
  class Post { text: string; at = new Date(); constructor(text: string) { this.text = text } }
  const posts: Post[] = []
  const likes = new Map<string, number>()
  let last: Uint8Array = new Uint8Array(0)
  export function post(text: string): number { last = Uint8Array.of(text.length); return posts.push(new Post(text)) }
  export function like(text: string): void { likes.set(text, (likes.get(text) ?? 0) + 1) }
`
const OWN = `
  let n = 0
  export function add(): number { return ++n }
  export function state(): unknown { return { n, doubled: n * 2 } }
`
const SEALED = 'name: diary\nversion: 1.0.0\nmain: main.ts\naccess:\n  history: owner\n'

describe('the state of a service', () => {
  let host: Host
  let kit: Kit
  let service: CID
  const commits: CID[] = []
  before(async () => {
    let time = Date.parse('2026-01-01T00:00:00.000Z')
    host = await startHost({ now: () => time })
    kit = createKit(host)
    service = await host.serve(SOURCE)
    commits.push(service)
    for (const text of ['a', 'b']) {
      time++
      commits.push((await host.call(service, 'post', [text])).commit)
    }
    commits.push((await host.call(service, 'like', ['a'])).commit)
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })
  const read = (question: Partial<StateQuestion>) =>
    kit.readState.read({ service, path: [], user: host.identity.user, ...question }, { from: 'local', signal: never })
  const post = (text: string, ms: number) => ({
    '/': { class: ['Post', { text, at: { '/': { date: new Date(Date.parse('2026-01-01') + ms).toISOString() } } }] },
  })

  it('is its variables, by name', async () => {
    const found = await read({})
    assert.deepEqual(found.state, {
      posts: [post('a', 1), post('b', 2)],
      likes: { '/': { map: [['a', 1]] } },
      last: { '/': { bytes: 'AQ' } },
    })
    assert.deepEqual([String(found.commit), found.seq, found.trust], [String(commits[3]), 3, 'own'])
  })

  it('is read in part, and says what is not there', async () => {
    assert.equal((await read({ path: ['posts', '1', 'text'] })).state, 'b')
    assert.equal((await read({ path: ['likes', 'a'] })).state, 1)
    await assert.rejects(read({ path: ['posts', '7'] }), { code: 'NO_SUCH_STATE', message: /at \/posts\/7/ })
    await assert.rejects(read({ path: ['posts/1'] }), { code: 'NO_SUCH_STATE', hint: /\/posts\/1$/ })
  })

  it('that is too large is shown in parts', async () => {
    const source = `
      const large: string[] = []; let n = 7
      export function fill(): void { for (let i = 0; i < 20; i++) large.push(String(i % 10).repeat(1_000_000)) }
    `
    const large = await host.serve(source, { as: 'large' })
    await host.call(large, 'fill')
    const hint = /a part of it by its path/
    await assert.rejects(read({ service: large }), { code: 'RESULT_TOO_LARGE', hint })
    await assert.rejects(read({ service: large, path: ['large'] }), { message: /at \/large is too large/, hint })
    assert.equal((await read({ service: large, path: ['n'] })).state, 7)
    await host.call(large, 'fill')
    const added = `${source}\nexport function more(): number { return 1 }`
    const failed = kit.upgradeTo('large', added, { manifest: 'name: sample\nversion: 0.2.0\nmain: main.ts\n' })
    await assert.rejects(failed, {
      code: 'UPGRADE_FAILED_TRIAL',
      message: /old state could not be written down/,
      hint: /32 MiB of text/,
    })
  })

  it('is that of any commit', async () => {
    assert.deepEqual((await read({ at: commits[1]!, path: ['posts'] })).state, [post('a', 1)])
    assert.deepEqual((await read({ at: service, path: ['posts'] })).state, [])
    const other = await host.serve(OWN, { as: 'other' })
    await assert.rejects(read({ at: other }), { code: 'NOT_A_COMMIT' })
  })

  it('is what the contract says it is', async () => {
    const own = await host.serve(OWN, { as: 'own' })
    await host.call(own, 'add')
    assert.deepEqual((await read({ service: own })).state, { n: 1, doubled: 2 })
  })

  it('is offered as blocks that anybody can read, and that do not fill the disk', async () => {
    const { state } = await read({})
    const cid = await kit.readState.offer(service, state)
    assert.deepEqual(await kit.readState.offer(service, state), cid)
    assert(kit.passing.get(cid))
    assert(!(await host.database.blocks.has(cid)))
  })

  it('is shown to whoever may read the history, and to nobody else', async () => {
    const diary = await host.serve(SOURCE, { as: 'diary', manifest: SEALED })
    await host.call(diary, 'post', ['secret'])
    assert.equal((await read({ service: diary, path: ['posts', '0', 'text'] })).state, 'secret')
    const stranger = (await newIdentity()).user
    for (const user of ['', stranger]) {
      await assert.rejects(read({ service: diary, user }), { code: 'ACCESS_DENIED' })
      await assert.rejects(read({ service: diary, user, at: diary }), { code: 'ACCESS_DENIED' })
    }
    const cid = await kit.readState.offer(diary, (await read({ service: diary })).state)
    assert.equal(kit.passing.get(cid), undefined)
    assert.deepEqual((await read({ user: '', path: ['likes', 'a'] })).state, 1)
  })

  it('is compared between commits, and between services', async () => {
    const asking = { user: host.identity.user, from: 'local', signal: never }
    const found = await kit.compareStates({ service, at: commits[1]! }, { service }, asking)
    assert.deepEqual(found.changes, [
      { path: '/posts/1', to: post('b', 2) },
      { path: '/likes/a', to: 1 },
    ])
    assert.deepEqual([found.from.seq, found.to.seq, found.more], [1, 3, false])
    const { head } = await kit.fork({ head: await kit.head(service) }, 'copy')
    await host.call(head.service, 'like', ['a'])
    const other = await kit.compareStates({ service }, { service: head.service }, asking)
    assert.deepEqual(other.changes, [{ path: '/likes/a', from: 1, to: 2 }])
  })

  it('of a copy is that of its host', async () => {
    const reader = await startHost()
    const own = createKit(reader)
    await pullInto(reader, host, service)
    assert.deepEqual(await own.state(service), (await read({})).state)
    assert.deepEqual(await own.state(service, commits[2]!), (await read({ at: commits[2]! })).state)
    await own.stop()
    await reader.stop()
  })
})
