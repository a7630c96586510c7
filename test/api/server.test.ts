import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import { MAX_BODY_BYTES, MAX_DEPTH, MAX_RUNNING } from '../../daemon/api/constants.ts'
import { ApiError } from '../../daemon/api/errors.ts'
import { createApiServer } from '../../daemon/api/server.ts'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import type { Implementation } from '../../daemon/api/vocabulary.ts'
import { codeOf, type Fixture, fakeImplementation, makeHome, raw, STATUS, startServer } from './fixture.ts'

describe('the local API', () => {
  const ends: (() => Promise<unknown>)[] = []

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(own: Partial<Implementation> = {}): Promise<Fixture> {
    const fixture = await startServer(own)
    ends.push(fixture.end)
    return fixture
  }

  async function home(): Promise<string> {
    const folder = await makeHome()
    ends.push(() => rm(folder, { recursive: true, force: true }))
    return folder
  }

  function serverOf(folder: string) {
    const server = createApiServer({ implementation: fakeImplementation({}) }, { socketPath: socketPathFor(folder) })
    ends.push(() => server.stop())
    return server
  }

  it('answers a method with the value of its implementation', async () => {
    const { home } = await start()
    assert.deepEqual(await createClient({ home }).request('status', {}), STATUS)
  })

  it('hands parameters and patience over as they were sent', async () => {
    let seen: unknown
    const { home } = await start({
      chat: async (params) => {
        seen = params
        return { id: '1', to: params.to, state: 'sent' }
      },
    })
    await createClient({ home }).request('chat', { to: 'alice', text: 'hi' }, { timeoutMs: 5_000 })
    assert.deepEqual(seen, { to: 'alice', text: 'hi', timeoutMs: 5_000 })
  })

  describe('refuses', () => {
    it('what is not JSON', async () => {
      const { server } = await start()
      for (const body of ['', '{', 'nope', '{"a":1}x', new Uint8Array([0x22, 0xff, 0x22])]) {
        const answer = await raw(server, { body })
        assert.equal(answer.status, 400)
        assert.equal(answer.body.error?.code, 'BAD_REQUEST')
      }
    })

    it('other content types, which a form on a page could send', async () => {
      const { server } = await start()
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
        assert.equal((await raw(server, { type })).body.error?.code, 'BAD_REQUEST')
      assert.equal((await raw(server, { type: 'Application/JSON; charset=utf-8' })).status, 200)
    })

    it('other verbs of HTTP', async () => {
      const { server } = await start()
      for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS'])
        assert.equal((await raw(server, { method, body: '' })).body.error?.code, 'BAD_REQUEST')
    })

    it('methods and paths that it does not have', async () => {
      const { server } = await start()
      for (const path of ['/', '/v1/', '/v1/nope', '/v2/status', '/v1/status/x', '/v1/__proto__', '/v1/toString']) {
        const answer = await raw(server, { path })
        assert.equal(answer.status, 404)
        assert.equal(answer.body.error?.code, 'NO_SUCH_METHOD')
      }
    })

    it('wrong fields, and names the field', async () => {
      const { server } = await start()
      const wrong: [path: string, body: unknown, field: string][] = [
        ['call', { method: 'f', args: [] }, 'name'],
        ['call', { name: 'a', method: 'f', args: {} }, 'args'],
        ['call', { name: 'a', method: 'f', args: [], gas: -1 }, 'gas'],
        ['call', { name: 'a', method: 'f', args: [], gas: 1.5 }, 'gas'],
        ['status', { timeoutMs: 0 }, 'timeoutMs'],
        ['status', { timeoutMs: 3_600_001 }, 'timeoutMs'],
        ['status', { unknown: 1 }, 'unknown'],
        ['push', { contract: { blocks: [{ cid: 'bafy', bytes: '%%' }] } }, 'contract.blocks[0].bytes'],
        ['push', { contract: { blocks: [] } }, 'contract.blocks'],
        ['query', { name: 'a', method: 'f', args: [], at: '../x' }, 'at'],
        ['inbox', { markRead: 'yes' }, 'markRead'],
        ['log', { name: 'a', limit: 1_001 }, 'limit'],
        ['show', {}, 'commit'],
        ['state', { name: 'a', path: '/posts' }, 'path'],
        ['state', { name: 'a', path: [7] }, 'path[0]'],
        ['diff', { a: 'x' }, 'b'],
        ['fork', { name: 'a' }, 'as'],
        ['verify', {}, 'receipt'],
        ['verify', { name: 'a', receipt: {} }, 'receipt'],
        ['verify', { receipt: {}, from: 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' }, 'receipt'],
        ['upgrade', { name: 'a' }, 'contract'],
        ['rollback', { name: 'a', commit: '..' }, 'commit'],
        ['prune', { name: 'a' }, 'keep'],
        ['prune', { name: 'a', keep: { checkpoints: 0 } }, 'keep'],
        ['prune', { name: 'a', keep: { since: 'yesterday' } }, 'keep'],
        ['prune', { name: 'a', keep: { since: '2026-01-01T00:00:00Z', checkpoints: 1 } }, 'keep'],
        ['pull', { name: 'a', verify: 1 }, 'verify'],
        ['resolve', { name: 'x'.repeat(65_537) }, 'name'],
      ]
      for (const [path, body, field] of wrong) {
        const answer = await raw(server, { path: `/v1/${path}`, body: JSON.stringify(body) })
        assert.equal(answer.body.error?.code, 'BAD_REQUEST', path)
        assert.ok(answer.body.error.message.includes(field), `${answer.body.error.message} names ${field}`)
      }
      for (const body of ['null', '[]', '"x"', '7', '{"__proto__":{"timeoutMs":1}}'])
        assert.equal((await raw(server, { body })).body.error?.code, 'BAD_REQUEST', body)
    })

    it('bodies that are too large, before they have arrived', async () => {
      const { server } = await start()
      const answer = await raw(server, { body: '{', length: MAX_BODY_BYTES + 1 })
      assert.equal(answer.status, 413)
      assert.equal(answer.body.error?.code, 'BODY_TOO_LARGE')
    })

    it('bodies that are too deep, before they have arrived', async () => {
      const { server } = await start()
      const answer = await raw(server, { body: '['.repeat(MAX_DEPTH + 1), length: 1_000_000 })
      assert.equal(answer.body.error?.code, 'BAD_REQUEST')
    })

    it('bodies of too many values', async () => {
      const { server } = await start()
      const body = `{"name":"a","method":"f","args":[${'[],'.repeat(600_000)}1]}`
      assert.equal((await raw(server, { path: '/v1/call', body })).body.error?.code, 'BAD_REQUEST')
    })

    it('more requests than it may run, but never status', async () => {
      const release = Promise.withResolvers<{ peers: never[] }>()
      const all = Promise.withResolvers<void>()
      let running = 0
      const { home } = await start({
        peers: () => {
          running += 1
          if (running === MAX_RUNNING) all.resolve()
          return release.promise
        },
      })
      const client = createClient({ home })
      const taken = Array.from({ length: MAX_RUNNING }, () => client.request('peers', {}))
      await all.promise
      assert.equal(await codeOf(client.request('peers', {})), 'TOO_BUSY')
      assert.deepEqual(await client.request('status', {}), STATUS)
      release.resolve({ peers: [] })
      await Promise.all(taken)
      assert.deepEqual(await client.request('peers', {}), { peers: [] })
    })
  })

  describe('says of a failure', () => {
    it('code, message and hint of ours', async () => {
      const { home, logged } = await start({
        resolve: async () => {
          throw Object.assign(new Error('nobody here'), { code: 'NEVER_PUBLISHED', hint: 'look elsewhere' })
        },
      })
      const error: unknown = await createClient({ home })
        .request('resolve', { name: 'a' })
        .catch((error: unknown) => error)
      assert.ok(error instanceof ApiError)
      assert.deepEqual([error.code, error.message, error.hint], ['NEVER_PUBLISHED', 'nobody here', 'look elsewhere'])
      assert.equal(logged.length, 0)
    })

    it('nothing of others, which go to the log alone', async () => {
      const secrets = [
        new TypeError('secret /home/alice/file'),
        Object.assign(new Error('secret'), { code: 'ENOENT', path: '/secret' }),
        'secret',
        undefined,
      ]
      for (const thrown of secrets) {
        const { server, logged } = await start({ peers: () => Promise.reject(thrown) })
        const answer = await raw(server, { path: '/v1/peers' })
        assert.equal(answer.status, 500)
        assert.equal(answer.body.error?.code, 'INTERNAL')
        assert.ok(!JSON.stringify(answer.body).includes('secret'))
        assert.deepEqual(logged, [thrown])
      }
    })

    it('INTERNAL if an answer is no JSON or a handler throws at once', async () => {
      const { server } = await start({
        peers: async () => ({ peers: [1n] }) as never,
        inbox: () => {
          throw new Error('at once')
        },
      })
      assert.equal((await raw(server, { path: '/v1/peers' })).body.error?.code, 'INTERNAL')
      assert.equal((await raw(server, { path: '/v1/inbox' })).body.error?.code, 'INTERNAL')
    })

    it('no more of a contract’s long words than anybody reads', async () => {
      const { server } = await start({
        peers: async () => {
          throw Object.assign(new Error('x'.repeat(1_000_000)), { code: 'CONTRACT_THREW', hint: '' })
        },
      })
      const { body } = await raw(server, { path: '/v1/peers' })
      assert.ok((body.error?.message.length ?? Number.POSITIVE_INFINITY) < 5_000)
    })
  })

  describe('patience', () => {
    it('aborts a handler when the time is up, and answers even if it does not heed that', async () => {
      const aborted = Promise.withResolvers<void>()
      const { home } = await start({
        peers: (_, { signal }) => {
          signal.addEventListener('abort', () => aborted.resolve())
          return new Promise(() => {})
        },
      })
      assert.equal(await codeOf(createClient({ home }).request('peers', {}, { timeoutMs: 20 })), 'TIMED_OUT')
      await aborted.promise
    })

    it('prefers what the handler itself says about the wait', async () => {
      const { home } = await start({
        resolve: (_, { signal }) =>
          new Promise((_, reject) => {
            const error = Object.assign(new Error('alice is silent'), { code: 'PEER_UNREACHABLE', hint: '' })
            signal.addEventListener('abort', () => reject(error))
          }),
        peers: (_, { signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
          }),
      })
      const client = createClient({ home })
      const options = { timeoutMs: 20 }
      assert.equal(await codeOf(client.request('resolve', { name: 'a' }, options)), 'PEER_UNREACHABLE')
      assert.equal(await codeOf(client.request('peers', {}, options)), 'TIMED_OUT')
    })

    it('aborts a handler whose caller went away', async () => {
      const reached = Promise.withResolvers<void>()
      const aborted = Promise.withResolvers<unknown>()
      const { home } = await start({
        peers: (_, { signal }) => {
          reached.resolve()
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted.resolve(signal.reason)
              reject(signal.reason)
            })
          })
        },
      })
      const caller = new AbortController()
      const code = codeOf(createClient({ home }).request('peers', {}, { signal: caller.signal }))
      await reached.promise
      caller.abort()
      assert.equal(await code, 'CANCELLED')
      assert.equal(((await aborted.promise) as ApiError).code, 'CANCELLED')
    })

    it('aborts everything when it stops, and tells the callers', async () => {
      const reached = Promise.withResolvers<void>()
      const { home, server } = await start({
        peers: (_, { signal }) => {
          reached.resolve()
          return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      })
      const code = codeOf(createClient({ home }).request('peers', {}))
      await reached.promise
      await server.stop()
      assert.equal(await code, 'STOPPING')
      await server.stop()
      assert.equal(await codeOf(createClient({ home }).request('status', {})), 'NO_DAEMON')
    })
  })

  describe('its socket', () => {
    it('belongs to this account alone', async () => {
      const { server, home } = await start()
      assert.equal((await stat(server.path)).mode & 0o777, 0o600)
      assert.equal((await stat(home)).mode & 0o777, 0o700)
    })

    it('closes a folder that others could enter', async () => {
      const folder = await home()
      await chmod(folder, 0o755)
      await serverOf(folder).start()
      assert.equal((await stat(folder)).mode & 0o777, 0o700)
    })

    it('stands in a private folder elsewhere if the home has a long path', async () => {
      const folder = join(await home(), 'x'.repeat(120))
      await mkdir(folder)
      const server = serverOf(folder)
      await server.start()
      assert.ok(Buffer.byteLength(server.path) <= 100)
      assert.equal((await stat(join(server.path, '..'))).mode & 0o777, 0o700)
      assert.deepEqual(await createClient({ home: folder }).request('status', {}), STATUS)
    })

    it('takes the place of a dead one, and of no living one', async () => {
      const folder = await home()
      const path = socketPathFor(folder)
      await leaveDeadSocket(path)
      await serverOf(folder).start()
      assert.deepEqual(await createClient({ home: folder }).request('status', {}), STATUS)
      assert.equal(await codeOf(serverOf(folder).start()), 'SOCKET_IN_USE')
      assert.deepEqual(await createClient({ home: folder }).request('status', {}), STATUS)
    })

    it('never takes the place of a file or a link', async () => {
      const folder = await home()
      await writeFile(join(folder, 'api.sock'), 'precious')
      assert.equal(await codeOf(serverOf(folder).start()), 'SOCKET_IN_USE')
      const other = await home()
      await symlink('/etc/passwd', join(other, 'api.sock'))
      assert.equal(await codeOf(serverOf(other).start()), 'SOCKET_IN_USE')
    })

    it('is gone after stop', async () => {
      const fixture = await start()
      await fixture.server.stop()
      assert.equal(await codeOf(stat(fixture.server.path)), 'ENOENT')
    })
  })

  it('survives connections that say nothing sensible', async () => {
    const { server, home } = await start()
    for (const nonsense of ['\0\0\0', 'GET', 'POST /v1/status HTTP/1.1\r\ncontent-length: 5\r\n\r\n{'])
      await new Promise<void>((resolve) => {
        const socket = createConnection({ path: server.path }, () => socket.end(nonsense))
        socket.on('error', () => {})
        socket.once('close', () => resolve())
        socket.resume()
      })
    assert.deepEqual(await createClient({ home }).request('status', {}), STATUS)
  })
})

/** What a daemon leaves that was killed: the file is there and nobody listens. */
async function leaveDeadSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, path])
  assert.ok((await stat(path)).isSocket())
}
