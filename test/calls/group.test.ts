/** Calls to one service that wait share a commit; each of them does or leaves what it would have alone. */
import assert from 'node:assert/strict'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { createCheckAnswer } from '../../daemon/calls/receipt/receipt.ts'
import type { Executed } from '../../daemon/calls/types.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { type Host, resultOf, startHost, verify } from '../support/host.ts'

const COUNTER = `
  let n = 0
  export function add(by: number): number { n += by; return n }
  export function fail(): void { n = -1; throw new RangeError('no') }
  export function read(): number { return n }
  /** some milliseconds */
  export function work(): number { let sum = 0; for (let i = 0; i < 100_000; i++) sum += i; return sum }
`
const never = new AbortController().signal

describe('calls that wait for one service', () => {
  let host: Host
  let service: CID
  beforeEach(async () => {
    host = await startHost()
    service = await host.serve(COUNTER)
  })
  afterEach(() => host.stop())

  /** Signed first, so that they arrive in this order. */
  const settle = async (methods: readonly string[], from = 'local') => {
    const envelopes: Uint8Array[] = []
    for (const method of methods) envelopes.push(await host.sign(service, method, method === 'add' ? [1] : []))
    return Promise.allSettled(envelopes.map((envelope) => host.execute(envelope, { from, signal: never })))
  }
  const done = (results: readonly PromiseSettledResult<Executed>[]) =>
    results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))

  it('share commits, and the history holds each once', async () => {
    const all = done(await settle(Array.from({ length: 100 }, () => 'add')))
    // signatures are checked side by side, so that the order of arrival is not that of sending
    const placed = all.toSorted((a, b) => a.seq - b.seq || a.index - b.index)
    assert.deepEqual(
      placed.map(resultOf),
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    const head = (await host.history.head(service))!
    assert(head.seq < 100, `${head.seq} commits`)
    let calls = 0
    for await (const commit of host.history.log(service)) calls += commit.calls.length
    assert.equal(calls, 100)
    assert.equal(await host.query(service, 'read'), 100)
  })

  it('prove themselves one by one, also where their commit only links them', async () => {
    const asked = await Promise.all(Array.from({ length: 60 }, () => host.sign(service, 'add', [1])))
    const all = await Promise.all(asked.map((envelope) => host.execute(envelope, { from: 'local', signal: never })))
    assert(all.some(({ chunk }) => chunk !== undefined))
    const check = createCheckAnswer(verify)
    for (const [i, answer] of all.entries()) {
      await check(answer, { envelope: asked[i]!, service, host: host.identity.peerId })
      const other = { ...answer, index: answer.index + 1 }
      await assert.rejects(check(other, { envelope: asked[i]!, service, host: host.identity.peerId }), {
        code: 'ANSWER_INVALID',
      })
    }
  })

  it('fail alone', async () => {
    const results = await settle(['add', 'fail', 'add', 'nothing', 'add'])
    assert.deepEqual(done(results).map(resultOf).toSorted(), [1, 2, 3])
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    assert.deepEqual(codes.toSorted(), ['CONTRACT_THREW', 'NO_SUCH_FUNCTION'])
  })

  it('are executed once, also when the same call comes twice at a time, and after a restart', async () => {
    const envelope = await host.sign(service, 'add', [5])
    const ask = () => host.execute(envelope, { from: 'local', signal: never })
    const [first, second] = await Promise.all([ask(), ask()])
    assert.equal(resultOf(first), 5)
    assert.deepEqual(second.commit.toString(), first.commit.toString())
    assert.equal(await host.query(service, 'read'), 5)
  })

  it('take turns by who sends them', async () => {
    const signed = await Promise.all(Array.from({ length: 101 }, () => host.sign(service, 'add', [1])))
    const run = (envelope: Uint8Array, from: string) => host.execute(envelope, { from, signal: never })
    const flood = signed.slice(1).map((envelope) => run(envelope, 'busy'))
    const other = await run(signed[0]!, 'other')
    const all = await Promise.all(flood)
    const after = all.filter(({ seq, index }) => seq > other.seq || (seq === other.seq && index > other.index))
    assert(after.length > 90, `${after.length} of the flood came after`)
  })

  it('leave nothing if they cannot be made durable, and the next one finds the service as it was', async () => {
    await host.call(service, 'add', [1])
    const { commit } = host.database
    host.database.commit = () => Promise.reject(Object.assign(new Error('full'), { code: 'STORE_UNAVAILABLE' }))
    const results = await settle(['add', 'add', 'fail'])
    host.database.commit = commit
    assert(results.every((result) => result.status === 'rejected' && result.reason.code === 'STORE_UNAVAILABLE'))
    assert.equal(resultOf(await host.call(service, 'add', [1])), 2)
  })

  it('are asked apart from queries, which see what is durable', async () => {
    const calls = Array.from({ length: 50 }, () => host.call(service, 'add', [1]))
    const seen = await Promise.all(Array.from({ length: 20 }, () => host.query(service, 'read')))
    const results = new Set((await Promise.all(calls)).map(resultOf))
    for (const value of seen) assert(value === 0 || results.has(value))
  })

  it('do not hold up queries, nor queries them, however many of either there are', async () => {
    const signed = await Promise.all(Array.from({ length: 60 }, () => host.sign(service, 'work')))
    const order: string[] = []
    const calls = signed.map((envelope) =>
      host.execute(envelope, { from: 'caller', signal: never }).then(() => order.push('call')),
    )
    const queries = Array.from({ length: 60 }, () =>
      host.query(service, 'work', [], { from: 'asker' }).then(() => order.push('query')),
    )
    await Promise.all([...calls, ...queries])
    const [firstCall, firstQuery] = [order.indexOf('call'), order.indexOf('query')]
    // nobody had to wait until the others were all done
    assert(firstCall < 60 && firstQuery < 60, `${firstCall} ${firstQuery}`)
  })
})

