import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { isRunning } from '../../cli/is-running.ts'
import { amigo } from './fixture.ts'

const OFFLINE = ['--offline', '--http', '0']

describe('amigo up', () => {
  let home: string

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'amigos-up-'))
  })
  afterEach(async () => {
    await amigo(['down', '--home', home])
    await rm(home, { recursive: true, force: true })
  })

  it('starts in the background, once, and down waits until it is gone', async () => {
    const started = await amigo(['up', '--detach', '--json', '--home', home, ...OFFLINE])
    assert.equal(started.code, 0, started.out)
    const { peerId, addresses, http, home: at, network, pid } = JSON.parse(started.out)
    assert.deepEqual([typeof peerId, Array.isArray(addresses), at, typeof network], ['string', true, home, 'string'])
    assert.match(http, /^http:\/\//)
    assert.ok(isRunning(pid))
    assert.equal((await stat(join(home, 'daemon.log'))).mode & 0o777, 0o600)

    const again = await amigo(['up', '--detach', '--json', '--home', home, ...OFFLINE])
    assert.deepEqual([again.code, JSON.parse(again.out).error.code], [1, 'ALREADY_RUNNING'])
    const inFront = await amigo(['up', '--json', '--home', home, ...OFFLINE])
    assert.deepEqual([inFront.code, JSON.parse(inFront.out)], [1, JSON.parse(again.out)])
    const status = await amigo(['status', '--json', '--home', home])
    assert.equal(JSON.parse(status.out).peerId, peerId)

    const stopped = await amigo(['down', '--json', '--home', home])
    assert.deepEqual([stopped.code, JSON.parse(stopped.out)], [0, { stopped: true }])
    assert.equal(isRunning(pid), false)
    assert.equal((await amigo(['status', '--home', home])).code, 3)
  })

  it('advises to make a service until there is one', async () => {
    const up = () => amigo(['up', '--detach', '--home', home, ...OFFLINE])
    const stop = `Stop it with amigo --home ${home} down\n`
    assert.equal((await up()).err, `Next: amigo init hello && amigo --home ${home} publish hello\n${stop}`)
    const dir = join(home, 'hello')
    assert.equal((await amigo(['init', dir])).code, 0)
    assert.equal((await amigo(['serve', dir, '--home', home])).code, 0)
    assert.equal((await amigo(['down', '--home', home])).code, 0)
    assert.equal((await up()).err, `Next: amigo --home ${home} status\n${stop}`)
  })

  it('remembers whose programs it lets in, until that is taken back', async () => {
    const [a, b] = ['http://localhost:5173', 'https://app.example']
    const isLetIn = async (http: string, origin: string): Promise<boolean> => {
      const response = await fetch(new URL('/-/v1/call', http), { method: 'OPTIONS', headers: { origin } })
      return response.headers.get('access-control-allow-origin') === origin
    }
    /** @returns which of the two are let in, as the node says and as it does */
    const runs = async (...flags: string[]): Promise<string[]> => {
      const up = await amigo(['up', '--detach', '--json', '--home', home, ...OFFLINE, ...flags])
      const { http, origins } = JSON.parse(up.out)
      const status = JSON.parse((await amigo(['status', '--json', '--home', home])).out)
      assert.deepEqual(status.origins, origins)
      for (const one of [a, b]) assert.equal(await isLetIn(http, one), origins.includes(one))
      assert.equal((await amigo(['down', '--home', home])).code, 0)
      return origins
    }
    assert.deepEqual(await runs('--allow-origin', a, '--allow-origin', b), [a, b])
    assert.deepEqual(await runs(), [a, b])
    assert.deepEqual(await runs('--forbid-origin', a), [b])
    assert.deepEqual(await runs('--forbid-origin', 'all'), [])
    for (const flag of ['--allow-origin', '--forbid-origin'])
      assert.equal((await amigo(['up', flag, 'localhost:5173', '--home', home, ...OFFLINE])).code, 2)
  })

  it('stays, says one line of JSON, and ends cleanly when interrupted', async () => {
    const args = ['cli/amigo.mjs', 'up', '--json', '--home', home, ...OFFLINE]
    const child = spawn(process.execPath, args, {
      cwd: new URL('../../', import.meta.url),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const closed = once(child, 'close')
    const lines: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      child.kill('SIGINT')
    }
    assert.deepEqual(await closed, [0, null])
    assert.equal(lines.length, 1)
    assert.equal(JSON.parse(lines[0] ?? '').pid, child.pid)
  })

  it('ends where no folder can be made', async () => {
    if (process.platform !== 'linux') return
    for (const flags of [[], ['--detach']]) {
      const failed = await amigo(['up', ...flags, '--json', '--home', '/proc/amigos/home', ...OFFLINE])
      assert.deepEqual([failed.code, JSON.parse(failed.out).error.code], [1, 'HOME_UNWRITABLE'])
    }
    const made = await amigo(['init', '/proc/amigos/hello', '--json'])
    assert.deepEqual([made.code, JSON.parse(made.out).error.code], [1, 'FOLDER_NOT_WRITABLE'])
  })

  it('says why a start in the background failed', async () => {
    const failed = await amigo(['up', '--detach', '--json', '--home', home, '--listen', 'nonsense', '--http', '0'])
    assert.equal(JSON.parse(failed.out).error.code, 'ADDRESS_INVALID')
    assert.equal(failed.code, 2)
    assert.equal((await amigo(['up', '--http', '70000', '--home', home])).code, 2)
  })
})
