/** What a program is told when its node goes away, falls silent, or answers what is none. */
import assert from 'node:assert/strict'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { socketPathFor } from '../../daemon/api/socket-path.ts'
import { connect as connectBrowser } from '../../daemon/client/browser.ts'
import type { KeyPair } from '../../daemon/client/key.ts'
import { type Amigo, type AmigoError, connect } from '../../daemon/client/node.ts'
import { tempFolder } from '../support/temp.ts'

interface Counter {
  add(n: number): number
  read(): number
  numbers(): number[]
}

const SERVICE = 'bafyreidykglsfhoixmivffc5uwhcgshx4j465xwqntbmu43nb2dzqwfvae'
const DESCRIPTION = {
  ...{ name: 'x', service: SERVICE, version: '1.0.0', network: 'n', peerId: 'p' },
  functions: [
    { name: 'add', kind: 'call', returns: 'number', doc: '' },
    { name: 'read', kind: 'query', returns: 'number', doc: '' },
    { name: 'numbers', kind: 'query', returns: 'AsyncGenerator<number>', doc: '' },
  ],
}
const ANSWER = {
  gas: 1,
  commit: 'c',
  seq: 1,
  host: 'h',
  ms: 1,
  logs: [],
  trust: 'own',
  service: SERVICE,
  receipt: {},
  events: [],
}

type Reply = (response: ServerResponse, body: string) => void
const say =
  (body: string, type = 'application/json'): Reply =>
  (response) =>
    void response.writeHead(200, { 'content-type': type }).end(body)
const breakOff: Reply = (response) => void response.destroy()
const lines = (...all: string[]): Reply => say(all.map((line) => `${line}\n`).join(''), 'application/x-ndjson')

describe('client: a node that goes away, or lies', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  const servers: Server[] = []
  let reply: Reply = breakOff
  let amigos: { way: string; amigo: Amigo }[]

  const serve = async (where: { path: string } | { port: number; host: string }): Promise<Server> => {
    const server = createServer((request, response) => {
      const method = request.url?.split('/').at(-1)
      let body = ''
      request.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      request.on('end', () => {
        if (method === 'describe') say(JSON.stringify(DESCRIPTION))(response, body)
        else if (method === 'status') say('{"user":"k51"}')(response, body)
        else reply(response, body)
      })
    })
    await new Promise<void>((resolve) => server.listen(where, resolve))
    servers.push(server)
    return server
  }

  before(async () => {
    folder = await tempFolder('amigos-lost')
    await serve({ path: socketPathFor(folder.path) })
    const web = await serve({ port: 0, host: '127.0.0.1' })
    const key = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as KeyPair
    const node = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
    amigos = [
      { way: 'local API', amigo: connect({ home: folder.path }) },
      { way: 'door', amigo: connectBrowser({ node, key }) },
    ]
  })
  after(async () => {
    for (const server of servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    await folder.remove()
  })

  const failures = async (with_: Reply, run: (counter: Awaited<ReturnType<typeof counterOf>>) => Promise<unknown>) => {
    reply = with_
    const found: string[] = []
    for (const { way, amigo } of amigos) {
      const error = await run(await counterOf(amigo)).then(
        () => assert.fail(`${way}: it did not fail`),
        (one: AmigoError) => one,
      )
      found.push(`${error.code} ${error.outcome ?? ''}`.trim())
    }
    return found
  }
  const counterOf = (amigo: Amigo) => amigo.import<Counter>('x')

  it('tells of a call that nobody knows what became of it', async () => {
    const all = await failures(breakOff, (counter) => counter.$call('add', [1], { timeoutMs: 200 }))
    assert.equal(all[0], 'DAEMON_LOST unknown')
    // that was sent again until there was no time left
    assert.match(all[1]!, /^DAEMON_(LOST|SILENT) unknown$/)
    const [, question] = await failures(breakOff, (counter) => counter.read())
    assert.equal(question, 'NO_DAEMON')
  })

  it('is not told of a call by the door that was answered when it was sent again', async () => {
    const sent: string[] = []
    reply = (response, body) => {
      sent.push(body)
      if (sent.length < 3) breakOff(response, body)
      else say(JSON.stringify({ ...ANSWER, result: 3 }))(response, body)
    }
    assert.equal(await (await counterOf(amigos[1]!.amigo)).add(1), 3)
    assert.equal(sent.length, 3)
    // the same bytes, so that a host executes them once
    assert.equal(new Set(sent).size, 1)
  })

  it('gives up a call that is not answered, as one of which nobody knows', async () => {
    const silent = await failures(
      () => {},
      async (counter) => {
        const control = new AbortController()
        const calling = counter.$call('add', [1], { signal: control.signal })
        setImmediate(() => control.abort())
        return calling
      },
    )
    for (const one of silent) assert.match(one, /^CANCELLED (unknown|not-sent)$/)
  })

  it('takes nothing that is no answer', async () => {
    const bad = [say('no JSON'), say('7'), say('{"result":1}'), say(JSON.stringify({ ...ANSWER, result: { '/': 1 } }))]
    for (const answer of bad) {
      const found = await failures(answer, (counter) => counter.read())
      assert.deepEqual(found, ['BAD_ANSWER', 'BAD_ANSWER'])
    }
    const calls = await failures(bad[3]!, (counter) => counter.add(1))
    assert.deepEqual(calls, ['BAD_ANSWER unknown', 'BAD_ANSWER unknown'])
    const ok = say(JSON.stringify({ ...ANSWER, result: { '/': { bigint: '7' } } }))
    reply = ok
    for (const { amigo } of amigos) assert.equal(await (await counterOf(amigo)).read(), 7n)
  })

  it('ends a stream that breaks off with an error, behind the items that came', async () => {
    for (const { way, amigo } of amigos) {
      reply = lines(JSON.stringify({ item: { item: 1 } }), JSON.stringify({ item: { item: 2 } }))
      const items = (await counterOf(amigo)).$stream('numbers')
      assert.equal((await items.next()).value, 1, way)
      assert.equal((await items.next()).value, 2, way)
      await assert.rejects(items.next(), { name: 'AmigoError' }, way)
    }
  })
})
