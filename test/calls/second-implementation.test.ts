/** A node that shares no code with this project, and asks this one: what specs/internode.md says is enough. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createTestnet, type TestNode, type Testnet } from '../protocol/nodes.ts'
import { type Host, startHost } from '../support/host.ts'
import {
  connectPlain,
  createPlainUser,
  json,
  type PlainClient,
  type PlainUser,
  parsed,
} from '../support/plain-client.ts'
import { untilTrue } from '../support/until.ts'

const SOURCE = `
  import { emit } from 'amigos:events'
  import { caller } from 'amigos:context'
  let n = 0
  export function add(by: number): number { n += by; emit('added', n); return n }
  export function read(): number { return n }
  export function who(): string { return caller() }
  export function repeat(times: number): string { return 'x'.repeat(times) }
  export function spin(): void { for (;;) n++ }
  export async function* upTo(last: number): AsyncGenerator<string> {
    for (let i = 1; i <= last; i++) yield i + 'x'.repeat(10_000)
  }
`

describe('a second implementation', () => {
  let net: Testnet
  let host: Host
  let hostNode: TestNode
  let service: CID
  let client: PlainClient
  let user: PlainUser
  let peer: string
  before(async () => {
    net = createTestnet()
    host = await startHost()
    hostNode = await net.create(createAnswers({ ...host, log: () => {} }))
    service = await host.serve(SOURCE, { as: 'counter' })
    user = await createPlainUser()
    const node = await net.createBare()
    peer = node.peerId.toString()
    client = await connectPlain(node, hostNode.node.getMultiaddrs(), 'test')
  })
  after(async () => {
    await net.stop()
    await host.stop()
  })

  const network = (): string => host.identity.network.id
  const question = (method: string, args: unknown[] = [], caller = '') => ({
    ...{ service, method, args: json(args), caller, gas: null, at: null },
  })
  const ask = (method: string, body: unknown) => client.answer(client.request(method, body))

  it('asks, in nobody’s name and in that of a user', async () => {
    assert.deepEqual((await ask('ping', {}))['body'], {})
    assert.equal(parsed((await ask('query', question('read')))['body'].result), 0)
    const mine = question('who', [], user.id)
    assert.equal((await ask('query', mine))['code'], 'GRANT_NEEDED')
    const envelope = await user.sign('amigos/query/1', { network: network(), service, method: '@query', args: [peer] })
    assert.equal(parsed((await ask('query', { ...mine, envelope }))['body'].result), user.id)
    assert.equal(parsed((await ask('query', mine))['body'].result), user.id)
  })

  it('gets an answer that comes in parts', async () => {
    const { body } = await ask('query', question('repeat', [300_000]))
    assert.equal(parsed(body.result), 'x'.repeat(300_000))
  })

  it('calls, and is given the stored answer the second time', async () => {
    const envelope = await user.sign('amigos/call/1', { network: network(), service, method: 'add', args: [2] })
    const [first, second] = [await ask('call', { envelope }), await ask('call', { envelope })]
    assert.equal(parsed(first['body'].result), 2)
    assert.equal(parsed(second['body'].result), 2)
    assert(first['body'].commit.equals(second['body'].commit))
    assert.equal(parsed((await ask('query', question('read')))['body'].result), 2)
  })

  it('takes a stream as fast as it likes, and leaves one', async () => {
    const id = client.request('stream', question('upTo', [20]), { stream: true })
    assert.equal((await client.answer(id)).type, 'accepted')
    for (let i = 1; i <= 20; i++) {
      const item = await client.answer(id)
      assert.equal(parsed(item['body'].result), i + 'x'.repeat(10_000))
      client.say({ type: 'credit', id, bytes: 12_000 })
    }
    assert.equal((await client.answer(id)).type, 'end')
    const followed = client.request('subscribe', { service, from: 1 }, { stream: true })
    assert.equal((await client.answer(followed)).type, 'accepted')
    const { body } = await client.answer(followed)
    assert.deepEqual([body.seq, body.events.map(parsed)], [1, [[['added', 2]]]])
    client.say({ type: 'cancel', id: followed })
    await untilTrue(() => hostNode.internode.sessions()[0]!.inFlight === 0)
  })

  it('gives a call up, nothing of which is kept, and goes on', async () => {
    const envelope = await user.sign('amigos/call/1', { network: network(), service, method: 'spin', args: [] })
    client.say({ type: 'cancel', id: client.request('call', { envelope }) })
    assert.equal(parsed((await ask('query', question('read')))['body'].result), 2)
  })
})