describe('calls of a group in which one takes the worker down', () => {
  /** A VM whose worker ends whenever `crash` is among the calls. */
  const fragile = (vm: Vm): Vm => ({
    ...vm,
    async calls(key, requests) {
      if (!requests.some(({ method }) => method === 'crash')) return vm.calls(key, requests)
      await vm.close(key)
      const error = { code: 'VM_CRASHED' as const, message: 'The virtual machine failed.' }
      return { outcomes: requests.map(() => ({ ok: false, error, gas: 0n, logs: [] })) }
    },
  })

  it('are made one by one, so that only the guilty one fails', async () => {
    const host = await startHost({ wrapVm: fragile })
    try {
      const service = await host.serve(`${COUNTER}\nexport function crash(): void {}`)
      const methods = ['add', 'add', 'crash', 'add', 'crash', 'add', 'add']
      const signed = await Promise.all(methods.map((method) => host.sign(service, method, method === 'add' ? [1] : [])))
      const results = await Promise.allSettled(
        signed.map((envelope) => host.execute(envelope, { from: 'local', signal: never })),
      )
      const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'done'))
      assert.deepEqual(
        codes,
        methods.map((method) => (method === 'add' ? 'done' : 'VM_CRASHED')),
      )
      assert.equal(await host.query(service, 'read'), 5)
    } finally {
      await host.stop()
    }
  })
})

/** An answer as texts, which compare well. */
const plain = (done: Executed): Record<string, string> =>
  Object.fromEntries(
    Object.entries(done).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value),
    ]),
  )

describe('a call that was executed', () => {
  it('is answered from the history after a restart, with the same proof', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'amigos-restart-')))
    try {
      const first = await startHost({ folder })
      const service = await first.serve(COUNTER)
      const envelopes = await Promise.all(Array.from({ length: 40 }, () => first.sign(service, 'add', [1])))
      const run = (host: Host) =>
        Promise.all(envelopes.map((envelope) => host.execute(envelope, { from: 'local', signal: never })))
      const before = await run(first)
      await first.stop()

      const again = await startHost({ folder, identity: first.identity })
      try {
        assert.deepEqual((await run(again)).map(plain), before.map(plain))
        assert.equal(await again.query(service, 'read'), 40)
      } finally {
        await again.stop()
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
