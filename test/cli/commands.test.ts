import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS } from '../../cli/commands.ts'
import { ownWords } from '../../cli/own-words.ts'
import type { FunctionSummary, Implementation } from '../../daemon/api/vocabulary.ts'
import { type Fixture, RULES, STATUS, startServer } from '../api/fixture.ts'
import { amigoHere, type Ended } from './fixture.ts'

const add: FunctionSummary = {
  name: 'add',
  kind: 'call',
  params: [
    { name: 'by', type: { kind: 'number' }, text: 'number', optional: false, rest: false },
    { name: 'note', type: { kind: 'string' }, text: 'string', optional: true, rest: false },
  ],
  returns: 'number',
  doc: '',
}
const render: FunctionSummary = { ...add, name: 'render', kind: 'query', params: [], returns: 'string' }
const describeCounter: Implementation['describe'] = async ({ name }) => ({
  name,
  service: 'bafyservice',
  functions: [add, render],
  ...RULES,
})
const CALLED = {
  gas: 7,
  commit: 'bafycommit',
  seq: 1,
  service: 'bafyservice',
  host: '12D3',
  ms: 2,
  logs: [],
  events: [],
}

describe('commands', () => {
  let folder: string
  let fixture: Fixture

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-cli-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))
  afterEach(() => fixture?.end())

  async function withDaemon(own: Partial<Implementation>, ...args: string[]): Promise<Ended> {
    await fixture?.end()
    fixture = await startServer(own)
    return amigoHere([...args, '--home', fixture.home])
  }

  it('each have help with usage and examples, by flag and by verb', async () => {
    for (const { name, examples } of COMMANDS) {
      const byFlag = await amigoHere([name, '--help'])
      const byVerb = await amigoHere(['help', name])
      assert.equal(byFlag.code, 0, name)
      assert.equal(byFlag.out, byVerb.out)
      assert.ok(byFlag.out.startsWith(`amigo ${name}`))
      for (const example of examples) assert.ok(byFlag.out.includes(`amigo ${example}`), example)
    }
    const overview = await amigoHere([])
    for (const { name } of COMMANDS) assert.ok(overview.out.includes(`  ${name}`), name)
    assert.equal(typeof JSON.parse((await amigoHere(['call', '--help', '--json'])).out).help, 'string')
  })

  it('each answer NO_DAEMON as JSON and exit 3 if they need one and there is none', async () => {
    const home = join(folder, 'none')
    const lines = [
      'down',
      'status',
      'id',
      'call a f',
      'query a f',
      'render a/b',
      'log a',
      'show bafya',
      'state a',
      'diff a b',
      'verify a',
      'fork a --as b',
      'query a f --follow',
      'subscribe a --from 3',
      'merge a',
      'rollback a bafya',
      'prune a',
      'pull a',
      'resolve a',
      'peers',
      'connect /x',
      'ping a',
      'chat ~k51a hi',
      'inbox',
    ]
    for (const line of lines) {
      const { code, out, err } = await amigoHere([...line.split(' '), '--json', '--home', home])
      assert.equal(code, 3, line)
      const { error } = JSON.parse(out)
      const { code: told, outcome, ...rest } = error
      // a call says that it was not sent
      assert.deepEqual([told, outcome], ['NO_DAEMON', line.startsWith('call') ? 'not-sent' : undefined])
      assert.deepEqual(Object.keys(rest).sort(), ['hint', 'message'])
      assert.match(error.hint, /amigo up/)
      assert.equal(err, '')
    }
  })

  it('status and id answer what the daemon says', async () => {
    const { code, out } = await withDaemon({}, 'status', '--json')
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), STATUS)
    const human = await amigoHere(['id', '--home', fixture.home])
    assert.ok(human.out.includes(STATUS.peerId))
  })

  it('peers shows what passes between nodes, and where nothing is known', async () => {
    const peer = {
      ...{
        peerId: '12D3a',
        addresses: ['/ip4/192.0.2.1/tcp/1'],
        connectedAt: new Date().toISOString(),
        internode: true,
      },
      ...{ agent: 'amigos/9', direction: 'inbound', relayed: true, roundTripMs: 12, inFlight: 3, offences: 2 },
      ...{ sent: { frames: 1_234, bytes: 5_600 }, received: { frames: 0, bytes: 0 } },
    }
    const stranger = { ...peer, peerId: '12D3b', agent: null, relayed: false, roundTripMs: null }
    const { out } = await withDaemon({ peers: async () => ({ peers: [peer, stranger] }) }, 'peers')
    const [, first, second] = out.split('\n')
    assert.match(first!, /12D3a +amigos\/9 +inbound, relayed +12 ms +1,234, 5\.6 kB +0, 0 B +3 +2 /)
    assert.match(second!, /12D3b +- +inbound +- /)
  })

  it('ping shows how long a node takes, and ends with 6 if it never answers', async () => {
    const asked: unknown[] = []
    const told = { peerId: '12D3a', sent: 3, lost: 1, min: 0.5, avg: 1, max: 2 }
    const ping: Implementation['ping'] = async (params) => {
      asked.push(params)
      return params.name === 'b' ? { ...told, lost: 3, min: null, avg: null, max: null } : told
    }
    const answered = await withDaemon({ ping }, 'ping', 'a', '--count', '3')
    assert.equal(answered.code, 0)
    assert.match(answered.out, /answered 2 of 3\n.*0\.5 ms at least, 1 ms on average, 2 ms at most/)
    assert.deepEqual(asked, [{ name: 'a', count: 3 }])
    const lost = await withDaemon({ ping }, 'ping', 'b', '--json')
    assert.equal(lost.code, 6)
    assert.equal(JSON.parse(lost.out).avg, null)
    assert.equal((await withDaemon({ ping }, 'ping', 'a', '--count', '0')).code, 2)
  })

  it('print what comes item by item as it comes', async () => {
    const commit = { commit: 'bafya', seq: 3, time: '2026-01-01T00:00:00.000Z', events: [{ name: 'added', value: 1 }] }
    const seen: unknown[] = []
    const own: Partial<Implementation> = {
      async subscribe({ from }, { onItem }) {
        seen.push(from)
        await onItem({ ...commit, omitted: 2, skipped: 7 })
        throw Object.assign(new Error('It is not for you any more.'), { code: 'ACCESS_DENIED', hint: '' })
      },
      async stream(_, { onItem }) {
        for (const item of ['one', { two: 2 }])
          await onItem({ item, gas: 1, commit: 'bafya', seq: 3, trust: 'own', logs: [] })
        return { items: 2, gas: 2, host: '12D3', ms: 1 }
      },
      describe: async () => ({
        ...{ name: 'a', service: 'bafys', ...RULES },
        functions: [{ name: 'f', kind: 'query', params: [], returns: 'AsyncGenerator<string>', doc: '' }],
      }),
    }
    const followed = await withDaemon(own, 'subscribe', 'a', '--from', '3', '--json')
    const lines = followed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual([lines[0], lines[1].error.code], [{ ...commit, omitted: 2, skipped: 7 }, 'ACCESS_DENIED'])
    assert.deepEqual([followed.code, seen], [5, [3]])
    const human = await withDaemon(own, 'subscribe', 'a')
    assert.match(human.out, /7 commits left out.*\n3 .*bafya\n {4}added: 1\n.*2 more calls/)
    assert.equal((await withDaemon(own, 'subscribe', 'a', '--from', 'x')).code, 2)
    const streamed = await withDaemon(own, 'query', 'a', 'f', '--follow')
    assert.deepEqual([streamed.code, streamed.out], [0, 'one\n{\n  "two": 2\n}\n'])
  })

  it('hand --timeout to the daemon', async () => {
    const seen: unknown[] = []
    const { code } = await withDaemon(
      {
        peers: async ({ timeoutMs }) => {
          seen.push(timeoutMs)
          return { peers: [] }
        },
      },
      'peers',
      '--timeout',
      '1.5s',
    )
    assert.equal(code, 0)
    assert.deepEqual(seen, [1_500])
  })

  it('end with 6 when the time is up', async () => {
    const { code, out } = await withDaemon(
      { peers: () => new Promise(() => {}) },
      'peers',
      '--timeout',
      '10ms',
      '--json',
    )
    assert.equal(JSON.parse(out).error.code, 'TIMED_OUT')
    assert.equal(code, 6)
  })

  it('end with the class of whatever code comes', async () => {
    for (const [code, exit] of [
      ['VERSION_TAKEN', 5],
      ['NAME_NOT_FOUND', 4],
      ['FROM_THE_FUTURE', 1],
    ] as const) {
      const fail = async (): Promise<never> => {
        throw Object.assign(new Error('no'), { code, hint: 'h' })
      }
      const ended = await withDaemon({ resolve: fail }, 'resolve', 'a')
      assert.deepEqual([ended.code, ended.out, ended.err], [exit, '', 'error: no\nhint: h\n'])
    }
  })

  it('show nothing raw of what a peer or contract says', async () => {
    const evil = '\u001b[2J\u202eevil\u009b1m'
    const message = {
      id: '1',
      from: evil,
      to: evil,
      room: null,
      time: evil,
      text: `${evil}\nx`,
      state: 'received' as const,
    }
    const inbox = async () => ({ messages: [message], more: false })
    for (const flags of [[], ['--json']]) {
      const { out } = await withDaemon({ inbox }, 'inbox', ...flags)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      assert.ok(out.includes('evil'))
    }
    const { err } = await withDaemon(
      {
        peers: async () => {
          throw Object.assign(new Error(evil), { code: 'X_Y', hint: evil })
        },
      },
      'peers',
    )
    assert.ok(!err.includes('\u001b') && !err.includes('\u202e'))
  })

  it('are coloured on a terminal only, and not with NO_COLOR', async () => {
    const sequence = '\u001b['
    assert.ok((await amigoHere(['help'], { isTTY: true })).out.includes(sequence))
    assert.ok(!(await amigoHere(['help'], { isTTY: true, env: { NO_COLOR: '1' } })).out.includes(sequence))
    assert.ok(!(await amigoHere(['help'])).out.includes(sequence))
  })

  describe('call', () => {
    it('reads words by the types of parameters', async () => {
      let seen: unknown
      const call: Implementation['call'] = async (params) => {
        seen = params
        return { result: 5, receipt: { signed: true }, ...CALLED }
      }
      const { code, out } = await withDaemon(
        { describe: describeCounter, call },
        ...['call', 'local.land/_/c', 'add', '-5', '7', '--gas', '9', '--json'],
      )
      assert.equal(code, 0)
      assert.deepEqual(seen, { name: 'local.land/_/c', method: 'add', args: [-5, '7'], gas: 9 })
      const answer = JSON.parse(out)
      for (const field of ['result', 'gas', 'commit', 'seq', 'service', 'receipt', 'host', 'ms'])
        assert.ok(field in answer, field)
    })

    it('writes the receipt, and nothing if the call fails', async () => {
      const path = join(folder, 'receipt.json')
      const call: Implementation['call'] = async () => ({ result: null, receipt: { signed: [1] }, ...CALLED })
      const line = ['call', 'c', 'add', '1', '--receipt', path]
      assert.equal((await withDaemon({ describe: describeCounter, call }, ...line)).code, 0)
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), { signed: [1] })
      await rm(path)
      assert.equal((await withDaemon({ describe: describeCounter }, ...line)).code, 1)
      await assert.rejects(stat(path))
      assert.deepEqual(await readdir(folder), [])
    })

    it('tells the result even if the receipt could not be written after all', async () => {
      const gone = await mkdtemp(join(folder, 'gone-'))
      const call: Implementation['call'] = async () => {
        await rm(gone, { recursive: true })
        return { result: 5, receipt: {}, ...CALLED }
      }
      const line = ['call', 'c', 'add', '1', '--receipt', join(gone, 'receipt.json')]
      const { code, out, err } = await withDaemon({ describe: describeCounter, call }, ...line)
      assert.deepEqual([code, out], [1, '5\n'])
      assert.match(err, /cannot be written/)
    })

    it('refuses a receipt that cannot be a file, and does not call', async () => {
      let calls = 0
      const call: Implementation['call'] = async () => {
        calls += 1
        return { result: 5, receipt: {}, ...CALLED }
      }
      const line = ['call', 'c', 'add', '1', '--json', '--receipt']
      for (const path of [folder, `${folder}/`, join(folder, 'no', 'where'), '/dev/null']) {
        const { code, out } = await withDaemon({ describe: describeCounter, call }, ...line, path)
        assert.deepEqual([code, JSON.parse(out).error.code], [1, 'FILE_UNWRITABLE'], path)
      }
      assert.equal(calls, 0)
    })

    it('without a function tells which there are', async () => {
      for (const verb of ['call', 'query']) {
        const { code, out } = await withDaemon({ describe: describeCounter }, verb, 'c', '--json')
        const { error } = JSON.parse(out)
        assert.deepEqual([code, error.code], [2, 'USAGE'])
        assert.match(error.hint, /add\(by: number, note\?: string\): number\nrender\(\): string/)
      }
      const unknown = await withDaemon({}, 'call', 'c')
      assert.equal(unknown.code, 2)
    })

    it('tells a folder that the shell completed from a service', async () => {
      const { code, err } = await withDaemon({ describe: describeCounter }, 'call', 'hello/', 'add', '1')
      assert.equal(code, 2)
      assert.match(err, /local\.land\/_\/hello\n/)
    })

    it('answers NO_SUCH_FUNCTION with what there is', async () => {
      const { code, out } = await withDaemon({ describe: describeCounter }, 'call', 'c', 'ad', '1', '--json')
      const { error } = JSON.parse(out)
      assert.deepEqual([code, error.code], [4, 'NO_SUCH_FUNCTION'])
      assert.match(error.hint, /did you mean add\? It exports add\(by: number, note\?: string\): number/)
    })

    it('answers USAGE to too few and too many arguments and to other types', async () => {
      for (const words of [[], ['1', 'a', 'b'], ['many']]) {
        const { code } = await withDaemon({ describe: describeCounter }, 'call', 'c', 'add', ...words)
        assert.equal(code, 2, words.join(' '))
      }
      for (const line of ['call c', 'call c add --batch -', 'call c add 1 --gas 0', 'call c add 1 --gas x'])
        assert.equal((await withDaemon({ describe: describeCounter }, ...line.split(' '))).code, 2, line)
    })
  })

  it('query hands --at over and prints text as it is', async () => {
    let at: unknown
    const query: Implementation['query'] = async (params) => {
      at = params.at
      return { result: 'a\nb', trust: 'own', ...CALLED }
    }
    const line = ['query', 'c', 'add', '1', '--at', 'bafyold']
    const { out } = await withDaemon({ describe: describeCounter, query }, ...line)
    assert.equal(out, 'a\nb\n')
    assert.equal(at, 'bafyold')
  })

  it('render answers Markdown, and an error if there is none', async () => {
    const query: Implementation['query'] = async () => ({ result: '# Hi', trust: 'own', ...CALLED })
    const { out } = await withDaemon({ describe: describeCounter, query }, 'render', 'local.land/_/c/x', '--json')
    assert.deepEqual(JSON.parse(out), { markdown: '# Hi' })
    const numbers: Implementation['query'] = async () => ({ result: 7, trust: 'own', ...CALLED })
    assert.equal((await withDaemon({ describe: describeCounter, query: numbers }, 'render', 'a/c')).code, 1)
  })

  it('render says that a service has no page, and leaves out what it has', async () => {
    const describe: Implementation['describe'] = async ({ name }) => ({
      name,
      service: 's',
      functions: [add],
      ...RULES,
    })
    const { code, out } = await withDaemon({ describe }, 'render', '~k51abc/c/x', '--json')
    const { error } = JSON.parse(out)
    assert.deepEqual([code, error.code], [4, 'NO_SUCH_FUNCTION'])
    assert.match(error.hint, /amigo call '~k51abc\/c'$/)
  })

  it('take no empty names, and no empty home', async () => {
    for (const verb of ['resolve', 'pull', 'render', 'call', 'query', 'connect', 'init', 'log', 'state', 'verify']) {
      const { code, out } = await amigoHere([verb, '', '--json'])
      assert.deepEqual([code, JSON.parse(out).error.code], [2, 'USAGE'], verb)
    }
    for (const home of [['--home', ''], ['--home=']]) {
      const { code, out } = await amigoHere(['status', '--json', ...home])
      assert.deepEqual([code, JSON.parse(out).error.code], [2, 'USAGE'])
    }
  })

  it('pull writes sources into a new folder and keeps out of an old one', async () => {
    const pull: Implementation['pull'] = async () => ({
      contract: 'bafycontract',
      service: null,
      commit: null,
      trust: 'signed',
      blocks: 2,
      bytes: 9,
      mended: 0,
      lost: [],
      ms: 1,
      files: [{ path: 'a.ts', bytes: Buffer.from('export {}').toString('base64') }],
    })
    const out = join(folder, 'pulled')
    const ended = await withDaemon({ pull }, 'pull', 'a/b', '--out', out, '--json')
    assert.equal(ended.code, 0)
    assert.deepEqual(JSON.parse(ended.out).files, ['a.ts'])
    assert.equal(await readFile(join(out, 'a.ts'), 'utf8'), 'export {}')
    const again = await amigoHere(['pull', 'a/b', '--out', out, '--home', fixture.home])
    assert.equal(again.code, 5)
    await rm(out, { recursive: true })
  })

  it('pull says what it mended, and what nobody has', async () => {
    const pull: Implementation['pull'] = async () => ({
      ...{ contract: 'bafycontract', service: 'bafyservice', commit: 'bafycommit', trust: 'signed' },
      ...{ blocks: 1, bytes: 9, mended: 1, lost: ['bafylost'], ms: 1, files: [] },
    })
    const { code, out, err } = await withDaemon({ pull }, 'pull', 'c')
    assert.equal(code, 0)
    assert.match(out, /1 block .* was lost or damaged on this disk/)
    assert.match(err, /bafylost/)
  })

  it('pull says what can be asked of the copy, if anything can', async () => {
    const pull: Implementation['pull'] = async () => ({
      ...{ contract: 'bafycontract', service: 'bafyservice', commit: 'bafycommit', trust: 'signed' },
      ...{ blocks: 2, bytes: 9, mended: 0, lost: [], ms: 1, files: [] },
    })
    const current: FunctionSummary = { ...add, name: 'current', kind: 'query', params: add.params.slice(1) }
    const find: FunctionSummary = { ...add, name: 'find', kind: 'query' }
    for (const [functions, shown] of [
      [[add, current, render], / amigo --home \S+ render c\n$/],
      [[add, find, current], / amigo --home \S+ query c current\n$/],
      [[add, find], /^$/],
    ] as const) {
      const describe: Implementation['describe'] = async ({ name }) => ({
        name,
        service: 's',
        functions: [...functions],
        ...RULES,
      })
      assert.match((await withDaemon({ pull, describe }, 'pull', 'c')).err, shown)
    }
    const away = await withDaemon({ pull }, 'pull', 'c')
    assert.deepEqual([away.code, away.err], [0, ''])
  })

  it('name --home in the commands they advise, if it was given', async () => {
    const given = await withDaemon({}, 'status')
    const next = `--home ${fixture.home} publish hello`
    assert.ok(given.err.endsWith(`Next: amigo init hello && amigo ${next}\n`), given.err)
    const byVariable = await amigoHere(['status'], { env: { AMIGO_HOME: fixture.home, npm_command: 'exec' } })
    assert.ok(byVariable.err.endsWith('Next: npx amigo init hello && npx amigo publish hello\n'), byVariable.err)
    assert.equal((await amigoHere(['--home', fixture.home, 'status'])).code, 0)
    const down = await amigoHere(['status', '--home', join(folder, 'no one'), '--quiet'])
    assert.ok(down.err.includes(`amigo --home '${join(folder, 'no one')}' up`), down.err)
    const another = ownWords({}, '/mine')
    assert.equal(
      another('amigo up --network INVITE --home DIR; or amigo id'),
      'amigo up --network INVITE --home DIR; or amigo --home /mine id',
    )
  })

  it('chat is with users and nodes only', async () => {
    const asked: string[] = []
    const chat: Implementation['chat'] = async ({ to }) => {
      asked.push(to)
      return { id: '1', to, state: 'queued' }
    }
    await withDaemon({ chat })
    const peer = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'
    for (const to of ['~k51abc', 'k51abc', peer, 'alice.amigos.net', 'amigos.land/alice'])
      assert.equal((await amigoHere(['chat', to, 'hi', '--home', fixture.home])).code, 0, to)
    assert.deepEqual(asked, ['~k51abc', '~k51abc', peer, 'alice.amigos.net', 'amigos.land/alice'])
    for (const to of ['x', '~x', 'alice/forum', '~k51abc/forum', 'local.land/_/x', '/ip4/192.0.2.7']) {
      const { code, out } = await amigoHere(['chat', to, 'hi', '--json', '--home', fixture.home])
      const { error } = JSON.parse(out)
      assert.deepEqual([code, error.code], [2, 'USAGE'], to)
      assert.match(error.hint, /peer ID/)
    }
  })

  it('build says all that is wrong, each on its line', async () => {
    const dir = join(folder, 'broken')
    const made = await amigoHere(['init', dir, '--json'])
    const main = JSON.parse(made.out).main
    const wrong = "import './x.ts'\nimport './y.ts'\nexport const f = (): number => 1\n"
    await writeFile(join(dir, main), wrong)
    const script = await amigoHere(['build', dir, '--json'])
    const { error } = JSON.parse(script.out)
    assert.deepEqual([script.code, error.code], [1, 'BUILD_FAILED'])
    assert.ok(error.problems.length > 1)
    for (const problem of error.problems)
      assert.deepEqual(Object.keys(problem).sort(), ['column', 'file', 'hint', 'line', 'reason'])
    const human = await amigoHere(['build', dir])
    assert.equal(human.code, 1)
    for (const { file, line, reason } of error.problems)
      assert.ok(human.err.split('\n').some((shown) => shown.includes(`${file}:${line}:`) && shown.includes(reason)))
    await rm(dir, { recursive: true })
  })

  it('refuse gas beyond all numbers, and say so', async () => {
    const { code, err } = await amigoHere(['call', 'c', 'add', '1', '--gas', '99999999999999999'])
    assert.equal(code, 2)
    assert.match(err, /9007199254740991/)
    for (const gas of ['0', '1.5', 'many', ''])
      assert.equal((await amigoHere(['query', 'c', 'f', '--gas', gas])).code, 2)
  })

  it('chat joins the words of a message', async () => {
    let text: unknown
    const chat: Implementation['chat'] = async (params) => {
      text = params.text
      return { id: '1', to: params.to, state: 'queued' }
    }
    const { out } = await withDaemon({ chat }, 'chat', '~k51alice', 'good', 'morning', '--json')
    assert.deepEqual(JSON.parse(out), { id: '1', to: '~k51alice', state: 'queued' })
    assert.equal(text, 'good morning')
  })

  it('inbox marks as read, unless it peeks', async () => {
    const marks: unknown[] = []
    const inbox: Implementation['inbox'] = async ({ markRead }) => {
      marks.push(markRead)
      return { messages: [], more: false }
    }
    await withDaemon({ inbox }, 'inbox')
    await amigoHere(['inbox', '--peek', '--home', fixture.home])
    assert.deepEqual(marks, [true, false])
  })

  it('inbox pages, and says where the older ones are', async () => {
    const asked: unknown[] = []
    const inbox: Implementation['inbox'] = async ({ limit, before }) => {
      asked.push([limit, before])
      const common = { from: 'k51bob', to: 'me', room: null, time: '2026-01-01T00:00:00Z', text: 'hello' }
      return { messages: [{ ...common, id: 'k51bob/01', state: 'refused', code: 'INBOX_FULL' }], more: true }
    }
    const human = await withDaemon({ inbox }, 'inbox', '--limit', '1', '--before', 'k51bob/02')
    assert.match(human.out, /refused: INBOX_FULL/)
    assert.match(human.err, /--before k51bob\/01/)
    const script = await amigoHere(['inbox', '--json', '--home', fixture.home])
    assert.deepEqual(Object.keys(JSON.parse(script.out)), ['messages', 'more'])
    assert.deepEqual(asked, [
      [1, 'k51bob/02'],
      [undefined, undefined],
    ])
    for (const limit of ['0', 'all', '1001']) {
      assert.equal((await amigoHere(['inbox', '--limit', limit, '--home', fixture.home])).code, 2, limit)
    }
    assert.equal(asked.length, 2)
  })

  it('chat says why a message was refused, and ends with 5', async () => {
    const chat: Implementation['chat'] = async ({ to }) => ({ id: '1', to, state: 'refused', code: 'INBOX_FULL' })
    const human = await withDaemon({ chat }, 'chat', '~k51alice', 'hello')
    assert.deepEqual([human.code, human.out], [5, 'refused: INBOX_FULL\n'])
    const script = await amigoHere(['chat', '~k51alice', 'hello', '--json', '--home', fixture.home])
    assert.deepEqual([script.code, JSON.parse(script.out).code], [5, 'INBOX_FULL'])
  })
})
