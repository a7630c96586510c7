/** Where the time of a call goes: laps on a host, what travels of them, and what is made of what a host says. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Methods, TraceSpan } from '../../daemon/api/vocabulary.ts'
import { MAX_LAPS, MAX_TRACE_SPANS } from '../../daemon/calls/constants.ts'
import { createInvoke } from '../../daemon/calls/invoke.ts'
import { createCheckAnswer } from '../../daemon/calls/receipt/receipt.ts'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import { createAnswers } from '../../daemon/calls/remote/answers.ts'
import { createRemote } from '../../daemon/calls/remote/remote.ts'
import { createStopwatch, turnCame } from '../../daemon/calls/run/stopwatch.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import { encodeArguments } from '../../daemon/calls/values.ts'
import { rawBlock } from '../../daemon/store/block.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Internode } from '../../protocol/types.ts'
import { decodeFrame, encodeFrame } from '../../protocol/wire/frame.ts'
import { holdNextCommit } from '../support/hold-commit.ts'
import { type Host, newIdentity, startHost, verify } from '../support/host.ts'
import { untilTrue } from '../support/until.ts'

const signal = new AbortController().signal
const SOURCE = `
  import { get } from 'amigos:content'
  let n = 0
  export function add(by: number): number { n += by; return n }
  export function load(cid: string): number { n += get(cid).length; return n }
  export function read(): number { return n }
`
const HOSTS_CALL = ['verify', 'wait', 'open', 'wait', 'admit', 'run', 'commit', 'durable', 'answer']

/** A clock that is set by hand. */
function clock(): { now: () => number; at(ms: number): void } {
  let ms = 1000
  return { now: () => ms, at: (next) => (ms = 1000 + next) }
}

describe('a stopwatch', () => {
  it('counts laps one after the other, and one that goes on as one', () => {
    const { now, at } = clock()
    const watch = createStopwatch(now)
    for (const [ms, name] of [
      [2, 'resolve'],
      [5, 'wait'],
      [9, 'wait'],
      [9.5, 'run'],
    ] as const) {
      at(ms)
      watch.lap(name)
    }
    assert.deepEqual(watch.laps, [
      { name: 'resolve', at: 0, ms: 2 },
      { name: 'wait', at: 2, ms: 7 },
      { name: 'run', at: 9, ms: 0.5 },
    ])
    assert.equal(watch.total, 9.5)
  })

  it('tells the opening of a service from the waiting before and after it', () => {
    const { now, at } = clock()
    const watch = createStopwatch(now)
    at(10)
    turnCame(watch, { from: 1003, until: 1008 })
    assert.deepEqual(
      watch.laps.map(({ name, ms }) => [name, ms]),
      [
        ['wait', 3],
        ['open', 5],
        ['wait', 2],
      ],
    )
    // one of long ago is nobody's waiting
    at(12)
    turnCame(watch, { from: 1003, until: 1008 })
    assert.deepEqual(watch.laps.at(-1), { name: 'wait', at: 8, ms: 4 })
  })

  it('has no more laps than may be, and loses no time', () => {
    const { now, at } = clock()
    const watch = createStopwatch(now)
    for (let i = 1; i <= 1000; i++) {
      at(i)
      watch.lap(i % 2 ? 'wait' : 'content')
    }
    assert.equal(watch.laps.length, MAX_LAPS)
    assert.equal(
      watch.laps.reduce((sum, { ms }) => sum + ms, 0),
      1000,
    )
    at(1001)
    watch.lap('run')
    assert(watch.laps.length <= MAX_TRACE_SPANS)
    assert.equal(watch.laps.at(-1)!.ms, 1)
  })
})

