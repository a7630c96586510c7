import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { createClient } from '../../daemon/api/client.ts'
import { MAX_BODY_BYTES } from '../../daemon/api/constants.ts'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import { codeOf, makeHome, startServer } from './fixture.ts'

describe('the client of the local API', () => {
  const ends: (() => Promise<unknown>)[] = []
  let home: string

  beforeEach(async () => {
    home = await makeHome()
    ends.push(() => rm(home, { recursive: true, force: true }))
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  /** Something that answers every connection with these bytes, whatever it is asked. */
  async function impostor(answer: string): Promise<void> {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(answer))
    })
    await new Promise<void>((resolve) => server.listen(socketPathFor(home), resolve))
    ends.push(() => new Promise((resolve) => server.close(resolve)))
  }

  const status = () => codeOf(createClient({ home }).request('status', {}))

  it('says NO_DAEMON where nothing listens', async () => {
    assert.equal(await status(), 'NO_DAEMON')
    assert.equal(await codeOf(createClient({ home: join(home, 'not', 'there') }).request('status', {})), 'NO_DAEMON')
    await writeFile(join(home, 'api.sock'), 'no socket')
    assert.equal(await status(), 'NO_DAEMON')
  })

  it('says DAEMON_LOST when the daemon dies in the middle', async () => {
    const script = `require('node:net').createServer((socket) => socket.once('data', () => process.kill(process.pid, 'SIGKILL')))
      .listen(process.argv[1], () => console.log('listening'))`
    const child = spawn(process.execPath, ['-e', script, socketPathFor(home)], { stdio: ['ignore', 'pipe', 'inherit'] })
    ends.push(async () => child.kill('SIGKILL'))
    await once(child.stdout, 'data')
    assert.equal(await status(), 'DAEMON_LOST')
  })

  it('says DAEMON_LOST when the answer breaks off', async () => {
    await impostor('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"peerId"')
    assert.equal(await status(), 'DAEMON_LOST')
  })

  it('says BAD_ANSWER to what is not ours', async () => {
    await impostor('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnope')
    assert.equal(await status(), 'BAD_ANSWER')
  })

  it('says BAD_ANSWER to an error of another form', async () => {
    await impostor('HTTP/1.1 500 Oops\r\ncontent-length: 13\r\n\r\n{"error":"no"}')
    assert.equal(await status(), 'BAD_ANSWER')
  })

  it('says CANCELLED when its caller gave up before', async () => {
    const { home, end } = await startServer()
    ends.push(end)
    const request = createClient({ home }).request('status', {}, { signal: AbortSignal.abort() })
    assert.equal(await codeOf(request), 'CANCELLED')
  })

  it('sends nothing that is too large', async () => {
    const text = 'x'.repeat(MAX_BODY_BYTES)
    assert.equal(await codeOf(createClient({ home }).request('chat', { to: 'a', text })), 'BODY_TOO_LARGE')
  })
})
