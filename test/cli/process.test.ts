import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { waitUntilGone } from '../../cli/wait-until-gone.ts'
import type { ChatMessage, Implementation } from '../../daemon/api/vocabulary.ts'
import { type Fixture, startServer } from '../api/fixture.ts'
import { amigo } from './fixture.ts'

/** An older Node of the system, where there is one: the door has to be read by it. */
const OLD_NODE = '/usr/bin/node'

describe('amigo as a process', () => {
  let folder: string
  let fixture: Fixture | undefined

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amigos-process-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))
  afterEach(async () => {
    await fixture?.end()
    fixture = undefined
  })

  it('tells people on stderr and scripts on stdout what is wrong, with exit code 2', async () => {
    const human = await amigo(['stauts'])
    assert.deepEqual([human.code, human.out], [2, ''])
    assert.match(human.err, /^error: .*stauts.*\nhint: .*amigo status/)
    const script = await amigo(['status', '--nope', '--json'])
    assert.deepEqual([script.code, JSON.parse(script.out).error.code, script.err], [2, 'USAGE', ''])
  })

  it('says its version, whichever Node starts it', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    const node = existsSync(OLD_NODE) ? OLD_NODE : process.execPath
    const [flag, verb] = await Promise.all([amigo(['--version']), amigo(['version', '--json'], { node })])
    assert.equal(flag.out, `${version}\n`)
    const { node: ran } = JSON.parse(verb.out)
    assert.ok(Number(/^v(\d+)/.exec(ran)?.[1]) >= 24)
    assert.equal((await amigo(['--home', join(folder, 'x'), 'status'], { node })).code, 3)
  })

  it('is not disturbed by a reader that has seen enough', async () => {
    const child = spawn('sh', ['-c', `"$0" "$1" help | head -c 1`, process.execPath, 'cli/amigo.mjs'], {
      cwd: new URL('../../', import.meta.url),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    await once(child, 'close')
    assert.equal(err, '')
  })

  it('makes and compiles a contract without a daemon', async () => {
    const dir = join(folder, 'hello')
    const made = await amigo(['init', dir, '--json'])
    assert.equal(made.code, 0, made.out)
    const { main, files } = JSON.parse(made.out)
    assert.ok(files.includes('amigo.yaml') && files.includes(main))
    assert.ok(existsSync(join(dir, main)))
    const built = await amigo(['build', '--json', '--home', join(folder, 'none')], { cwd: dir })
    assert.equal(built.code, 0, built.out)
    const { contract, exports, warnings } = JSON.parse(built.out)
    assert.match(contract, /^baf/)
    assert.deepEqual(warnings, [])
    for (const fn of exports)
      for (const field of ['name', 'kind', 'params', 'returns', 'doc']) assert.ok(field in fn, field)
    assert.equal((await amigo(['init', dir])).code, 5)
    assert.equal((await amigo(['build', join(folder, 'nowhere')])).code, 4)
    const found = await amigo(['resolve', dir, '--json', '--home', join(folder, 'none')])
    assert.deepEqual([JSON.parse(found.out).kind, JSON.parse(found.out).contract], ['folder', contract])
  })

  it('hands a compiled contract to the daemon', async () => {
    const dir = join(folder, 'served')
    assert.equal((await amigo(['init', dir])).code, 0)
    const seen: Parameters<Implementation['publish']>[0][] = []
    fixture = await startServer({
      publish: async (params) => {
        seen.push(params)
        const { contract } = params
        const root = typeof contract === 'string' ? contract : (contract.blocks[0]?.cid ?? '')
        return {
          ...{ name: '~k51/served', version: '1.2.0', service: 'bafyservice', contract: root, commit: 'bafycommit' },
          ...{ url: 'http://x', seenBy: 0, warnings: ['alone on the network'] },
        }
      },
    })
    const line = ['publish', dir, '--as', 'other', '--version', '1.2.0', '--init', '{"a":1}', '--home', fixture.home]
    const { code, out, err } = await amigo(line)
    assert.equal(code, 0)
    assert.match(out, /~k51\/served 1\.2\.0/)
    assert.match(err, /warning: alone on the network/)
    assert.match(err, /Next: amigo --home \S+ call '~k51\/served' \w/)
    const byNpm = await amigo(line, { env: { npm_command: 'exec' } })
    assert.match(byNpm.err, /Next: npx amigo --home \S+ call '~k51\/served' \w/)
    assert.deepEqual([seen[0]?.as, seen[0]?.version, seen[0]?.init], ['other', '1.2.0', [{ a: 1 }]])
    const script = await amigo([...line, '--json'])
    const published = JSON.parse(script.out)
    for (const field of ['name', 'version', 'service', 'contract', 'commit', 'seenBy']) assert.ok(field in published)
    assert.equal(script.err, '')
    assert.equal((await amigo(['serve', dir, '--init', '{', '--home', fixture.home])).code, 2)

    const running = ['publish', 'local.land/_/mine', '--home', fixture.home]
    assert.equal((await amigo([...running, '--version', '2.0.0'])).code, 0)
    assert.deepEqual(seen.at(-1), { contract: 'local.land/_/mine', version: '2.0.0' })
    for (const flag of [['--as', 'x'], ['--init', '1'], ['--force']])
      assert.equal((await amigo([...running, ...flag])).code, 2, flag[0])
  })

  it('answers each line of a batch in its place, and goes on after a failure', async () => {
    let most = 0
    let running = 0
    fixture = await startServer({
      call: async ({ method, args }) => {
        running += 1
        most = Math.max(most, running)
        // later ones are done first
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        if (method === 'fail') throw Object.assign(new Error('no'), { code: 'CONTRACT_THREW', hint: '' })
        return {
          ...{
            result: args,
            receipt: {},
            gas: 1,
            commit: 'c',
            seq: 1,
            service: 's',
            host: 'h',
            ms: 1,
            logs: [],
            events: [],
          },
        }
      },
    })
    const lines = Array.from({ length: 150 }, (_, index) =>
      index === 70
        ? '{"function":"fail"}'
        : index === 71
          ? 'nonsense'
          : JSON.stringify({ function: 'f', args: [index] }),
    )
    const { code, out } = await amigo(['call', 'c', '--batch', '-', '--json', '--home', fixture.home], {
      stdin: `${lines.join('\n')}\n`,
    })
    const answers = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(code, 1)
    assert.equal(answers.length, lines.length)
    for (const [index, answer] of answers.entries())
      if (index === 70) assert.equal(answer.error.code, 'CONTRACT_THREW')
      else if (index === 71) assert.equal(answer.error.code, 'USAGE')
      else assert.deepEqual(answer.result, [index])
    assert.ok(most > 1)
    const long = `{"function":"f","args":["${'x'.repeat(1024 * 1024)}"]}`
    const mixed = await amigo(['call', 'c', '--batch', '-', '--home', fixture.home], {
      stdin: ['{"function":"f","args":[1]}', '', long, '{"function":"f","args":[2]}', long].join('\n'),
    })
    const told = mixed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map((answer) => answer.error?.code ?? answer.result[0])
    assert.deepEqual([mixed.code, mixed.err, told], [1, '', [1, 'USAGE', 'USAGE', 2, 'USAGE']])
    const file = join(folder, 'calls.jsonl')
    await writeFile(file, '{"function":"f","args":[1]}')
    assert.equal((await amigo(['call', 'c', '--batch', file, '--home', fixture.home])).code, 0)
    assert.equal((await amigo(['call', 'c', '--batch', join(folder, 'none'), '--home', fixture.home])).code, 1)
  })

  it('ends a batch on which nothing comes any more when it is interrupted, after what was answered', async () => {
    fixture = await startServer({
      call: async ({ args }) => ({
        ...{
          result: args,
          receipt: {},
          gas: 1,
          commit: 'c',
          seq: 1,
          service: 's',
          host: 'h',
          ms: 1,
          logs: [],
          events: [],
        },
      }),
    })
    const child = spawn(process.execPath, ['cli/amigo.mjs', 'call', 'c', '--batch', '-', '--home', fixture.home], {
      cwd: new URL('../../', import.meta.url),
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    const closed = once(child, 'close')
    child.stdin.write('{"function":"f","args":[1]}\n')
    const [answer] = await once(child.stdout, 'data')
    assert.deepEqual(JSON.parse(String(answer)).result, [1])
    child.kill('SIGINT')
    assert.deepEqual(await closed, [null, 'SIGINT'])
  })

  it('talks: sends each line and shows what comes from that peer alone', async () => {
    const sent: string[] = []
    const all: ChatMessage[] = []
    const add = (id: string, from: string, text: string, state: ChatMessage['state'] = 'received'): void => {
      all.push({ id, from, to: 'me', room: null, time: '2026-01-01T00:00:00Z', text, state })
    }
    // more than a first look shows, and more than one page holds
    for (let index = 0; index < 20; index++) add(`old${index}`, '~k51alice', `long ago ${index}`)
    add('bob', 'bob', 'psst')
    const asked: unknown[] = []
    fixture = await startServer({
      inbox: async ({ with: who, markRead, limit = 100, before }) => {
        asked.push([who, markRead])
        const found = all.filter(({ from }) => from === who || from === 'me')
        const end = before === undefined ? found.length : found.findIndex(({ id }) => id === before)
        const start = Math.max(0, end - limit)
        return { messages: found.slice(start, end), more: start > 0 }
      },
      chat: async ({ to, text }) => {
        sent.push(text)
        const isLast = text === 'two'
        add(`s${sent.length}`, 'me', text, isLast ? 'refused' : 'delivered')
        if (isLast) for (let index = 0; index < 150; index++) add(`new${index}`, '~k51alice', `answer ${index}`)
        return {
          id: `s${sent.length}`,
          to,
          ...(isLast ? { state: 'refused', code: 'INBOX_FULL' } : { state: 'queued' }),
        }
      },
    })
    const { code, out, err } = await amigo(['chat', '~k51alice', '--home', fixture.home], { stdin: 'one\n\ntwo' })
    assert.equal(code, 5, 'as the last line was refused')
    assert.deepEqual(sent, ['one', 'two'])
    const shown = out.split('\n').filter((line) => line.startsWith('  '))
    const old = Array.from({ length: 10 }, (_, index) => `  long ago ${index + 10}`)
    const news = Array.from({ length: 150 }, (_, index) => `  answer ${index}`)
    assert.deepEqual(shown, [...old, ...news], 'each once, in their order, and no line of our own')
    assert.match(err, /queued\n.*refused: INBOX_FULL\n.*delivered/s)
    for (const one of asked) assert.deepEqual(one, ['~k51alice', true])
  })

  it('follows a service until it is interrupted, which is no failure', async () => {
    const item = { commit: 'bafya', seq: 3, time: '2026-01-01T00:00:00.000Z', events: [], omitted: 0, skipped: 0 }
    fixture = await startServer({
      subscribe: async (_, { onItem }) => {
        await onItem(item)
        return new Promise(() => {})
      },
    })
    const child = spawn(process.execPath, ['cli/amigo.mjs', 'subscribe', 'a', '--json', '--home', fixture.home], {
      cwd: new URL('../../', import.meta.url),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const closed = once(child, 'close')
    const [complaints, [line]] = [text(child.stderr), await once(child.stdout, 'data')]
    child.kill('SIGINT')
    assert.deepEqual(await closed, [0, null])
    assert.deepEqual([JSON.parse(line), await complaints], [item, ''])
  })

  it('gives its request up when it is interrupted, and ends by that signal', async () => {
    const reached = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    fixture = await startServer({
      peers: (_, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve())
        reached.resolve()
        return new Promise(() => {})
      },
    })
    const child = spawn(process.execPath, ['cli/amigo.mjs', 'peers', '--home', fixture.home], {
      cwd: new URL('../../', import.meta.url),
      stdio: 'ignore',
    })
    const closed = once(child, 'close')
    await reached.promise
    child.kill('SIGINT')
    assert.deepEqual(await closed, [null, 'SIGINT'])
    await aborted.promise
  })

  it('knows when another process is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    const { signal } = new AbortController()
    await assert.rejects(waitUntilGone(child.pid ?? 0, { timeoutMs: 1, signal }), { code: 'STILL_RUNNING' })
    child.kill()
    await waitUntilGone(child.pid ?? 0, { timeoutMs: 10_000, signal })
  })
})