describe('a traced call', () => {
  const elsewhere = new Map<string, Uint8Array>()
  let host: Host
  let ann: Identity
  let service: CID
  before(async () => {
    const fetcher = {
      async block(cid: CID) {
        const bytes = elsewhere.get(cid.toString())!
        await host.database.blocks.put([{ cid, bytes }])
        return bytes
      },
    }
    ;[host, ann] = await Promise.all([startHost({ fetcher }), newIdentity()])
    service = await host.serve(SOURCE)
  })
  after(() => host.stop())

  const through = (body: unknown): unknown =>
    (decodeFrame(encodeFrame({ type: 'response', id: 1, body })) as { body: unknown }).body

  /** The host as a node sees it to which it is the peer `user.peerId`. */
  const wireTo = (user: Identity, change: (answer: object, body: object) => unknown = (answer) => answer) => {
    const answers = createAnswers({ ...host, log: () => {} })
    const request: Internode['request'] = async (_host, method, body, { onSent }) => {
      onSent?.()
      const context = { peer: user.peerId, signal }
      const answer = await answers[method as 'call' | 'query'](through(body), context).catch(({ code, message }) => {
        throw new ProtocolError(code, message, { party: 'remote' })
      })
      return change(through(answer) as object, body as object)
    }
    return request
  }

  const invokeOf = (user: Identity, request: Internode['request'] = wireTo(user)) =>
    createInvoke({
      ...host,
      identity: user,
      remote: createRemote({ request, stream: () => assert.fail() }, user),
      resolveService: async (name) => ({
        ...{ kind: 'service', name, service, host: host.identity.peerId, source: 'local', age: 0 },
      }),
      checkAnswer: createCheckAnswer(verify),
    })

  const call = (user: Identity, more: Partial<Methods['call']['params']> = {}, request?: Internode['request']) =>
    invokeOf(user, request).call({ name: 'x', method: 'add', args: [1], trace: true, ...more }, { signal })
  const query = (user: Identity, more: Partial<Methods['query']['params']> = {}, request?: Internode['request']) =>
    invokeOf(user, request).query({ name: 'x', method: 'read', args: [], trace: true, ...more }, { signal })
  const names = (spans: readonly TraceSpan[] | undefined): string[] => spans!.map(({ name }) => name)
  const sum = (spans: readonly { ms: number }[]): number => spans.reduce((all, { ms }) => all + ms, 0)

  it('says what it did here, from the name to the answer', async () => {
    await host.instances.discard(service)
    const { trace, ms } = await call(host.identity)
    assert.deepEqual(names(trace), ['resolve', 'sign', ...HOSTS_CALL])
    for (const { by, inside } of trace!) assert.deepEqual([by, inside], [host.identity.peerId, undefined])
    for (const [i, span] of trace!.entries())
      assert(i === 0 || Math.abs(span.at - (trace![i - 1]!.at + trace![i - 1]!.ms)) < 0.01)
    assert(sum(trace!) <= ms + 0.1)
    // warm, it is not opened again
    assert.deepEqual(names((await call(host.identity)).trace), [
      ...['resolve', 'sign', 'verify', 'wait', 'admit', 'run', 'commit', 'durable', 'answer'],
    ])
  })

  it('says what its host did in the time on the wire, and what is left for the network', async () => {
    await host.instances.discard(service)
    const { trace } = await call(ann)
    assert.deepEqual(names(trace), ['resolve', 'sign', 'send', 'wire', 'proof', 'answer'])
    const wire = trace![3]!
    assert.deepEqual(names(wire.inside), ['network', ...HOSTS_CALL])
    assert.deepEqual(new Set(wire.inside!.map(({ by }) => by)), new Set(['network', host.identity.peerId]))
    assert(Math.abs(sum(wire.inside!) - wire.ms) < 0.05, 'the network is what is left')
  })

  it('is a question, too, whether now or at a commit', async () => {
    const mine = await query(host.identity)
    assert.deepEqual(names(mine.trace), ['resolve', 'wait', 'admit', 'run', 'answer'])
    const first = await query(ann)
    const asked = ['resolve', 'send', 'refused', 'grant', 'send', 'wire', 'answer']
    assert.deepEqual(names(first.trace), asked)
    const inside = names(first.trace!.find(({ name }) => name === 'wire')!.inside)
    assert.deepEqual(inside, ['network', 'verify', 'wait', 'admit', 'run', 'answer'])
    const past = await query(host.identity, { at: mine.commit })
    assert.deepEqual(names(past.trace), ['resolve', 'wait', 'admit', 'open', 'run', 'answer'])
  })

  it('shows content that came from elsewhere', async () => {
    const { cid, bytes } = rawBlock(new TextEncoder().encode('far away'))
    elsewhere.set(cid.toString(), bytes)
    const { trace } = await call(ann, { method: 'load', args: [cid.toString()] })
    assert.deepEqual(names(trace!.find(({ name }) => name === 'wire')!.inside), [
      ...['network', 'verify', 'wait', 'admit', 'run', 'wait', 'content', 'wait', 'admit', 'run'],
      ...['commit', 'durable', 'answer'],
    ])
  })

  it('shows that it was sent again, and that it was not executed again', async () => {
    const toHost = wireTo(ann)
    let tries = 0
    const request: Internode['request'] = async (...asked) => {
      const answer = await toHost(...asked)
      if (++tries === 1) throw new ProtocolError('CONNECTION_LOST', 'It broke.', { party: 'network' })
      return answer
    }
    const { trace } = await call(ann, {}, request)
    assert.deepEqual(names(trace), [...['resolve', 'sign', 'send', 'lost', 'pause', 'send', 'wire', 'proof', 'answer']])
    assert.deepEqual(names(trace![6]!.inside), ['network', 'verify', 'wait', 'admit', 'answer'])
  })

  it('waits for the commit before it to be durable', async () => {
    const { begun, release } = holdNextCommit(host.database)
    const before = host.call(service, 'add', [1])
    await begun
    const trace = createStopwatch()
    const done = host.call(service, 'add', [1], { trace })
    await untilTrue(() => trace.laps.at(-1)?.name === 'run')
    release()
    await Promise.all([before, done])
    assert.deepEqual(
      trace.laps.map(({ name }) => name),
      ['verify', 'wait', 'admit', 'run', 'previous', 'commit', 'durable'],
    )
  })

  it('is asked for, or nothing is told and nobody measures', async () => {
    const seen: object[] = []
    const quiet = wireTo(ann, (answer, body) => {
      seen.push(answer, body)
      return answer
    })
    for (const answered of [
      await call(ann, { trace: false }, quiet),
      await query(ann, { trace: false }, quiet),
      await call(host.identity, { trace: false }),
    ])
      assert(!('trace' in answered))
    for (const one of seen) assert(!('trace' in one))
    const { call: answer } = createAnswers({ ...host, log: () => {} })
    const envelope = await makeCall({ service, method: 'add', args: [1] }, 'call', ann)
    const asked = { peer: ann.peerId, signal }
    await assert.rejects(answer({ envelope, trace: 1 }, asked), { code: 'REQUEST_FIELD_INVALID' })
  })

  it('does without what an older host does not tell', async () => {
    const { trace } = await call(
      ann,
      {},
      wireTo(ann, (answer) => ({ ...answer, trace: undefined })),
    )
    assert.deepEqual(names(trace), ['resolve', 'sign', 'send', 'wire', 'proof', 'answer'])
    assert(!('inside' in trace![3]!))
  })

  it('takes nothing else for a trace, and names that it does not know', async () => {
    const question = { service, method: 'read', args: encodeArguments([]) }
    const ask = async (trace: unknown) => {
      const watch = createStopwatch()
      const request = wireTo(ann, (answer) => ({ ...answer, trace }))
      const options = { signal, trace: watch }
      await createRemote({ request, stream: () => assert.fail() }, ann).query('host', question, options)
      return watch.laps.find(({ inside }) => inside)?.inside
    }
    const span = { name: 'run', ms: 1 }
    for (const wrong of [
      ...[1, null, 'run', {}, [1], [null], [{}], [{ name: 'run' }], [{ name: 1, ms: 1 }]],
      ...[[{ ...span, ms: -1 }], [{ ...span, ms: Number.NaN }], [{ ...span, ms: 1e12 }], [{ ...span, at: '1' }]],
      ...[[{ ...span, name: 'x'.repeat(129) }], Array.from({ length: MAX_TRACE_SPANS + 1 }, () => span)],
    ])
      await assert.rejects(ask(wrong), { code: 'ANSWER_INVALID' }, JSON.stringify(wrong))
    assert.deepEqual((await ask([{ name: 'thought', ms: 3 }]))!.spans, [{ name: 'thought', ms: 3 }])
  })

  it('has no network of less than nothing where a host says more than there was time for', async () => {
    const lie = [
      { name: 'run', ms: 5000 },
      { name: 'total', ms: 6000 },
    ]
    const { trace } = await call(
      ann,
      {},
      wireTo(ann, (answer) => ({ ...answer, trace: lie })),
    )
    const { inside } = trace!.find(({ name }) => name === 'wire')!
    assert.deepEqual(
      inside!.map(({ name, by, ms }) => [name, by, ms]),
      [
        ['network', 'network', 0],
        ['run', host.identity.peerId, 5000],
      ],
    )
  })
})
