import assert from 'node:assert/strict'
import { MAX_GRAPH_NODES, MAX_TREE_NODES } from '../../daemon/page/constants.ts'
import { layOut } from '../../daemon/page/graph-layout.ts'
import { inlineValue } from '../../daemon/page/inline-value.ts'
import { createPage } from '../../daemon/page/page.ts'
import type { PageCommit, PageJson, PageService, PageSource } from '../../daemon/page/types.ts'
import { valueTree } from '../../daemon/page/value-tree.ts'
import { commit, createFakeSource, functions, graph, guestbook, history, state, USER_ID } from './fake-source.ts'
import { bodyOf, get, headerOf, statusOf } from './raw-request.ts'

const EVIL = '"><script>alert(1)</script>'

describe('page: explorer', () => {
  const ends: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  async function serve(replace: Partial<PageSource> = {}): Promise<number> {
    const page = createPage({ source: createFakeSource(replace) }, { port: 0 })
    ends.push(() => page.stop())
    await page.start()
    return Number(new URL(page.url).port)
  }

  it('takes nothing of a contract but one segment, and hands render nothing behind it', async () => {
    const paths: string[] = []
    const port = await serve({ render: async (_name, path) => `${paths.push(path)}` })
    for (const target of ['-', '-/', '-/state', '-/history', '-/functions', '-/nothing', '-/state/x', '-/commit'])
      await get(port, `/guestbook/${target}`)
    assert.deepEqual(paths, [])
    for (const target of ['-x', '--', 'a/-/state', '%2D-']) await get(port, `/guestbook/${target}`)
    assert.deepEqual(paths, ['/-x', '/--', '/a/-/state', '/--'])
  })

  it('says what a service was forked from, with a link where that is here', async () => {
    const commit = guestbook.commit
    const shownFor = async (forkedFrom: PageService['forkedFrom']): Promise<string> => {
      const port = await serve({ services: async () => [{ ...guestbook, ...(forkedFrom && { forkedFrom }) }] })
      return bodyOf(await get(port, '/guestbook/-/state'))
    }
    assert.match(
      await shownFor({ service: 'bafyx', commit, name: 'local.land/_/chess' }),
      /Forked from <a href="\/chess\/">/,
    )
    assert.match(await shownFor({ service: 'bafyx', commit, name: '~k51a/chess' }), /<a href="\/bafyx\/">~k51a\/chess</)
    assert.match(await shownFor({ service: null, commit }), /Forked from a service that is not here, commit/)
    assert.doesNotMatch(await shownFor({ service: null, commit, name: EVIL }), /<script>/)
    assert.doesNotMatch(await shownFor(undefined), /Forked/)
  })

  it('has 404 for what is not there', async () => {
    const port = await serve()
    for (const target of [
      '/guestbook/-/nothing',
      '/guestbook/-/state/x',
      '/guestbook/-/state/',
      '/guestbook/-/commit',
      '/guestbook/-/commit/bafyother',
      '/guestbook/-/commit/a%20b',
      '/guestbook/-/history/a.b',
      '/guestbook/-/__proto__',
      '/nobody/-/state',
      '/nobody/-/functions',
    ])
      assert.equal(statusOf(await get(port, target)), 404, target)
    const away = await get(port, '/guestbook/-')
    assert.deepEqual([statusOf(away), headerOf(away, 'Location')], [308, '/guestbook/-/functions'])
  })

  it('shows the state as a tree, with the commit that made it', async () => {
    const response = await get(await serve(), '/guestbook/-/state')
    assert.equal(statusOf(response), 200)
    const body = bodyOf(response)
    for (const text of [
      `/guestbook/-/commit/${guestbook.commit}`,
      '<code class="key">entries</code>',
      'array of 2',
      '<code class="class">Entry</code>',
      'the same as /entries/0',
      '<code class="value">2n</code>',
      'Set of 2',
      'WeakMap, which cannot be shown',
      'function onSign',
    ])
      assert.ok(body.includes(text), text)
  })

  it('draws the history, newest first, and pages by commits', async () => {
    const asked: (string | undefined)[] = []
    const port = await serve({
      history: async (_name, before) => {
        asked.push(before)
        return { ...history, more: before === undefined, pruned: before !== undefined }
      },
    })
    const body = bodyOf(await get(port, '/guestbook/-/history'))
    for (const text of [
      'class="kind-genesis"',
      'class="kind-upgrade"',
      'sign(&quot;Ana&quot;, &quot;Hola a todos&quot;)',
      'and 8 more calls, 329,632 gas',
      'href="/guestbook/-/history/bafyrei0" rel="next"',
      '2026-02-03 04:05:06 UTC',
    ])
      assert.ok(body.includes(text), text)
    const older = bodyOf(await get(port, '/guestbook/-/history/bafyrei0'))
    assert.ok(older.includes('Newest commits') && older.includes('was pruned') && !older.includes('rel="next"'))
    assert.deepEqual(asked, [undefined, 'bafyrei0'])
  })

  it('shows a commit: calls, results, events, what changed, and the way on', async () => {
    const body = bodyOf(await get(await serve(), `/guestbook/-/commit/${commit.commit}`))
    for (const text of [
      'Commit 42',
      `~k51qzi5uqu`,
      USER_ID,
      '41,204 gas',
      'signed',
      '{name: &quot;Ana&quot;, total: 2}',
      '/entries/1',
      '1,017 lines',
      'href="/guestbook/-/commit/bafyreiparent"',
      commit.root,
      'aria-current="true">Commit',
    ])
      assert.ok(body.includes(text), text)
  })

  it('leads from a rollback to its commit, and from a fork to nothing that is not here', async () => {
    for (const [kind, linked, what] of [
      ['rollback', true, 'nothing on this node to compare'],
      ['fork', false, 'begins with the state of the commit'],
    ] as const) {
      const found: PageCommit = { ...commit, kind, from: 'bafyreifrom', changes: null, forced: true }
      const body = bodyOf(await get(await serve({ commit: async () => found }), '/guestbook/-/commit/x'))
      assert.ok(body.includes('bafyreifrom') && body.includes(what))
      assert.equal(body.includes('href="/guestbook/-/commit/bafyreifrom"'), linked, kind)
    }
  })

  it('shows what a call asked of other services', async () => {
    const ask = { service: EVIL, method: 'createPost', ok: true, code: null, gas: 21_204, commit: 'bafythere' }
    const asks = [ask, { ...ask, service: null, method: null, ok: false, code: EVIL, commit: null }]
    const found: PageCommit = { ...commit, calls: [{ ...commit.calls[0]!, asks }] }
    const body = bodyOf(await get(await serve({ commit: async () => found }), '/guestbook/-/commit/x'))
    for (const text of [
      '<code>createPost</code> of',
      '21,204 gas',
      'bafythere',
      'an unknown service',
      '&lt;script&gt;',
    ])
      assert.ok(body.includes(text), text)
    assert.ok(!body.includes('<script'))
  })

  it('calls a copy what its author called it, and by the name that commands find it by', async () => {
    const published = `~${USER_ID}/forum`
    const copy = { ...guestbook, name: guestbook.service, title: 'forum', address: published, published }
    const port = await serve({ services: async () => [copy], functions: async () => functions })
    for (const tab of ['functions', 'state']) {
      const body = bodyOf(await get(port, `/${copy.name}/-/${tab}`))
      assert.match(body, /<h1>forum<\/h1>/)
      const verb = tab === 'state' ? 'state' : 'call'
      assert.ok(body.includes(`amigo ${verb} &#39;${published}&#39;`), tab)
      assert.ok(!body.includes('local.land/'), tab)
    }
    assert.ok(bodyOf(await get(port, '/')).includes(`<a href="/${copy.name}/">forum</a>`))
  })

  it('shows with what a service began', async () => {
    const first = { kind: 'genesis', seq: 0, parent: null, before: null, delta: null, calls: [], changes: null }
    const found: PageCommit = { ...commit, ...first, owner: USER_ID, init: ['Forum', EVIL] }
    const body = bodyOf(await get(await serve({ commit: async () => found }), '/guestbook/-/commit/x'))
    for (const text of ['init(&quot;Forum&quot;', `~${USER_ID}`, 'the first commit'])
      assert.ok(body.includes(text), text)
    assert.ok(!body.includes('Nobody called') && !body.includes('<script'))
  })

  it('says in words why something is not shown, and keeps the tabs', async () => {
    const fail = (code: string) => async (): Promise<never> => {
      throw Object.assign(new Error('secret /home/ana'), { code, hint: '' })
    }
    const port = await serve({ state: fail('OUT_OF_GAS'), history: fail('SOMETHING_NEW') })
    const state = await get(port, '/guestbook/-/state')
    assert.equal(statusOf(state), 502)
    const history = await get(port, '/guestbook/-/history')
    assert.equal(statusOf(history), 500)
    assert.ok(history.includes('SOMETHING_NEW'))
    const sealed = await get(await serve({ state: fail('ACCESS_DENIED') }), '/guestbook/-/state')
    assert.equal(statusOf(sealed), 403)
    for (const response of [state, history, sealed])
      assert.ok(response.includes('/guestbook/-/functions') && !response.includes('/home'))
  })

  it('says of a state that is too large how to look at a part of it', async () => {
    for (const code of ['RESULT_TOO_LARGE', 'OUT_OF_MEMORY', 'OUT_OF_GAS']) {
      const state = async (): Promise<never> => {
        throw Object.assign(new Error('secret /home/ana'), { code, hint: '' })
      }
      const response = await get(await serve({ state }), '/guestbook/-/state')
      assert.equal(statusOf(response), 502)
      const body = bodyOf(response)
      for (const text of ['Too large to be shown', `amigo state ${guestbook.address} /VARIABLE`, code, '/-/functions'])
        assert.ok(body.includes(text), text)
      // it is no fault of what the contract does
      for (const text of ['The contract’s code', 'a page may cost', '/home']) assert.ok(!body.includes(text), text)
    }
    const render = async (): Promise<never> => {
      throw Object.assign(new Error(''), { code: 'RESULT_TOO_LARGE', hint: '' })
    }
    assert.ok(bodyOf(await get(await serve({ render }), '/guestbook/')).includes('more than a result may hold'))
  })

  it('escapes whatever it is handed', async () => {
    const calls = [
      { ...commit.calls[0]!, caller: EVIL, method: EVIL, args: [EVIL], result: { [EVIL]: EVIL } },
      { ...commit.calls[0]!, events: [{ name: EVIL, value: EVIL }] },
    ]
    const evil: PageCommit = {
      ...commit,
      ...{ commit: EVIL, parent: EVIL, from: EVIL, time: EVIL, kind: EVIL, contract: EVIL, host: EVIL, trust: EVIL },
      ...{ before: EVIL, root: EVIL, engine: EVIL, content: [EVIL], calls },
      changes: [{ path: EVIL, from: EVIL, to: { [EVIL]: EVIL } }],
    }
    const value: PageJson = {
      [EVIL]: { '/': { class: [EVIL, { [EVIL]: { '/': { function: EVIL } } }] } },
      map: { '/': { map: [[EVIL, EVIL]] } },
      wrong: { '/': { class: [EVIL] } },
    }
    const thing = {
      ...graph.dependents[0]!,
      name: `${EVIL}/${EVIL}`,
      version: EVIL,
      range: EVIL,
      host: EVIL,
      seen: EVIL,
    }
    const above = { ...thing, up: false, code: EVIL, service: EVIL, here: EVIL, dependents: [] }
    const npm = { ...graph.dependencies.find(({ mode }) => mode === 'npm')!, name: EVIL }
    const below = { ...thing, now: { version: EVIL, newer: true, moved: false }, dependencies: [npm] }
    const port = await serve({
      state: async () => ({ ...state, commit: EVIL, trust: EVIL, state: value }),
      history: async () => ({ commits: [evil], more: true, pruned: true }),
      commit: async () => evil,
      graph: async () => ({ ...graph, dependencies: [below], dependents: [above], version: EVIL, code: EVIL }),
      rules: async () => ({
        access: { call: [EVIL], query: 'public', history: 'public', functions: { [EVIL]: [EVIL] } },
        limits: { gas: Number.NaN, memory: -1, args: 0, result: 1e300, delta: 0.5, queue: 1 },
      }),
    })
    for (const target of ['state', 'history', 'commit/x', 'functions', 'graph']) {
      const response = await get(port, `/guestbook/-/${target}`)
      assert.equal(statusOf(response), 200, target)
      assert.ok(response.includes('&lt;script&gt;'), target)
      assert.ok(!response.includes('<script'), target)
    }
  })

  it('draws what a service depends on and who depends on it, and tells it in words', async () => {
    const body = bodyOf(await get(await serve(), '/guestbook/-/graph'))
    for (const text of [
      'forum 1.2.0',
      'live ^1.2 · up, 3 ms',
      'live ^1.2 · down',
      'down: TIMED_OUT',
      '2 npm packages',
      '1.3.0 now',
      'a circle: it stands above',
      'heard of',
      '<a href="/chess/-/graph">',
      'amigo why local.land/_/guestbook',
      'There is more than was found out',
    ])
      assert.ok(body.includes(text), text)
    const alone = { ...graph, dependencies: [], dependents: [], more: false }
    const nothing = bodyOf(await get(await serve({ graph: async () => alone }), '/guestbook/-/graph'))
    for (const text of ['imports nothing', 'Nobody is known to use it']) assert.ok(nothing.includes(text), text)
  })

  it('draws each thing of a graph once, and only so many', () => {
    const { nodes, edges, hidden } = layOut(graph)
    assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length)
    assert.equal(hidden, 0)
    const [root] = nodes
    // the circle leads back to the service itself
    assert.ok(edges.some(({ from, to }) => from.id === 'bafyforum' && to === root))
    const at = (id: string) => nodes.find((node) => node.id === id)!.x
    assert.ok(at('bafyclub') < at('bafychess') && at('bafychess') < root!.x && root!.x < at('bafyforum'))
    const many = Array.from({ length: 500 }, (_, i) => ({
      ...graph.dependents[0]!,
      service: `bafy${i}`,
      dependents: [],
    }))
    const drawn = layOut({ ...graph, dependencies: [], dependents: many })
    assert.deepEqual([drawn.nodes.length, drawn.hidden], [MAX_GRAPH_NODES, 501 - MAX_GRAPH_NODES])
  })

  it('draws instances of classes that extend a container', () => {
    const board: PageJson = { '/': { class: ['Board', { '/': { map: [['a', 1]] } }, { title: 'x' }] } }
    const tags: PageJson = { '/': { class: ['Tags', ['x']] } }
    const floats: PageJson = { '/': { class: ['Float64Array', { '/': { bytes: 'AAAAAAAA8D8' } }] } }
    const drawn = String(valueTree({ board, tags, none: { '/': { class: ['Tags', []] } }, floats }))
    for (const text of [
      '<code class="class">Board</code> Map of 1',
      '<code class="key">title</code> <code class="value">&quot;x&quot;</code>',
      '<code class="class">Tags</code> array of 1',
      'empty Tags',
      'Float64Array bytes AAAAAAAA8D8',
    ])
      assert.ok(drawn.includes(text), `${text} in ${drawn}`)
    assert.equal(inlineValue([board, tags]), '[Board Map {"a" => 1, title: "x"}, Tags ["x"]]')
  })

  it('draws a bounded part of a state, however wide or deep', () => {
    const wide = valueTree(Array.from({ length: 100_000 }, () => 'x'.repeat(1_000))).toString()
    assert.ok(wide.includes(`and ${100_000 - MAX_TREE_NODES} more parts`))
    assert.ok(wide.length < MAX_TREE_NODES * 700)
    let deep: PageJson = 'end'
    for (let level = 0; level < 5_000; level++) deep = [deep]
    const text = valueTree(deep).toString()
    assert.ok(text.includes('and 1 more part') && text.length < 100_000)
  })
})
