/** Real nodes: who depends on what, on both sides, while the other is up and when it is down. */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Dependency, Dependent, Result } from '../../daemon/api/vocabulary.ts'
import { amigo, type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

type Graph = Result<'graph'>

const FORUM = `
const posts: string[] = []
export function createPost(title: string): number { return posts.push(title) }
`
const TEXT = `export function slugify(text: string): string { return text.toLowerCase() }`

describe('the graph of services', function () {
  this.timeout(120_000)
  let home: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let alices: string
  let bobs: string

  const folder = async (path: string, files: Record<string, string>): Promise<string> => {
    for (const [file, content] of Object.entries(files)) {
      await mkdir(dirname(join(home.path, path, file)), { recursive: true })
      await writeFile(join(home.path, path, file), content)
    }
    return join(home.path, path)
  }
  const source = (name: string, version: string, code: string): Promise<string> =>
    folder(`${name}-${version}`, {
      'amigo.yaml': `name: ${name}\nversion: ${version}\nmain: main.ts\n`,
      'main.ts': code,
    })
  const graph = (node: RunningNode, name: string): Promise<Graph> => node.run<Graph>('why', name)
  const importAll = async (node: RunningNode, dir: string, ...imports: string[][]): Promise<void> => {
    for (const words of imports) {
      const ran = await amigo(['import', ...words, '--json'], { home: node.info.home, cwd: dir })
      assert.equal(ran.code, 0, ran.stdout)
    }
  }

  before(async () => {
    home = await tempFolder('amigos-graph')
    alice = await startNode(join(home.path, 'alice'))
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers > 0,
    )
    alices = `~${(await alice.run<{ user: string }>('id')).user}`
    bobs = `~${(await bob.run<{ user: string }>('id')).user}`
    await alice.run('publish', await source('forum', '1.2.0', FORUM))
    await alice.run('publish', await source('text', '2.1.0', TEXT))
    await alice.run('publish', await source('comments', '1.0.0', FORUM))
    const blog = await source(
      'blog',
      '0.1.0',
      `import { createPost } from '${alices}/forum'
import { slugify } from '${alices}/text'
import * as comments from '${alices}/comments'
export async function post(title: string): Promise<number> { return createPost(slugify(title)) }
export async function comment(text: string): Promise<number> { return comments.createPost(text) }
`,
    )
    const modes = [
      [`${alices}/text`, '--mode', 'code'],
      [`${alices}/comments`, '--mode', 'fork'],
    ]
    await importAll(bob, blog, [`${alices}/forum@^1.2`], ...modes)
    await bob.run('publish', blog)
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await home.remove()
  })

  it('has what is imported, with its version, its host, and that it is up', async () => {
    const { dependencies, dependents } = await graph(bob, 'local.land/_/blog')
    const of = (mode: Dependency['mode']): Dependency => dependencies.find((one) => one.mode === mode)!
    assert.deepEqual(dependencies.map(({ mode }) => mode).sort(), ['code', 'fork', 'live'])
    const { name, version, range, host, up, ms, now, repeated } = of('live')
    assert.deepEqual(
      { name, version, range, host, up, repeated },
      {
        name: `${alices}/forum`,
        version: '1.2.0',
        range: '^1.2',
        host: alice.info.peerId,
        up: true,
        repeated: null,
      },
    )
    assert.ok(ms !== null && now !== null && !now.newer && !now.moved)
    assert.deepEqual([of('code').version, of('code').host, of('code').up], ['2.1.0', alice.info.peerId, true])
    const { services } = await bob.run<{ services: { name: string; service: string }[] }>('status')
    const copy = services.find(({ name }) => name === 'blog-comments')!
    assert.deepEqual([of('fork').copy, of('fork').host], [copy.service, alice.info.peerId])
    const whose = await graph(bob, 'local.land/_/blog-comments')
    assert.deepEqual(
      whose.dependents.map(({ name, mode }) => [name, mode]),
      [[`${bobs}/blog`, 'fork']],
    )
    assert.deepEqual(dependents, [])
  })

  it('has who imports, because their host announced it', async () => {
    const used = await until(
      () => graph(alice, 'local.land/_/forum'),
      ({ dependents }) => dependents.length === 1,
    )
    const [blog] = used.dependents as [Dependent]
    assert.deepEqual(
      [blog.name, blog.mode, blog.known, blog.version, blog.pinned, blog.range, blog.host, blog.up],
      [`${bobs}/blog`, 'live', 'announced', '0.1.0', '1.2.0', '^1.2', bob.info.peerId, true],
    )
    for (const [name, mode] of [
      ['local.land/_/text', 'code'],
      [`${alices}/text@2.1.0`, 'code'],
      ['local.land/_/comments', 'fork'],
    ] as const) {
      const { dependents } = await graph(alice, name)
      assert.deepEqual(
        dependents.map(({ name, mode }) => [name, mode]),
        [[`${bobs}/blog`, mode]],
      )
    }
    // and from elsewhere, by asking the host
    const told = await graph(bob, `${alices}/forum`)
    assert.deepEqual(
      told.dependents.map(({ name, known, up }) => [name, known, up]),
      [[`${bobs}/blog`, 'here', true]],
    )
  })

  it('counts the calls that stand in the history', async () => {
    await bob.run('call', 'local.land/_/blog', 'post', 'Hello')
    await bob.run('call', 'local.land/_/blog', 'post', 'World')
    const { dependents } = await graph(alice, 'local.land/_/forum')
    assert.deepEqual(
      dependents.map(({ calls, known }) => [calls, known]),
      [[2, 'announced']],
    )
  })

  it('goes on to those who depend on the dependents', async () => {
    const site = await source(
      'site',
      '3.0.0',
      `import { post } from '${bobs}/blog'
import { createPost } from '${alices}/forum'
export async function go(): Promise<number> { return (await post('x')) + (await createPost('y')) }
`,
    )
    await importAll(alice, site, [`${bobs}/blog@0.1.0`], [`${alices}/forum@1.2.0`])
    await alice.run('serve', site)
    const names = (all: readonly Dependent[]) => all.map(({ name, known, repeated }) => [name, known, repeated]).sort()
    const own = await graph(alice, 'local.land/_/forum')
    assert.deepEqual(names(own.dependents), [
      ['local.land/_/site', 'here', null],
      [`${bobs}/blog`, 'announced', null],
    ])
    const blog = own.dependents.find(({ name }) => name === `${bobs}/blog`)!
    assert.deepEqual(names(blog.dependents), [['local.land/_/site', 'here', 'shown']])
    // what is not published is known to its own node alone
    assert.deepEqual(names((await graph(bob, `${alices}/forum`)).dependents), [[`${bobs}/blog`, 'here', null]])
    await alice.run('publish', site)
    const deep = await until(
      () => graph(bob, `${alices}/forum`),
      ({ dependents }) => dependents.find(({ name }) => name === `${bobs}/blog`)!.dependents.length === 1,
    )
    assert.deepEqual(
      names(deep.dependents),
      [
        [`${alices}/site`, 'told', null],
        [`${bobs}/blog`, 'here', null],
      ].sort(),
    )
    const above = deep.dependents.find(({ name }) => name === `${bobs}/blog`)!.dependents
    assert.deepEqual(names(above), [[`${alices}/site`, 'announced', 'shown']])
    const below = await graph(alice, 'local.land/_/site')
    const blogs = below.dependencies.find(({ name }) => name === `${bobs}/blog`)!.dependencies
    assert.deepEqual(blogs.map(({ name, up, ms }) => [name, up, ms]).sort(), [
      [`${alices}/comments`, true, null],
      [`${alices}/forum`, true, null],
      [`${alices}/text`, true, null],
    ])
  })

  it('is on the page', async () => {
    const page = await (await fetch(`${alice.info.http}forum/-/graph`)).text()
    for (const text of [`${bobs}/blog`, 'blog 0.1.0', 'href="/site/-/graph"', 'class="up"'])
      assert.ok(page.includes(text), text)
    assert.doesNotMatch(page, /\d call/)
  })

  it('says of a newer version that it is there, and tells a circle', async () => {
    const forum2 = await source(
      'forum',
      '1.3.0',
      `import { post } from '${bobs}/blog'\n${FORUM}export async function repost(title: string): Promise<number> { return post(title) }\n`,
    )
    await importAll(alice, forum2, [`${bobs}/blog@0.1.0`])
    await alice.run('publish', forum2)
    const { dependencies, dependents } = await graph(alice, 'local.land/_/forum')
    assert.deepEqual(
      dependencies.map(({ name, repeated }) => [name, repeated]),
      [[`${bobs}/blog`, null]],
    )
    const circle = dependencies[0]!.dependencies.find(({ mode }) => mode === 'live')!
    assert.deepEqual([circle.name, circle.repeated, circle.dependencies], [`${alices}/forum`, 'circle', []])
    const again = dependents.find(({ name }) => name === `${bobs}/blog`)!.dependents
    assert.ok(again.some(({ name, repeated }) => name === `${alices}/forum` && repeated === 'circle'))
    const found = await until(
      () => graph(bob, 'local.land/_/blog'),
      ({ dependencies }) => dependencies.some(({ now }) => now?.newer),
    )
    const forum = found.dependencies.find(({ mode }) => mode === 'live')!
    assert.deepEqual([forum.version, forum.now!.version, forum.now!.moved, forum.up], ['1.2.0', '1.3.0', false, true])
  })

  it('says who is down, and since when, and keeps what was announced over a restart', async () => {
    await bob.stop()
    const down = await graph(alice, 'local.land/_/forum')
    assert.deepEqual(
      down.dependents.flatMap(({ name, up, version }) => (up ? [] : [[name, version]])),
      [[`${bobs}/blog`, '0.1.0']],
    )
    const blog = down.dependents.find(({ up }) => !up)!
    assert.ok(blog.up === false && blog.code !== null && blog.seen !== null)
    await alice.stop()
    alice = await startNode(join(home.path, 'alice'))
    const again = await graph(alice, 'local.land/_/forum')
    assert.deepEqual(
      again.dependents.flatMap(({ name, up, known }) => (up ? [] : [[name, known]])),
      [[`${bobs}/blog`, 'announced']],
    )
    const { dependents } = await graph(alice, 'local.land/_/text')
    assert.equal(dependents[0]!.name, `${bobs}/blog`)
  })

  it('tells a host that was away, when it is back', async () => {
    bob = await startNode(join(home.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => graph(alice, 'local.land/_/forum'),
      ({ dependents }) => dependents.some(({ name, up }) => name === `${bobs}/blog` && up),
    )
    const late = await source(
      'late',
      '0.1.0',
      `import { createPost } from '${alices}/forum'\nexport async function go(): Promise<number> { return createPost('x') }\n`,
    )
    await importAll(bob, late, [`${alices}/forum@^1.2`])
    await alice.stop()
    const { service } = await bob.run<{ service: string }>('publish', late)
    const [, port] = /tcp\/(\d+)/.exec(alice.info.addresses[0]!)!
    alice = await startNode(join(home.path, 'alice'), [], [`/ip4/127.0.0.1/tcp/${port}`])
    const found = await until(
      () => graph(alice, 'local.land/_/forum'),
      ({ dependents }) => dependents.some((one) => one.service === service),
    )
    assert.equal(found.dependents.find((one) => one.service === service)!.known, 'announced')
  })
})
