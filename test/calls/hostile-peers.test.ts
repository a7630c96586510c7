/** Calls on real streams between nodes that replay them, whose clocks are wrong, or that lie about their network. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createRemote, type Remote } from '../../daemon/calls/remote/remote.ts'
import type { Executed, Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { createTestnet, type TestNode, type Testnet } from '../protocol/nodes.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'
import { testNetwork } from '../support/network.ts'

const DAY_MS = 86_400_000
const signal = new AbortController().signal
const SOURCE = `
  import { emit } from 'amigos:events'
  let n = 0
  export function add(by: number): number { n += by; emit('added', n); return n }
  export function read(): number { return n }
`

describe('between nodes', () => {
  let net: Testnet
  let host: Host
  let hostNode: TestNode
  let service: CID
  /** what the host's clock is wrong by */
  let skew = 0
  let made = 0

  before(async () => {
    net = createTestnet()
    host = await startHost({ now: () => Date.now() + skew })
    hostNode = await net.create(createAnswers({ ...host, log: () => {} }))
  })
  after(async () => {
    await net.stop()
    await host.stop()
  })
  beforeEach(async () => {
    skew = 0
    service = await host.serve(SOURCE, { as: `counter-${++made}` })
  })

  async function join(): Promise<{ user: Identity; node: TestNode; remote: Remote }> {
    const node = await net.create()
    await net.introduce(node.node, hostNode.node)
    const user = { ...(await newIdentity()), peerId: node.peer }
    return { user, node, remote: createRemote(node.internode, user) }
  }
  const sign = (user: Identity): Promise<Uint8Array> => makeCall({ service, method: 'add', args: [1] }, 'call', user)

  it('a call is executed once, whoever sends it, however often, at a time or later', async () => {
    const [ann, eve] = await Promise.all([join(), join()])
    const envelope = await sign(ann.user)
    const send = ({ remote }: { remote: Remote }): Promise<Executed> => remote.call(hostNode.peer, envelope, { signal })
    const first = await Promise.all([ann, eve, eve, ann, eve].map(send))
    for (const connection of eve.node.node.getConnections()) await connection.close()
    const later = await Promise.all([eve, ann].map(send))
    for (const answer of [...first, ...later]) {
      assert.equal(resultOf(answer), 1)
      assert.equal(String(answer.commit), String(first[0]!.commit))
    }
    assert.equal(await host.query(service, 'read'), 1)
  })

  it('nothing depends on the clock of the other, be it a day ahead or a day behind, or set back in between', async () => {
    const { user, remote } = await join()
    const envelopes: Uint8Array[] = []
    const items = remote.subscribe(hostNode.peer, service, 0, { signal })[Symbol.asyncIterator]()
    let expected = 0
    for (const wrongBy of [DAY_MS, -DAY_MS, 0]) {
      skew = wrongBy
      const envelope = await sign(user)
      envelopes.push(envelope)
      assert.equal(resultOf(await remote.call(hostNode.peer, envelope, { signal })), ++expected)
      const question = { service, method: 'read', args: encodeArguments([]) }
      const { result } = await remote.query(hostNode.peer, question, { signal })
      assert.equal(JSON.parse(Buffer.from(result).toString()), expected)
      for (let seq = -1; seq < expected; ) seq = (await items.next()).value!.seq
    }
    await items.return?.()
    for (const [i, envelope] of envelopes.entries())
      assert.equal(resultOf(await remote.call(hostNode.peer, envelope, { signal })), i + 1)
    assert.equal(await host.query(service, 'read'), expected)
  })

  it('a peer that says it is on this network and signs for another is told so, and nothing is executed', async () => {
    const { user, node } = await join()
    const envelope = await sign({ ...user, network: testNetwork('other') })
    const answer = node.internode.request(hostNode.peer, 'call', { envelope }, { signal })
    await assert.rejects(answer, { code: 'WRONG_NETWORK', party: 'remote' })
    assert.equal(await host.query(service, 'read'), 0)
  })
})
