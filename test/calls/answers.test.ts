/** Two nodes about a service, without a network between them: what one asks and how the other answers. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { MAX_PAGES_PER_SOURCE, MAX_PAGES_READ, MAX_REMOTE_RESULT_BYTES } from '../../daemon/calls/constants.ts'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { makeGrant } from '../../daemon/calls/remote/grant.ts'
import { createRemote, type Remote } from '../../daemon/calls/remote/remote.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { cborBlock } from '../../daemon/store/block.ts'
import { decodeFrame, encodeFrame } from '../../protocol/wire/frame.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'

const signal = new AbortController().signal
const SOURCE = `
  let n = 0
  export function add(by: number): number { n += by; return n }
  export function read(): number { return n }
  export async function* upTo(last: number): AsyncGenerator<number> { for (let i = 1; i <= last; i++) yield i }
  export function repeat(times: number): string { return 'x'.repeat(times) }
`

const noStream = (): never => assert.fail('nothing is streamed here')

describe('another node', () => {
  let host: Host
  let ann: Identity
  let eve: Identity
  let open: CID
  let closed: CID
  before(async () => {
    ;[host, ann, eve] = await Promise.all([startHost(), newIdentity(), newIdentity()])
    open = await host.serve(SOURCE, { as: 'open' })
    const access = `access:\n  call: owner\n  query: [${ann.user}]\n  history: [${ann.user}]\n`
    closed = await host.serve(SOURCE, { as: 'closed', manifest: `name: b\nversion: 0.1.0\nmain: main.ts\n${access}` })
    await host.call(closed, 'add', [1])
  })
  after(() => host.stop())

  /** What `user`’s node sees of the host; everything goes through frames. */
  const remoteOf = (user: Identity): Remote => {
    const answers = createAnswers({ ...host, log: () => {} })
    const through = (body: unknown): unknown => {
      const frame = decodeFrame(encodeFrame({ type: 'response', id: 1, body }).subarray(0)) as { body: unknown }
      return frame.body
    }
    const request = async (_host: string, method: string, body: unknown) =>
      through(await answers[method as keyof typeof answers](through(body), { peer: user.peerId, signal }))
    const stream = async function* (_host: string, method: string, body: unknown) {
      const items = await answers[method as keyof typeof answers](through(body), { peer: user.peerId, signal })
      for await (const item of items as AsyncIterable<unknown>) yield through(item)
    }
    return createRemote({ request, stream }, user)
  }

  it('calls and queries what is for everybody', async () => {
    const remote = remoteOf(ann)
    const done = await remote.call('host', await makeCall({ service: open, method: 'add', args: [2] }, 'call', ann), {
      signal,
    })
    assert.equal(resultOf(done), 2)
    const question = { service: open, method: 'read', args: encodeArguments([]) }
    assert.equal(resultOf(await remote.query('host', question, { signal })), 2)
    assert.equal((await remote.head('host', open, { signal })).seq, 1)
    assert.deepEqual((await remote.commitsBefore('host', open, done.commit, { signal })).map(String), [String(open)])
  })

  it('has so many pages read at a time and no more, and others are not kept waiting by it', async () => {
    const answers = createAnswers({ ...host, log: () => {} })
    const ask = (peer: string): Promise<unknown> => answers.blocks({ service: open, cids: [open] }, { peer, signal })
    let done = 0
    const all = Array.from({ length: 4_096 }, () => ask('greedy').then(() => void done++))
    const before = ask('modest').then(() => done)
    const refused = (await Promise.allSettled(all)).flatMap(({ status, ...how }) =>
      status === 'rejected' ? [(how as { reason: { code: string } }).reason.code] : [],
    )
    assert.deepEqual(new Set(refused), new Set(['SERVICE_BUSY']))
    assert.equal(refused.length, 4_096 - MAX_PAGES_READ - MAX_PAGES_PER_SOURCE)
    assert((await before) < MAX_PAGES_PER_SOURCE, 'it had its turn among the others')
  })

  it('takes what is given item by item, and follows what is for everybody', async () => {
    const remote = remoteOf(ann)
    const upTo = { service: open, method: 'upTo', args: encodeArguments([3]) }
    const items: unknown[] = []
    for await (const { result, gas } of remote.stream('host', upTo, { signal })) {
      items.push(JSON.parse(Buffer.from(result).toString()))
      assert(gas > 0n)
    }
    assert.deepEqual(items, [1, 2, 3])
    for await (const { seq, skipped } of remote.subscribe('host', open, 0, { signal })) {
      assert.deepEqual([seq, skipped], [0, 0])
      break
    }
    const wrong = { service: open, method: 'read', args: encodeArguments([]) }
    await assert.rejects(remote.stream('host', wrong, { signal })[Symbol.asyncIterator]().next(), {
      code: 'NOT_A_STREAM',
    })
  })

  it('follows a sealed service by its user’s word, and not without', async () => {
    for await (const { seq } of remoteOf(ann).subscribe('host', closed, 1, { signal })) {
      assert.equal(seq, 1)
      break
    }
    const hers = remoteOf(eve).subscribe('host', closed, 1, { signal })
    await assert.rejects(hers[Symbol.asyncIterator]().next(), { code: 'ACCESS_DENIED' })
  })

  it('gets results as large as anybody, and is told what is too large', async () => {
    const remote = remoteOf(ann)
    const ask = (times: number) =>
      remote.query('host', { service: open, method: 'repeat', args: encodeArguments([times]) }, { signal })
    assert.equal((await ask(1_000_000)).result.length, 1_000_002)
    await assert.rejects(ask(16 * 2 ** 20), { code: 'RESULT_TOO_LARGE' })
    const call = await makeCall({ service: open, method: 'repeat', args: [MAX_REMOTE_RESULT_BYTES] }, 'call', ann)
    await assert.rejects(remote.call('host', call, { signal }), { code: 'RESULT_TOO_LARGE' })
    const long = { service: open, method: 'read', args: encodeArguments(['x'.repeat(2 ** 20 - 8)]) }
    await assert.rejects(remote.query('host', long, { signal }), { code: 'ARGUMENTS_TOO_LARGE' })
  })

  it('reads the history that it may read, by its user’s word', async () => {
    const remote = remoteOf(ann)
    const { seq, commit } = await remote.head('host', closed, { signal })
    assert.equal(seq, 1)
    assert.equal((await remote.commitsBefore('host', closed, commit, { signal })).length, 1)
    const nothing = cborBlock({ nothing: 1 }).cid
    const [first, second] = await remote.blocks('host', closed, [commit, nothing], { signal })
    assert(first !== undefined && second === undefined)
    const question = { service: closed, method: 'read', args: encodeArguments([]), at: commit }
    assert.equal(resultOf(await remote.query('host', question, { signal })), 1)
  })

  it('learns nothing of a history that is not for it', async () => {
    const remote = remoteOf(eve)
    const denied = { code: 'ACCESS_DENIED' }
    await assert.rejects(remote.head('host', closed, { signal }), denied)
    await assert.rejects(remote.commitsBefore('host', closed, closed, { signal }), denied)
    await assert.rejects(remote.blocks('host', closed, [closed], { signal }), denied)
    const question = { service: closed, method: 'read', args: encodeArguments([]) }
    await assert.rejects(remote.query('host', question, { signal }), denied)
    const call = await makeCall({ service: closed, method: 'add', args: [1] }, 'call', eve)
    await assert.rejects(remote.call('host', call, { signal }), denied)
  })

  it('cannot use a word that was given to another node, or for another service', async () => {
    const answers = createAnswers({ ...host, log: () => {} })
    const head = (envelope: Uint8Array, peer: string) => answers.head({ service: closed, envelope }, { peer, signal })
    const grant = await makeGrant(closed, ann, 'history')
    assert.equal(((await head(grant, ann.peerId)) as { seq: number }).seq, 1)
    await assert.rejects(head(grant, eve.peerId), { code: 'ACCESS_DENIED' })
    await assert.rejects(head(await makeGrant(open, ann, 'history'), ann.peerId), { code: 'ACCESS_DENIED' })
    await assert.rejects(head(await makeGrant(closed, ann, 'query'), ann.peerId), { code: 'ACCESS_DENIED' })
    await assert.rejects(head(await host.sign(closed, 'read', [], ann), ann.peerId), { code: 'SIGNATURE_INVALID' })
    const changed = Uint8Array.from(grant)
    changed[changed.length - 1]! ^= 1
    await assert.rejects(head(changed, ann.peerId), { code: 'SIGNATURE_INVALID' })
  })

  it('asks in a user’s name once it has shown that it may, and in nobody else’s', async () => {
    const answers = createAnswers({ ...host, log: () => {} })
    const body = { service: closed, method: 'read', args: encodeArguments([]), gas: null, at: null, caller: ann.user }
    const ask = (peer: string, more: object = {}) => answers.query({ ...body, ...more }, { peer, signal })
    await assert.rejects(ask(ann.peerId), { code: 'GRANT_NEEDED' })
    const envelope = await makeGrant(closed, ann, 'query')
    // hers, shown by another node or in another name; of another right or service; nobody's
    await assert.rejects(ask(eve.peerId, { envelope }), { code: 'ACCESS_DENIED' })
    await assert.rejects(ask(ann.peerId, { envelope, caller: eve.user }), { code: 'ACCESS_DENIED' })
    for (const other of [await makeGrant(closed, ann, 'history'), await makeGrant(open, ann, 'query')])
      await assert.rejects(ask(ann.peerId, { envelope: other }), { code: 'ACCESS_DENIED' })
    await assert.rejects(ask(ann.peerId, { caller: '' }), { code: 'ACCESS_DENIED' })
    assert.equal(resultOf((await ask(ann.peerId, { envelope })) as { result: Uint8Array }), 1)
    // from now on it is known, and nobody else is, whether one answer is wanted or many
    const stream = async (peer: string) => answers.stream({ ...body, method: 'upTo' }, { peer, signal })
    await assert.rejects(stream(eve.peerId), { code: 'GRANT_NEEDED' })
    await assert.doesNotReject(stream(ann.peerId))
    assert.equal(resultOf((await ask(ann.peerId)) as { result: Uint8Array }), 1)
    await assert.rejects(ask(eve.peerId), { code: 'GRANT_NEEDED' })
    await assert.rejects(ask(ann.peerId, { service: open }), { code: 'GRANT_NEEDED' })
  })

  it('is told which field of a request is wrong', async () => {
    const answers = createAnswers({ ...host, log: () => {} })
    for (const [method, body] of [
      ['call', {}],
      ['query', { service: open, method: 'read', args: 1, caller: '' }],
      ['stream', { service: open, method: 'read', args: encodeArguments([]), caller: '', gas: -1, at: null }],
      ['head', { service: 'x' }],
      ['history', { service: open }],
      ['blocks', { service: open, cids: Array.from({ length: 65 }, () => open) }],
      ['blocks', { service: open, cids: [1] }],
    ] as const)
      await assert.rejects(answers[method](body, { peer: eve.peerId, signal }), { code: 'REQUEST_FIELD_INVALID' })
  })

  it('gets as many blocks as an answer holds, a whole one of 1 MiB among them', async () => {
    const blocks = await Promise.all(
      [2 ** 20 - 16, 600_000, 600_000].map(async (length, i) => cborBlock(new Uint8Array(length).fill(i))),
    )
    await host.database.blocks.put(blocks)
    const cids = blocks.map(({ cid }) => cid)
    const remote = remoteOf(ann)
    assert.equal((await remote.blocks('host', closed, cids, { signal })).length, 1)
    assert.equal((await remote.blocks('host', closed, cids.slice(1), { signal })).length, 1)
  })

  it('does not take other bytes for a block', async () => {
    const request = async () => ({ blocks: [new Uint8Array(3)] })
    const remote = createRemote({ request, stream: noStream }, ann)
    await assert.rejects(remote.blocks('host', closed, [closed], { signal }), { code: 'BLOCK_INVALID' })
    const many = createRemote({ stream: noStream, request: async () => ({ blocks: [null, null] }) }, ann)
    await assert.rejects(many.blocks('host', closed, [closed], { signal }), { code: 'ANSWER_INVALID' })
  })
})
