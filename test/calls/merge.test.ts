/** Merging what changed where a fork comes from: as the contract does it, and so that anybody can do it again. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createMerge } from '../../daemon/calls/life/merge.ts'
import { mergeOrderOf } from '../../daemon/calls/life/merge-order.ts'
import { upstreamOf } from '../../daemon/calls/life/upstream.ts'
import { createCarry } from '../../daemon/calls/run/orders.ts'
import { createTryCode } from '../../daemon/calls/versions/try-code.ts'
import { type Host, startHost } from '../support/host.ts'
import { createKit, type Kit, never, pullInto } from './lifecycle-kit.ts'

const PLAIN = `
  interface State { title: string; notes: string[] }
  let title = 'none'
  let notes: string[] = []
  export function add(note: string): number { return notes.push(note) }
  export function call(name: string): void { title = name }
  export function all(): string[] { return [title, ...notes] }
`
const NOTES = `${PLAIN}
  export function merge(base: State, mine: State, theirs: State): State {
    if (mine.title !== base.title && theirs.title !== base.title && mine.title !== theirs.title)
      throw new Error('both changed /title: ' + mine.title + ', ' + theirs.title)
    const added = theirs.notes.slice(base.notes.length)
    return { title: theirs.title === base.title ? mine.title : theirs.title, notes: [...mine.notes, ...added] }
  }
`

describe('a merge', () => {
  let host: Host
  let kit: Kit
  let upstream: CID
  let mine: CID
  const all = (service: CID) => host.query(service, 'all')
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    upstream = await host.serve(NOTES, { as: 'upstream' })
    await host.call(upstream, 'add', ['a'])
    mine = (await kit.fork({ head: await kit.head(upstream) }, 'mine')).head.service
  })
  after(async () => {
    await kit.stop()
    await host.stop()
  })

  it('does nothing where nothing is new', async () => {
    const before = await kit.head(mine)
    const { head, warnings } = await kit.merge(mine)
    assert.equal(head, undefined)
    assert.match(warnings.join(), /nothing is new/)
    assert.equal(String((await kit.head(mine)).commit), String(before.commit))
  })

  it('takes what both changed since the fork, as the contract says', async () => {
    await host.call(mine, 'add', ['mine'])
    const { commit } = await host.call(upstream, 'call', ['better'])
    const theirs = (await host.call(upstream, 'add', ['theirs'])).commit
    const merged = await kit.merge(mine)
    assert.deepEqual(await all(mine), ['better', 'a', 'mine', 'theirs'])
    assert.deepEqual([String(merged.upstream), String(merged.from)], [String(upstream), String(theirs)])
    assert.notEqual(String(merged.base), String(commit))
    assert.equal(merged.head!.trust, 'own')
    assert.deepEqual(await all(upstream), ['better', 'a', 'theirs'])
  })

  it('names in the history what it took, signed by the owner', async () => {
    const { commit } = await kit.head(mine)
    const order = mergeOrderOf(await host.history.commit(commit))!
    assert.deepEqual(
      [order.upstream, order.base, order.theirs].map(String),
      [upstream, (await host.history.commit(mine)).from, (await kit.head(upstream)).commit].map(String),
    )
    const shown = await kit.readHistory.show(commit.toString())
    assert.deepEqual([shown.kind, shown.from], ['merge', String(order.theirs)])
    assert.equal(shown.calls[0]!.method, '@merge')
  })

  it('begins where the last one ended', async () => {
    const merged = await upstreamOf(host.history, await kit.head(mine), { signal: never })
    await host.call(upstream, 'add', ['more'])
    assert.equal(String((await kit.merge(mine)).base), String(merged.base))
    assert.deepEqual(await all(mine), ['better', 'a', 'mine', 'theirs', 'more'])
    assert.equal((await kit.merge(mine)).head, undefined)
  })

  it('that was rolled back is not merged any more', async () => {
    const merged = (await kit.head(mine)).commit
    const { parent } = await host.history.commit(merged)
    await kit.rollback(mine, String(parent), { signal: never })
    assert.deepEqual(await all(mine), ['better', 'a', 'mine', 'theirs'])
    await kit.merge(mine)
    assert.deepEqual(await all(mine), ['better', 'a', 'mine', 'theirs', 'more'])
  })

  it('is refused by the contract where both changed one thing, and changes nothing then', async () => {
    await host.call(mine, 'call', ['mine'])
    await host.call(upstream, 'call', ['theirs'])
    const before = (await kit.head(mine)).commit
    await assert.rejects(kit.merge(mine), (error: { code: string; message: string }) => {
      assert.equal(error.code, 'MERGE_CONFLICT')
      assert.match(error.message, /both changed \/title: mine, theirs/)
      return true
    })
    assert.equal(String((await kit.head(mine)).commit), String(before))
    await host.call(mine, 'call', ['theirs'])
    await kit.merge(mine)
    assert.equal(((await all(mine)) as string[])[0], 'theirs')
  })

  it('is executed again like everything else', async () => {
    const found = await kit.replayer.again(mine, undefined, { signal: never })
    assert.deepEqual([found.ok, found.trust], [true, 'own'], JSON.stringify(found))
  })

  it('needs a contract that says how, and a service that was forked', async () => {
    const plain = await host.serve(PLAIN, { as: 'plain' })
    const fork = (await kit.fork({ head: await kit.head(plain) }, 'plain2')).head.service
    await host.call(plain, 'add', ['x'])
    await assert.rejects(kit.merge(fork), { code: 'MERGE_UNSUPPORTED' })
    await assert.rejects(kit.merge(plain), { code: 'NOT_A_FORK' })
  })

  it('keeps classes, containers and tables of functions as they are', async () => {
    const source = `
      class Post { text: string; constructor(text: string) { this.text = text } shout(): string { return this.text.toUpperCase() } }
      const posts = new Map<string, Post>()
      const tools = { twice: (text: string) => text + text }
      interface State { posts: Map<string, Post> }
      export function add(key: string, text: string): void { posts.set(key, new Post(text)) }
      export function all(): string[] { return [...posts].map(([key, post]) => key + tools.twice(post.shout())) }
      export function merge(base: State, mine: State, theirs: State): State {
        const posts = new Map(mine.posts)
        for (const [key, post] of theirs.posts) if (!base.posts.has(key)) posts.set(key, new Post(post.shout()))
        return { posts }
      }`
    const of = await host.serve(source, { as: 'classes' })
    const fork = (await kit.fork({ head: await kit.head(of) }, 'classes2')).head.service
    await host.call(fork, 'add', ['m', 'mine'])
    await host.call(of, 'add', ['t', 'theirs'])
    assert.deepEqual((await kit.merge(fork)).warnings, [])
    assert.deepEqual(await all(fork), ['mMINEMINE', 'tTHEIRSTHEIRS'])
    assert((await kit.replayer.again(fork, undefined, { signal: never })).ok)
  })

  it('that makes of it what cannot be taken over changes nothing', async () => {
    for (const [name, body, code] of [
      ['nothing', 'return 1 as any', 'UPGRADE_FAILED_TRIAL'],
      ['never', 'return new Promise(() => {}) as any', 'UPGRADE_FAILED_TRIAL'],
    ] as const) {
      const source = `${PLAIN}\nexport function merge(base: State): State { ${body} }`
      const of = await host.serve(source, { as: `of-${name}` })
      const fork = (await kit.fork({ head: await kit.head(of) }, name)).head
      await host.call(of, 'add', ['x'])
      await assert.rejects(kit.merge(fork.service), (error: { code: string; hint: string }) => {
        assert.equal(error.code, code, name)
        // a merge has no such flag
        assert.doesNotMatch(error.hint, /--dry-run/, name)
        return true
      })
      assert.equal(String((await kit.head(fork.service)).commit), String(fork.commit))
    }
  })

  it('of other states than it says is found by whoever executes it again', async () => {
    const of = await host.serve(NOTES, { as: 'of-lie' })
    const fork = (await kit.fork({ head: await kit.head(of) }, 'lie')).head.service
    const older = (await host.call(of, 'add', ['x'])).commit
    await host.call(of, 'add', ['y'])
    const { vm, contracts, content, history, instances, identity } = host
    const tryCode = createTryCode({ vm, contracts, content })
    const lying = createMerge({
      ...{ vm, history, replayer: kit.replayer },
      carry: createCarry({ identity, instances, now: Date.now }),
      tryCode: (old, order, contract, options) =>
        tryCode(old, order, contract, {
          ...options,
          sides: { ...options.sides!, theirs: () => history.image(of, older) },
        }),
    })
    await lying(fork, { signal: never })
    assert.deepEqual(await all(fork), ['none', 'x'])
    const { ok, mismatch } = await kit.replayer.again(fork, undefined, { signal: never })
    assert.deepEqual([ok, mismatch?.seq], [false, 1], JSON.stringify(mismatch))
  })

  it('is for the owner and on the host alone, and needs the upstream here', async () => {
    const reader = await startHost()
    const own = createKit(reader)
    try {
      await pullInto(reader, host, mine)
      await assert.rejects(own.merge(mine), (error: { code: string }) =>
        ['NOT_THE_HOST', 'SERVICE_NOT_FOUND'].includes(error.code),
      )
      const { user } = host.identity
      await host.call(upstream, 'add', ['again'])
      host.identity.user = reader.identity.user
      await assert.rejects(kit.merge(mine), { code: 'NOT_THE_OWNER' })
      host.identity.user = user
    } finally {
      await own.stop()
      await reader.stop()
    }
  })
})

describe('a merge, elsewhere', () => {
  let host: Host
  let kit: Kit
  let reader: Host
  let own: Kit
  let upstream: CID
  let mine: CID
  before(async () => {
    host = await startHost()
    kit = createKit(host)
    reader = await startHost()
    own = createKit(reader)
    upstream = await host.serve(NOTES, { as: 'upstream' })
    await host.call(upstream, 'add', ['a'])
    mine = (await kit.fork({ head: await kit.head(upstream) }, 'mine')).head.service
    await host.call(upstream, 'add', ['b'])
    await kit.merge(mine)
    await host.call(mine, 'add', ['c'])
    await pullInto(reader, host, mine)
  })
  after(async () => {
    for (const one of [kit, own, host, reader]) await one.stop()
  })

  it('is taken as it was signed where the upstream is not here, which is said', async () => {
    const found = await own.replayer.again(mine, undefined, { signal: never })
    const { commit } = await own.head(mine)
    const merge = (await reader.history.commit(commit)).parent
    assert.deepEqual(
      [found.ok, found.trust, String(found.from)],
      [true, 'signed', String(merge)],
      JSON.stringify(found),
    )
  })

  it('is executed again with the upstream, and is worth as much as that', async () => {
    await pullInto(reader, host, upstream)
    const first = await own.replayer.again(mine, undefined, { signal: never })
    assert.deepEqual([first.ok, first.trust, String(first.from)], [true, 'signed', String(upstream)])
    await own.replayer.now(upstream, { signal: never })
    const found = await own.replayer.again(mine, undefined, { signal: never })
    assert.deepEqual([found.ok, found.trust], [true, 'replayed'], JSON.stringify(found))
  })

  it('into a fork of what was only signed is worth no more', async () => {
    await host.call(upstream, 'add', ['d'])
    const { head } = await own.fork({ head: await own.head(upstream) }, 'there')
    assert.equal(head.trust, 'replayed')
    await pullInto(reader, host, upstream)
    const merged = await own.merge(head.service)
    assert.equal(merged.head!.trust, 'signed')
    assert.deepEqual(await reader.query(head.service, 'all'), ['none', 'a', 'b', 'd'])
  })
})
