/** The whole path on real nodes: processes of their own, TCP on loopback, the command line that users type. */
import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningNode, startNode } from '../support/amigo.ts'
import { tempFolder } from '../support/temp.ts'
import { until } from '../support/until.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const COUNTER = join(EXAMPLES, 'counter')
type Called = {
  result: unknown
  seq: number
  commit: string
  service: string
  host: string
  gas: number
  receipt: object
}
type Published = { name: string; version: string; service: string; contract: string; commit: string; seenBy: number }

describe('the whole path, between real nodes', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let alice: RunningNode
  let bob: RunningNode
  let guestbook: Published
  let counter: Published

  before(async () => {
    folder = await tempFolder()
    alice = await startNode(join(folder.path, 'alice'))
    bob = await startNode(join(folder.path, 'bob'), ['--bootstrap', alice.info.addresses[0]!])
    await until(
      () => bob.run<{ peers: number }>('status'),
      ({ peers }) => peers === 1,
    )
    await until(
      () => alice.run<{ peers: number }>('status'),
      ({ peers }) => peers === 1,
    )
  })
  after(async () => {
    await Promise.all([alice?.kill(), bob?.kill()])
    await folder.remove()
  })

  it('keeps keys and socket private', async () => {
    for (const file of ['node.key', 'user.key', 'api.sock']) {
      assert.equal((await stat(join(alice.info.home, file))).mode & 0o777, 0o600, file)
    }
    assert.equal((await stat(alice.info.home)).mode & 0o777, 0o700)
  })

  it('has two identities, and tells both', async () => {
    const { peerId, user } = await alice.run<{ peerId: string; user: string }>('id')
    assert.match(peerId, /^12D3Koo/)
    assert.match(user, /^k51/)
    assert.notDeepEqual(
      await readFile(join(alice.info.home, 'node.key')),
      await readFile(join(alice.info.home, 'user.key')),
    )
  })

  it('pushes: the same folder is the same contract on every node', async () => {
    const here = await alice.run<{ contract: string }>('push', join(EXAMPLES, 'counter'))
    const there = await bob.run<{ contract: string }>('push', join(EXAMPLES, 'counter'))
    assert.equal(here.contract, there.contract)
  })

  it('serves on this node alone', async () => {
    const served = await alice.run<{ name: string; upgraded: boolean }>(
      'serve',
      join(EXAMPLES, 'counter'),
      '--as',
      'private',
    )
    assert.equal(served.name, 'local.land/_/private')
    const { result } = await alice.run<Called>('call', served.name, 'increment')
    assert.equal(result, 1)
    const again = await alice.run<{ commit: string; upgraded: boolean }>(
      'serve',
      join(EXAMPLES, 'counter'),
      '--as',
      'private',
    )
    assert.equal(again.upgraded, false)
    assert.equal((await alice.run<Called>('query', served.name, 'current')).result, 1, 'serving again keeps the state')
    const { warnings } = await alice.run<{ warnings: string[] }>('serve', COUNTER, '--as', 'private', '--init', '[1]')
    assert.match(warnings.join(), /runs already/)
  })

  it('publishes, and another node finds it by the key', async () => {
    guestbook = await alice.run<Published>('publish', join(EXAMPLES, 'guestbook'))
    counter = await alice.run<Published>('publish', join(EXAMPLES, 'counter'))
    assert.ok(guestbook.seenBy >= 1)
    const found = await bob.run<{ service: string; peerId: string; contract: string }>('resolve', guestbook.name)
    assert.equal(found.service, guestbook.service)
    assert.equal(found.contract, guestbook.contract)
    assert.equal(found.peerId, alice.info.peerId)
  })

  it('calls from the other node, with a receipt, and the state stays', async () => {
    const first = await bob.run<Called>('call', counter.name, 'increment')
    assert.equal(first.result, 1)
    assert.equal(first.host, alice.info.peerId)
    assert.equal(first.service, counter.service)
    assert.ok(first.gas > 0)
    assert.ok('block' in first.receipt && 'envelope' in first.receipt)
    const second = await alice.run<Called>('call', counter.name, 'increment')
    assert.equal(second.result, 2)
    assert.equal(second.seq, first.seq + 1)
    assert.equal((await bob.run<Called>('query', counter.name, 'current')).result, 2)
    assert.equal(
      (await bob.run<Called>('query', counter.name, 'current', '--at', first.commit)).result,
      1,
      'the past stays',
    )
  })

  it('tells a contract who calls', async () => {
    await bob.run('call', guestbook.name, 'sign', 'bob was here')
    const { user } = await bob.run<{ user: string }>('id')
    const { result } = await alice.run<{ result: string }>('query', guestbook.name, 'render', '/')
    assert.match(result, /bob was here/)
    assert.ok(result.includes(user.slice(0, 8)), 'the caller is named in the page')
  })

  it('lets anybody query any function, and takes back what it did', async () => {
    assert.equal((await bob.run<Called>('query', counter.name, 'increment')).result, 3)
    assert.equal((await bob.run<Called>('query', counter.name, 'current')).result, 2)
  })

  it('pulls by name and by CID, and writes the sources out', async () => {
    const out = join(folder.path, 'out')
    const pulled = await bob.run<{ contract: string; commit: string; trust: string }>(
      'pull',
      counter.name,
      '--out',
      out,
    )
    assert.equal(pulled.contract, counter.contract)
    assert.equal(pulled.trust, 'signed')
    const source = await readFile(join(out, 'counter.ts'), 'utf8')
    assert.equal(source, await readFile(join(EXAMPLES, 'counter/counter.ts'), 'utf8'))
    assert.equal((await bob.run<{ contract: string }>('push', out)).contract, counter.contract, 'it builds to the same')
    assert.equal((await bob.run<{ contract: string }>('pull', counter.contract)).contract, counter.contract)
  })

  it('chats both ways', async () => {
    const sent = await bob.run<{ state: string; id: string }>('chat', alice.info.peerId, 'hello alice')
    assert.equal(sent.state, 'delivered')
    const { user } = await bob.run<{ user: string }>('id')
    type Inbox = { messages: { text: string; from: string; state: string }[] }
    const { messages } = await alice.run<Inbox>('inbox')
    assert.equal(messages.at(-1)!.text, 'hello alice')
    assert.equal(messages.at(-1)!.from, user)
    const { name } = await alice.run<{ name: string }>('publish', join(EXAMPLES, 'counter'))
    const answer = await bob.run<{ state: string }>('chat', name.split('/')[0]!, 'by your key')
    assert.equal(answer.state, 'delivered', 'a person is reached by the key as well as by the node')
  })

  it('shows it on the page, under every name of the node', async () => {
    const url = new URL(alice.info.http)
    for (const host of [`127.0.0.1:${url.port}`, `${alice.info.peerId}.amigos.localhost:${url.port}`]) {
      const { body } = await getWithHost(alice.info.http, '/guestbook/', host)
      assert.match(body, /bob was here/)
    }
    assert.equal((await getWithHost(alice.info.http, '/', 'evil.example')).status, 421)
  })

  it('survives its host: a copy answers, and a message waits', async () => {
    await alice.kill()
    const copy = await bob.run<Called & { trust: string }>('query', counter.name, 'current')
    assert.equal(copy.result, 2)
    assert.match(copy.trust, /^(signed|replayed)$/) // it is executed again behind its use
    assert.equal(copy.host, bob.info.peerId)
    const refused = await bob.try('call', counter.name, 'increment')
    assert.equal(refused.code, 1)
    assert.equal(refused.json<{ error: { code: string } }>().error.code, 'PEER_UNREACHABLE')
    assert.equal((await bob.run<{ state: string }>('chat', alice.info.peerId, 'come back')).state, 'queued')

    alice = await startNode(alice.info.home, ['--bootstrap', bob.info.addresses[0]!])
    assert.equal((await alice.run<Called>('query', counter.name, 'current')).result, 2)
    type Inbox = { messages: { text: string }[] }
    await until(
      () => alice.run<Inbox>('inbox'),
      ({ messages }) => messages.some(({ text }) => text === 'come back'),
    )
    const back = await until(
      () => bob.try('call', counter.name, 'increment'),
      ({ code }) => code === 0,
    )
    assert.equal(back.json<Called>().result, 3)
  })

  it('stops cleanly on Ctrl-C', async () => {
    assert.equal(await bob.stop(), 0)
    assert.equal(await alice.stop(), 0)
  })
})

/** fetch() sets the Host header itself: this does not. */
async function getWithHost(url: string, path: string, host: string): Promise<{ status: number; body: string }> {
  const { request } = await import('node:http')
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
