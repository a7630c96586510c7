import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommitSummary, Implementation, Json, Mismatch, Params } from '../../daemon/api/vocabulary.ts'
import { type Fixture, startServer } from '../api/fixture.ts'
import { amigo, amigoHere, type Ended } from './fixture.ts'

const EVIL = '\u001b[2J\u202eevil\u009b1m'
/** What a terminal obeys, but line feeds. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/
const CALLER = 'k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r'
const VERIFIED = { ok: true, commits: 3, calls: 1_204, trust: 'replayed', from: 'bafygenesis', to: 'bafyhead' }

const call = (method: string, ...args: CommitSummary['calls'][number]['args']) => ({
  caller: CALLER,
  method,
  args,
  gas: 1_204,
  ok: true,
})
const ASK = { service: 'bafyforum', method: 'createPost', ok: true, code: null, gas: 21_204, commit: 'bafythere' }
const commit = (seq: number, kind: string, calls: CommitSummary['calls'] = []): CommitSummary => ({
  commit: `bafy${seq}`,
  seq,
  parent: seq === 0 ? null : `bafy${seq - 1}`,
  time: '2026-01-02T03:04:05.678Z',
  kind,
  contract: 'bafycontract',
  from: null,
  forced: false,
  calls,
})

describe('the history of a service', () => {
  let folder: string
  let fixture: Fixture | undefined

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-history-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))
  afterEach(async () => {
    await fixture?.end()
    fixture = undefined
  })

  async function withDaemon(own: Partial<Implementation>, ...args: string[]): Promise<Ended> {
    await fixture?.end()
    fixture = await startServer(own)
    return amigoHere([...args, '--home', fixture.home])
  }

  const page = { service: 's', trust: 'own', more: false, pruned: false }

  describe('log', () => {
    it('draws each kind of commit, newest first, with its calls', async () => {
      const commits = [
        commit(11, 'rollback'),
        { ...commit(10, 'upgrade'), forced: true },
        commit(9, 'step', [call('sign', 'Ana', { '/': { bigint: '5' } }), call('a'), call('b'), call('c'), call('d')]),
        { ...commit(0, 'fork'), from: 'bafyorigin' },
      ]
      const { code, out } = await withDaemon({ log: async () => ({ ...page, commits }) }, 'log', 'c')
      assert.equal(code, 0)
      const lines = out.trimEnd().split('\n')
      assert.match(lines[0]!, /^< 11 2026-01-0\d bafy11 rollback$/)
      assert.match(lines[1]!, /^\^ 10 .* bafy10 upgrade forced$/)
      assert.match(lines[2]!, /^\* {2}9 .* bafy9$/)
      assert.match(lines[3]!, /^\|.* sign\("Ana", 5n\) by ~k51qzi5uqu…xel2r, 1,204 gas$/)
      assert.match(lines[6]!, /and 2 more calls, 2,408 gas$/)
      assert.match(lines[7]!, /^Y {2}0 .* bafy0 fork of bafyorigin$/)
      assert.equal(lines.length, 8)
    })

    it('pages, and hands the daemon what it was told', async () => {
      const seen: unknown[] = []
      const log: Implementation['log'] = async (params) => {
        seen.push(params)
        return { ...page, commits: [commit(4, 'step')], more: true }
      }
      const { out, err } = await withDaemon({ log }, 'log', 'a/c', '--limit', '1', '--before', 'bafy5')
      assert.match(err, /amigo --home \S+ log a\/c --before bafy4/)
      assert.match(out, /^\* 4/)
      const script = await withDaemon({ log }, 'log', 'a/c', '--json')
      assert.deepEqual(Object.keys(JSON.parse(script.out).commits[0]).sort(), Object.keys(commit(4, 'step')).sort())
      assert.deepEqual(seen, [{ name: 'a/c', limit: 1, before: 'bafy5' }, { name: 'a/c' }])
      for (const limit of ['0', 'many', '1001'])
        assert.equal((await withDaemon({ log }, 'log', 'c', '--limit', limit)).code, 2, limit)
    })

    it('shows nothing raw of what others wrote', async () => {
      const commits = [
        {
          ...commit(1, EVIL, [{ caller: EVIL, method: EVIL, args: [EVIL, { [EVIL]: EVIL }], gas: 1, ok: true }]),
          time: EVIL,
          commit: EVIL,
        },
      ]
      const { out } = await withDaemon({ log: async () => ({ ...page, commits }) }, 'log', 'c')
      assert.doesNotMatch(out, UNSAFE)
      assert.ok(out.includes('evil'))
    })
  })

  it('show tells all of a commit', async () => {
    const { calls: _, ...about } = commit(7, 'upgrade')
    const show: Implementation['show'] = async () => ({
      ...about,
      ...{
        service: 'bafyservice',
        epoch: 0,
        host: '12D3',
        engine: 'bafyengine',
        before: 'aa',
        root: 'bb',
        trust: 'own',
      },
      ...{ forced: true, owner: null, init: null, delta: { lines: 1_000, pages: 2 }, content: ['bafkcontent'] },
      calls: [
        {
          ...call('sign', 'Ana'),
          id: '1',
          result: 7,
          events: [{ name: 'signed', value: EVIL }],
          asks: [ASK, { ...ASK, ok: false, code: 'CALL_CYCLE', method: null, service: null, commit: null }],
        },
      ],
    })
    const { out } = await withDaemon({ show }, 'show', 'bafy7')
    for (const text of [
      'commit bafy7 upgrade forced',
      'root aa',
      '-> bb',
      '1,000 lines of 256 bytes in 2 pages',
      'bafkcontent',
      'sign("Ana") -> 7 by',
      'event signed:',
      'asked createPost of bafyforum, 21,204 gas, in bafythere',
      'asked a function of nobody knows whom: CALL_CYCLE, 21,204 gas',
    ])
      assert.ok(out.includes(text), text)
    assert.doesNotMatch(out, UNSAFE)
    const { signal } = new AbortController()
    const first: Implementation['show'] = async () => ({
      ...(await show({ commit: 'bafy0' }, { signal })),
      ...{ kind: 'step', forced: false, owner: CALLER, init: ['Forum', { '/': { bigint: '5' } }] },
    })
    const plain = await withDaemon({ show: first }, 'show', 'bafy7')
    assert.equal(plain.out.split('\n')[0], 'commit bafy7')
    assert.match(
      plain.out,
      /owner +~k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r\n +init +init\("Forum", 5n\)/,
    )
    const script = await withDaemon({ show }, 'show', 'bafy7', '--json')
    assert.equal(JSON.parse(script.out).calls[0].result, 7)
    // of a service it is the newest
    const log: Implementation['log'] = async ({ limit }) => ({
      ...page,
      commits: limit === 1 ? [{ ...about, calls: [] }] : [],
    })
    const newest: Implementation['show'] = async ({ commit: wanted }) => {
      assert.equal(wanted, about.commit)
      return show({ commit: wanted }, { signal })
    }
    const named = await withDaemon({ log, show: newest }, 'show', 'local.land/_/forum')
    assert.equal(named.code, 0, named.err)
    const empty = await withDaemon(
      { log: async () => ({ ...page, commits: [] }) },
      'show',
      'local.land/_/forum',
      '--json',
    )
    assert.equal(JSON.parse(empty.out).error.code, 'USAGE')
  })

  describe('state', () => {
    const found = { service: 's', commit: 'bafyc', seq: 3, trust: 'own', cid: 'bafystate' }

    it('is a tree of what the variables hold', async () => {
      const state: Implementation['state'] = async () => ({
        ...found,
        state: {
          posts: [{ '/': { class: ['Post', { author: 'Ana', at: { '/': { date: '2026-01-01T00:00:00.000Z' } } }] } }],
          votes: { '/': { map: [['a', { '/': { bigint: '3' } }]] } },
          tags: { '/': { set: ['x'] } },
          again: { '/': { ref: '/posts/0' } },
          sign: { '/': { function: 'sign' } },
          cache: { '/': { opaque: 'WeakMap' } },
          none: { '/': { undefined: true } },
          empty: {},
          'lib/store.ts': { n: -0.5 },
        },
      })
      const { out } = await withDaemon({ state }, 'state', 'c')
      const lines = [
        'posts: array of 1',
        '  0: Post',
        '    author: "Ana"',
        '    at: 2026-01-01T00:00:00.000Z',
        'votes: Map of 1',
        '  "a" => 3n',
        'tags: Set of 1',
        '  0: "x"',
        'again: the same as /posts/0',
        'sign: function sign',
        'cache: WeakMap, which cannot be shown',
        'none: undefined',
        'empty: {}',
        '"lib/store.ts":',
        '  n: -0.5',
        '',
      ]
      assert.deepEqual(out.split('\n'), lines)
    })

    it('reads instances of classes that extend a container, and names what stands in two places', async () => {
      const board: Json = { '/': { class: ['Board', { '/': { map: [['a', [{ n: 1 }]]] } }, { title: 'x' }] } }
      const named: Json = { '/': { class: ['Map', { '/': { map: [] } }, { own: 1 }] } }
      const state: Implementation['state'] = async () => ({
        ...found,
        state: {
          board,
          tags: { '/': { class: ['Tags', ['x']] } },
          none: { '/': { class: ['Tags', []] } },
          named,
          floats: { '/': { class: ['Float64Array', { '/': { bytes: 'AAAAAAAA8D8' } }] } },
          first: { '/': { ref: '/board/~1/class/1/~1/map/0/1/0' } },
          list: [board],
        },
      })
      const { out } = await withDaemon({ state }, 'state', 'c')
      const lines = [
        'board: Board, Map of 1',
        '  "a" => array of 1',
        '    0:',
        '      n: 1',
        '  title: "x"',
        'tags: Tags, array of 1',
        '  0: "x"',
        'none: Tags []',
        'named: Map of 0',
        '  own: 1',
        'floats: Float64Array bytes(8) AAAAAAAA8D8',
        'first: the same as /board/a/0',
      ]
      assert.deepEqual(out.split('\n').slice(0, lines.length), lines)
      const diff: Implementation['diff'] = async () => ({
        ...{ from: { service: 's', commit: 'b', seq: 1 }, to: { service: 's', commit: 'b', seq: 2 }, more: false },
        changes: [{ path: '/board', to: [board] }],
      })
      const compared = await withDaemon({ diff }, 'diff', 'a', 'b')
      assert.match(compared.out, /\+ 0: Board, Map of 1/)
    })

    it('asks for the part that a pointer or a word names, at whatever commit', async () => {
      const seen: Params<'state'>[] = []
      const state: Implementation['state'] = async (params) => {
        seen.push(params)
        return { ...found, state: 1 }
      }
      for (const path of ['/posts/0', 'posts', '/a~1b/~0', '/', '/x/'])
        assert.equal((await withDaemon({ state }, 'state', 'local.land/_/c@bafyold', path)).code, 0, path)
      assert.deepEqual(
        seen.map(({ path }) => path),
        [['posts', '0'], ['posts'], ['a/b', '~'], undefined, ['x', '']],
      )
      assert.equal(seen[0]?.name, 'local.land/_/c@bafyold')
      assert.equal((await withDaemon({ state }, 'state', 'c', '/a~2')).code, 2)
    })

    it('shows nothing raw, and ends with what nests too deeply', async () => {
      let deep: Params<'verify'> | object = {}
      for (let level = 0; level < 3_000; level++) deep = { a: deep }
      const state: Implementation['state'] = async () => ({
        ...found,
        state: {
          [EVIL]: { '/': { class: [EVIL, { [EVIL]: EVIL }] } },
          deep: deep as never,
          fake: { '/': { class: [1] } },
        },
      })
      const { code, out } = await withDaemon({ state }, 'state', 'c')
      assert.equal(code, 0)
      assert.doesNotMatch(out, UNSAFE)
      assert.ok(out.includes('…'))
    })
  })

  it('diff shows what was and what is, by path', async () => {
    const diff: Implementation['diff'] = async () => ({
      from: { service: 's', commit: 'bafya', seq: 1 },
      to: { service: 's', commit: 'bafyb', seq: 2 },
      changes: [
        { path: '/n', from: 1, to: 2 },
        { path: '/posts/1', to: { text: EVIL } },
        { path: '/old', from: null },
      ],
      more: true,
    })
    const { out, err } = await withDaemon({ diff }, 'diff', 'bafya', 'bafyb')
    assert.doesNotMatch(out, UNSAFE)
    const lines = out.split('\n')
    assert.deepEqual(lines.slice(0, 5), ['--- bafya seq 1', '+++ bafyb seq 2', '/n', '- 1', '+ 2'])
    assert.match(lines[6]!, /^\+ text: /)
    assert.deepEqual(lines.slice(7), ['/old', '- null', ''])
    assert.match(err, /more than these 3 changes/)
  })

  describe('verify', () => {
    it('says in one line what was proven', async () => {
      const { code, out } = await withDaemon({ verify: async () => VERIFIED }, 'verify', 'c')
      assert.equal(code, 0)
      assert.equal(
        out,
        'Verified: c: 3 commits with 1,204 calls run again here, from bafygenesis to bafyhead, with the same results, gas and memory (replayed)\n',
      )
    })

    it('does not say that anything was proven where nothing was run again', async () => {
      const nothing = { ...VERIFIED, commits: 0, calls: 0, trust: 'signed' as const, from: VERIFIED.to }
      const { code, out } = await withDaemon({ verify: async () => nothing }, 'verify', 'c')
      assert.equal(code, 0)
      assert.match(out, /^Not run again: c: its commit bafyhead is as its host signed it/)
    })

    it('says in words what differs, and ends with 1', async () => {
      const mismatch: Mismatch = { commit: 'bafyx', seq: 2, what: 'result', call: 1, expected: '5', found: EVIL }
      const verify: Implementation['verify'] = async () => ({ ...VERIFIED, ok: false, mismatch })
      const { code, out } = await withDaemon({ verify }, 'verify', 'c')
      assert.equal(code, 1)
      assert.doesNotMatch(out, UNSAFE)
      for (const text of [
        'Not verified: c',
        'the result differs',
        'commit bafyx, seq 2, call 1',
        'expected  5',
        'found',
      ])
        assert.ok(out.includes(text), text)
      const script = await withDaemon({ verify }, 'verify', 'c', '--json')
      assert.equal(script.code, 1)
      assert.deepEqual(JSON.parse(script.out), { ...VERIFIED, ok: false, mismatch })
    })

    it('warns where the host could not be reached', async () => {
      const verify: Implementation['verify'] = async () => ({ ...VERIFIED, stale: true })
      assert.match((await withDaemon({ verify }, 'verify', 'c')).err, /warning: the host cannot be reached/)
    })

    it('says what a receipt proves', async () => {
      const proves = {
        ...{ service: 'bafys', commit: 'bafyc', seq: 3, index: 2, time: '2026-01-02T03:04:05.678Z', host: '12D3' },
        ...{ caller: CALLER, method: 'sign', args: ['Ana', EVIL], result: { '/': { bigint: '7' } }, gas: 1_204 },
      }
      const verify: Implementation['verify'] = async () => ({ ...VERIFIED, proves })
      const { out } = await withDaemon({ verify }, 'verify', 'c')
      assert.doesNotMatch(out, UNSAFE)
      for (const text of ['sign("Ana"', '-> 7n', '~k51qzi5uqu…xel2r, 1,204 gas', 'seq 3, call 2', 'bafys', '12D3'])
        assert.ok(out.includes(text), text)
    })

    it('begins after the commit that was named', async () => {
      const seen: unknown[] = []
      const verify: Implementation['verify'] = async (params) => {
        seen.push(params)
        return VERIFIED
      }
      assert.equal((await withDaemon({ verify }, 'verify', 'c', '--from', 'bafyx')).code, 0)
      assert.deepEqual(seen, [{ name: 'c', from: 'bafyx' }])
    })

    it('says from where a history was run again of which the older part was pruned', async () => {
      const verify: Implementation['verify'] = async () => ({ ...VERIFIED, trust: 'signed' })
      const { out } = await withDaemon({ verify }, 'verify', 'c')
      assert.match(out, /run again here, from .*the state that it begins with is as its host signed it/)
      assert.doesNotMatch(out, /not run again/)
    })

    it('takes a file with JSON for a receipt, and any other word for a name', async () => {
      const seen: unknown[] = []
      const verify: Implementation['verify'] = async (params) => {
        seen.push('receipt' in params ? params.receipt : params.name)
        return { ...VERIFIED, trust: 'signed', from: 'bafyx', to: 'bafyx' }
      }
      const file = join(folder, 'receipt')
      await writeFile(file, '{"receipt":"amigos/1"}')
      const { out } = await withDaemon({ verify }, 'verify', file)
      assert.match(out, /not run again here/)
      await withDaemon({ verify }, 'verify', 'bafycommit')
      assert.deepEqual(seen, [{ receipt: 'amigos/1' }, 'bafycommit'])
      await writeFile(file, 'no JSON')
      for (const word of [file, join(folder, 'missing'), './missing.json', folder]) {
        const ended = await withDaemon({ verify }, 'verify', word, '--json')
        assert.deepEqual([ended.code, JSON.parse(ended.out).error.code], [1, 'FILE_UNREADABLE'], word)
      }
      assert.equal(seen.length, 2)
    })
  })

  it('fork takes the name along, unless it is told another', async () => {
    const seen: unknown[] = []
    const fork: Implementation['fork'] = async (params) => {
      seen.push(params)
      const ids = { service: 's', from: 'bafyf', commit: 'bafyc' }
      return { name: 'local.land/_/x', ...ids, trust: 'own', url: 'http://x/', warnings: ['careful'] }
    }
    assert.equal((await withDaemon({ fork }, 'fork', '~k51abc/guestbook@bafyold')).code, 0)
    assert.equal((await withDaemon({ fork }, 'fork', '~k51abc/guestbook', '--as', 'mine')).code, 0)
    assert.deepEqual(seen, [
      { name: '~k51abc/guestbook@bafyold', as: 'guestbook' },
      { name: '~k51abc/guestbook', as: 'mine' },
    ])
    const logical = await withDaemon({ fork }, 'fork', '~k51abc/guestbook', '--logical')
    assert.match(logical.err, /careful/)
    assert.deepEqual(seen.at(-1), { name: '~k51abc/guestbook', as: 'guestbook', logical: true })
    const cid = 'bafyreigq4zsipbk5w3uqkbmh2w2633c5tcql4ixu3s6xsbdvlqrc2cahbq'
    assert.equal((await withDaemon({ fork }, 'fork', cid)).code, 2)
  })

  describe('upgrade', () => {
    let dir: string
    before(async () => {
      dir = join(folder, 'hello')
      assert.equal((await amigoHere(['init', dir, '--json'])).code, 0)
    })
    const base = { service: 's', from: 'bafyold', to: 'bafynew', warnings: ['careful'] }

    it('compiles and hands over what it was told', async () => {
      const seen: unknown[] = []
      const upgrade: Implementation['upgrade'] = async ({ contract, ...params }) => {
        seen.push([contract.blocks.length > 0, params])
        return { ...base, commit: 'bafyc', breaks: [] }
      }
      const { code, out } = await withDaemon({ upgrade }, 'upgrade', 'local.land/_/hello', dir, '--force', '--json')
      assert.equal(code, 0)
      assert.deepEqual(seen, [[true, { name: 'local.land/_/hello', force: true }]])
      assert.deepEqual(Object.keys(JSON.parse(out)).sort(), ['breaks', 'commit', 'from', 'service', 'to', 'warnings'])
    })

    it('takes the current folder if none is named', async () => {
      const seen: unknown[] = []
      const upgrade: Implementation['upgrade'] = async ({ name, contract }) => {
        seen.push([name, contract.blocks.length > 0])
        return { ...base, commit: 'bafyc', breaks: [] }
      }
      await fixture?.end()
      fixture = await startServer({ upgrade })
      const { code, out } = await amigo(['upgrade', 'local.land/_/hello', '--home', fixture.home, '--json'], {
        cwd: dir,
      })
      assert.equal(code, 0, out)
      assert.deepEqual(seen, [['local.land/_/hello', true]])
    })

    it('does not say that it changed what runs already', async () => {
      const upgrade: Implementation['upgrade'] = async () => ({
        ...{ service: 's', from: 'bafyold', to: 'bafyold', commit: 'bafyc', warnings: ['it runs already'], breaks: [] },
      })
      const { code, out, err } = await withDaemon({ upgrade }, 'upgrade', 'c', dir)
      assert.equal(code, 0)
      assert.match(out, /^Nothing to upgrade in c\n/)
      assert.match(err, /warning: it runs already/)
      assert.doesNotMatch(out + err, /rollback/)
    })

    it('says of a dry run what would break, and what to do', async () => {
      const upgrade: Implementation['upgrade'] = async () => ({ ...base, commit: null, breaks: [`sign lost ${EVIL}`] })
      const { code, out, err } = await withDaemon({ upgrade }, 'upgrade', 'c', dir, '--dry-run')
      assert.equal(code, 0)
      assert.doesNotMatch(out, UNSAFE)
      assert.match(out, /would break callers[\s\S]*- sign lost/)
      assert.match(err, /warning: careful[\s\S]*upgrade c \S+hello --force/)
    })
  })

  it('merge says what it took, or that nothing is new', async () => {
    const seen: unknown[] = []
    const done = { name: 'local.land/_/c', service: 's', upstream: 'u', from: 'bafytheirs', base: 'bafybase' }
    const answers = [
      { commit: 'bafynew', warnings: ['careful'] },
      { commit: null, warnings: [] },
    ]
    const merge: Implementation['merge'] = async (params) => {
      seen.push(params)
      return { ...done, trust: 'own', ...answers[seen.length - 1]! }
    }
    const { code, out, err } = await withDaemon({ merge }, 'merge', 'c')
    assert.equal(code, 0)
    assert.match(out, /Merged into local\.land\/_\/c what is new since bafybase[\s\S]*bafytheirs[\s\S]*bafynew \(own\)/)
    assert.match(err, /warning: careful[\s\S]*show bafynew/)
    assert.match((await withDaemon({ merge }, 'merge', 'c')).out, /Up to date: local\.land\/_\/c/)
    assert.deepEqual(seen, [{ name: 'c' }, { name: 'c' }])
    assert.equal((await amigoHere(['merge'])).code, 2)
  })

  it('pull --upstream says how far that is ahead', async () => {
    const seen: unknown[] = []
    const pull: Implementation['pull'] = async (params) => {
      seen.push(params)
      const ahead = 3 - seen.length
      return {
        ...{ contract: 'bafycode', service: 'u', commit: 'bafyhead', trust: 'signed', blocks: 1, bytes: 2, mended: 0 },
        ...{ lost: [], ms: 1, files: [], upstream: { service: 'u', name: '~k51a/c', base: 'bafybase', ahead } },
      }
    }
    const { out, err } = await withDaemon({ pull }, 'pull', 'mine', '--upstream')
    assert.match(out, /upstream +~k51a\/c\n +ahead +by 2 commits since bafybase/)
    assert.match(err, / diff mine '~k51a\/c', or amigo .*merge mine/)
    assert.deepEqual(seen, [{ name: 'mine', upstream: true }])
    await withDaemon({ pull }, 'pull', 'mine', '--upstream')
    const even = await withDaemon({ pull }, 'pull', 'mine', '--upstream')
    assert.match(even.out, /ahead +by nothing/)
    assert.doesNotMatch(even.err, /merge/)
  })

  it('rollback says that it is a commit like others', async () => {
    const rollback: Implementation['rollback'] = async ({ commit: to }) => ({
      ...{ service: 's', from: 'bafyhead', to, commit: 'bafynew', warnings: [] },
    })
    const { out } = await withDaemon({ rollback }, 'rollback', 'c', 'bafyold', '--json')
    assert.deepEqual(JSON.parse(out), {
      service: 's',
      from: 'bafyhead',
      to: 'bafyold',
      commit: 'bafynew',
      warnings: [],
    })
    assert.equal((await amigoHere(['rollback', 'c'])).code, 2)
  })

  it('prune reads one policy', async () => {
    const seen: unknown[] = []
    const prune: Implementation['prune'] = async ({ keep }) => {
      seen.push(keep)
      return { service: 's', base: 'bafyb', seq: 4, commits: 1, blocks: 2, freed: 3_000, warnings: [] }
    }
    for (const flags of [[], ['--keep', '2'], ['--all'], ['--since', '2026-01-31'], ['--since', '2026-01-31T12:00Z']])
      assert.equal((await withDaemon({ prune }, 'prune', 'c', ...flags)).code, 0, flags.join(' '))
    assert.deepEqual(seen, [
      { checkpoints: 10 },
      { checkpoints: 2 },
      'all',
      { since: '2026-01-31T00:00:00.000Z' },
      { since: '2026-01-31T12:00:00.000Z' },
    ])
    for (const flags of [
      ['--keep', '0'],
      ['--since', 'monday'],
      ['--since', '2026-13-01'],
      ['--all', '--keep', '1'],
    ])
      assert.equal((await withDaemon({ prune }, 'prune', 'c', ...flags)).code, 2, flags.join(' '))
    assert.equal(seen.length, 5)
  })

  it('pull --verify warns where the host has pruned', async () => {
    const pulled = {
      contract: 'c',
      service: 's',
      commit: 'd',
      blocks: 1,
      mended: 0,
      lost: [],
      bytes: 1,
      ms: 1,
      files: [],
    }
    for (const [trust, flags, expected] of [
      ['signed', ['--verify'], true],
      ['replayed', ['--verify'], false],
      ['signed', [], false],
    ] as const) {
      const { err } = await withDaemon({ pull: async () => ({ ...pulled, trust }) }, 'pull', 'c', ...flags)
      assert.equal(/warning: some of its history was not run again/.test(err), expected, `${trust} ${flags}`)
    }
  })

  it('pull --verify and serve --force are told to the daemon', async () => {
    const seen: unknown[] = []
    const pull: Implementation['pull'] = async ({ verify }) => {
      seen.push(verify)
      return {
        contract: 'c',
        service: null,
        commit: null,
        trust: 'replayed',
        blocks: 1,
        bytes: 1,
        mended: 0,
        lost: [],
        ms: 1,
        files: [],
      }
    }
    assert.equal((await withDaemon({ pull }, 'pull', 'c', '--verify')).code, 0)
    const dir = join(folder, 'forced')
    await amigoHere(['init', dir, '--json'])
    const serve: Implementation['serve'] = async ({ force }) => {
      seen.push(force)
      return { name: 'n', service: 's', contract: 'c', commit: 'd', url: 'u', upgraded: true, warnings: [] }
    }
    assert.equal((await withDaemon({ serve }, 'serve', dir, '--force')).code, 0)
    assert.deepEqual(seen, [true, true])
  })
})
