import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { createServer, type Server } from 'node:net'
import { createClient } from '../../daemon/api/client.ts'
import { withPatience } from '../../daemon/api/patience.ts'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import { usualPatience } from '../../daemon/api/usual-patience.ts'
import type { Implementation, Progress } from '../../daemon/api/vocabulary.ts'
import { codeOf, type Fixture, makeHome, startServer } from './fixture.ts'

const VERIFIED = { ok: true, commits: 3, calls: 4, trust: 'replayed', from: 'bafya', to: 'bafyb' }

describe('progress', () => {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function start(own: Partial<Implementation>): Promise<Fixture> {
    const fixture = await startServer(own)
    ends.push(fixture.end)
    return fixture
  }

  /** The lines that come, type and status, as somebody sees them who is not our client. */
  function ask(path: string, accept: string): Promise<{ type: string | undefined; status: number; lines: unknown[] }> {
    return new Promise((resolve, reject) => {
      const headers = { accept, 'content-type': 'application/json' }
      const request = httpRequest(
        { socketPath: path, path: '/v1/verify', method: 'POST', agent: false, headers },
        async (response) => {
          let text = ''
          for await (const chunk of response) text += chunk
          const lines = text.split('\n').filter((line) => line !== '')
          resolve({
            type: response.headers['content-type'],
            status: response.statusCode ?? 0,
            lines: lines.map((line) => JSON.parse(line)),
          })
        },
      )
      request.once('error', reject)
      request.end('{"name":"a"}')
    })
  }

  it('is told to whoever asks for it, and the answer comes last', async () => {
    const { home, server } = await start({
      verify: async (_, { onProgress }) => {
        onProgress?.({ doing: 'replaying', done: 1, total: 3 })
        return VERIFIED
      },
    })
    const seen: Progress[] = []
    const onProgress = (progress: Progress) => seen.push(progress)
    assert.deepEqual(await createClient({ home }).request('verify', { name: 'a' }, { onProgress }), VERIFIED)
    assert.deepEqual(seen, [{ doing: 'replaying', done: 1, total: 3 }])
    const { type, status, lines } = await ask(server.path, 'application/x-ndjson')
    assert.deepEqual([type, status], ['application/x-ndjson', 200])
    assert.deepEqual(lines, [{ progress: seen[0] }, { result: VERIFIED }])
  })

  it('is not there for whoever did not ask', async () => {
    const asked: boolean[] = []
    const { home, server } = await start({
      verify: async (_, { onProgress }) => {
        asked.push(onProgress !== undefined)
        onProgress?.({ doing: 'replaying', done: 1 })
        return VERIFIED
      },
    })
    assert.deepEqual(await createClient({ home }).request('verify', { name: 'a' }), VERIFIED)
    const { type, lines } = await ask(server.path, '*/*')
    assert.deepEqual([type, lines], ['application/json', [VERIFIED]])
    assert.deepEqual(asked, [false, false])
  })

  it('changes nothing where there was none', async () => {
    const { server } = await start({ verify: async () => VERIFIED })
    const { type, lines } = await ask(server.path, 'application/x-ndjson;q=1, application/json')
    assert.deepEqual([type, lines], ['application/json', [VERIFIED]])
  })

  it('may end in a failure, with its code', async () => {
    const { home } = await start({
      verify: async (_, { onProgress }) => {
        onProgress?.({ doing: 'replaying', done: 1 })
        throw Object.assign(new Error('gone'), { code: 'BLOCK_MISSING', hint: 'h' })
      },
    })
    const request = createClient({ home }).request('verify', { name: 'a' }, { onProgress: () => {} })
    assert.equal(await codeOf(request), 'BLOCK_MISSING')
  })

  it('ends as INTERNAL if the answer is no JSON', async () => {
    const { home } = await start({
      verify: async (_, { onProgress }) => {
        onProgress?.({ doing: 'replaying', done: 1 })
        return { ...VERIFIED, calls: 1n as unknown as number }
      },
    })
    const request = createClient({ home }).request('verify', { name: 'a' }, { onProgress: () => {} })
    assert.equal(await codeOf(request), 'INTERNAL')
  })

  it('is thinned out: the first at once, of a flood the latest', async () => {
    const told = Promise.withResolvers<void>()
    const { home } = await start({
      verify: async (_, { onProgress }) => {
        for (let done = 1; done <= 100_000; done++) onProgress?.({ doing: 'x'.repeat(1_000), done })
        await told.promise
        onProgress?.({ doing: 'late', done: 100_001 })
        return VERIFIED
      },
    })
    const seen: Progress[] = []
    const onProgress = (progress: Progress) => {
      seen.push(progress)
      if (seen.length === 2) told.resolve()
    }
    await createClient({ home }).request('verify', { name: 'a' }, { onProgress })
    assert.deepEqual(
      seen.map(({ done }) => done),
      [1, 100_000],
    )
    assert.ok(seen.every(({ doing }) => doing.length <= 64))
  })

  it('does not lengthen a time that was named', async () => {
    const { home } = await start({
      verify: (_, { signal, onProgress }) =>
        new Promise((_, reject) => {
          const ticking = setInterval(() => onProgress?.({ doing: 'replaying', done: 1 }), 2)
          signal.addEventListener('abort', () => {
            clearInterval(ticking)
            reject(signal.reason)
          })
        }),
    })
    const options = { timeoutMs: 40, onProgress: () => {} }
    assert.equal(await codeOf(createClient({ home }).request('verify', { name: 'a' }, options)), 'TIMED_OUT')
  })

  it('lengthens one that was not, up to its end', async () => {
    let renewals = 0
    const gone = new AbortController()
    const ended = withPatience(
      (signal, renew) =>
        new Promise<number>((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason))
          const ticking = setInterval(() => {
            renew()
            if (++renewals < 20) return
            clearInterval(ticking)
            resolve(renewals)
          }, 20)
        }),
      { timeoutMs: 200, renewableMs: 60_000, gone: gone.signal, what: 'verify' },
    )
    assert.equal(await ended, 20)
    const never = withPatience(
      (signal, renew) =>
        new Promise<never>((_, reject) => {
          const ticking = setInterval(renew, 5)
          signal.addEventListener('abort', () => {
            clearInterval(ticking)
            reject(signal.reason)
          })
        }),
      { timeoutMs: 20, renewableMs: 50, gone: gone.signal, what: 'verify' },
    )
    assert.equal(await codeOf(never), 'TIMED_OUT')
  })

  it('is awaited longer by default where a history may be long', () => {
    for (const method of ['verify', 'pull', 'upgrade', 'prune', 'diff'] as const)
      assert.ok(usualPatience(method) > usualPatience('status'), method)
  })

  it('that breaks off is DAEMON_LOST, and what is no progress is BAD_ANSWER', async () => {
    for (const [lines, code] of [
      ['{"progress":{"doing":"x","done":1}}\n', 'DAEMON_LOST'],
      ['{"progress":{"doing":"x","done":1}}\n{"resu', 'DAEMON_LOST'],
      ['{"progress":{"doing":7,"done":1}}\n', 'BAD_ANSWER'],
      ['{"other":1}\n', 'BAD_ANSWER'],
      ['nope\n', 'BAD_ANSWER'],
    ] as const) {
      const home = await makeHome()
      ends.push(() => rm(home, { recursive: true, force: true }))
      const server: Server = createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () =>
          socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\nconnection: close\r\n\r\n${lines}`),
        )
      })
      await new Promise<void>((resolve) => server.listen(socketPathFor(home), resolve))
      ends.push(() => new Promise((resolve) => server.close(resolve)))
      const request = createClient({ home }).request('verify', { name: 'a' }, { onProgress: () => {} })
      assert.equal(await codeOf(request), code, lines)
    }
  })
})
