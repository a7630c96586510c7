/** What a call may use: its contract's manifest, within the settings of the node. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { MAX_REMOTE_RESULT_BYTES, MAX_STRANGER_GAS } from '../../daemon/calls/constants.ts'
import { makeCall } from '../../daemon/calls/receipt/signed-call.ts'
import { gasOf, limitsFor, limitsOf, queryLimitsOf } from '../../daemon/calls/run/call-limits.ts'
import { DEFAULT_LIMITS } from '../../daemon/contract/limits.ts'
import { holdNextCommit } from '../support/hold-commit.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'

const never = new AbortController().signal
const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN'

describe('the limits of a call', () => {
  it('are the manifest’s, within the node’s settings for whoever asks', () => {
    const limits = { ...DEFAULT_LIMITS, gas: 5_000_000_000, result: 2048 }
    assert.equal(limitsFor(limits, 'local').gas, 5_000_000_000)
    assert.equal(limitsFor(limits, PEER).gas, Number(MAX_STRANGER_GAS))
    assert.equal(limitsFor(limits, PEER).result, 2048)
    assert.equal(limitsFor(DEFAULT_LIMITS, PEER).result, MAX_REMOTE_RESULT_BYTES)
    assert.equal(limitsFor(DEFAULT_LIMITS, 'page').result, 16 * 2 ** 20)
  })

  it('give the gas that the envelope says, else the manifest’s, and never less', () => {
    const limits = { ...DEFAULT_LIMITS, gas: 5_000_000_000 }
    assert.equal(gasOf(limits, { caller: 'alice', gas: undefined }, 'alice'), 5_000_000_000n)
    assert.equal(gasOf(limits, { caller: 'bob', gas: 7n }, 'alice'), 7n)
    assert.equal(limitsOf(limits, 7n, PEER).gas, 7n)
    assert.equal(limitsOf(limits, 5_000_000_000n, 'local').gas, 5_000_000_000n)
    for (const [said, from] of [
      [2_000_000_001n, PEER],
      [5_000_000_001n, 'local'],
    ] as const)
      assert.throws(() => limitsOf(limits, said, from), { code: 'GAS_LIMIT_TOO_HIGH' })
    assert.equal(queryLimitsOf(limits, undefined, PEER).gas, MAX_STRANGER_GAS)
    assert.throws(() => queryLimitsOf(limits, 2_000_000_001n, PEER), { code: 'GAS_LIMIT_TOO_HIGH' })
  })

  it('give who is not the owner and names no gas what each host allows, so that services can call what may use more', () => {
    const limits = { ...DEFAULT_LIMITS, gas: 5_000_000_000 }
    const gas = gasOf(limits, { caller: 'bob', gas: undefined }, 'alice')
    assert.equal(limitsOf(limits, gas, PEER).gas, MAX_STRANGER_GAS)
    assert.equal(gasOf({ ...limits, gas: 5_000_000 }, { caller: 'bob', gas: undefined }, 'alice'), 5_000_000n)
  })
})

describe('a host', () => {
  const SOURCE = `
    const kept: string[] = []
    export function keep(text: string): number { kept.push(text); return kept.length }
    export function repeat(times: number): string { return 'x'.repeat(times) }
    export function spin(times: number): number { let n = 0; for (let i = 0; i < times; i++) n += i; return n }
  `
  const MANIFEST = `name: sample
version: 0.1.0
main: main.ts
limits:
  gas: 20_000_000
  args: 1KiB
  result: 2KiB
  delta: 64KiB
  queue: 2
`
  let host: Host
  let small: CID
  let large: CID
  before(async () => {
    host = await startHost()
    small = await host.serve(SOURCE, { manifest: MANIFEST, as: 'small' })
    large = await host.serve(SOURCE, { as: 'large' })
  })
  after(() => host.stop())

  it('refuses arguments, results, changes and gas beyond what the manifest says', async () => {
    await assert.rejects(host.call(small, 'keep', ['x'.repeat(1100)]), { code: 'ARGUMENTS_TOO_LARGE' })
    await assert.rejects(host.call(small, 'repeat', [3000]), { code: 'RESULT_TOO_LARGE' })
    await assert.rejects(host.query(small, 'repeat', [3000]), { code: 'RESULT_TOO_LARGE' })
    await assert.rejects(host.call(small, 'spin', [10_000_000]), { code: 'OUT_OF_GAS' })
    const greedy = await makeCall({ service: small, method: 'spin', args: [1], gas: 30_000_000 }, 'call', host.identity)
    await assert.rejects(host.execute(greedy, { from: 'local', signal: never }), { code: 'GAS_LIMIT_TOO_HIGH' })
    assert.equal((await host.history.head(small))!.seq, 0)
  })

  it('takes 1 MiB of arguments and gives 16 MiB of result at home, and less to other nodes', async () => {
    assert.equal(resultOf(await host.call(large, 'keep', ['x'.repeat(2 ** 20 - 4)])), 1)
    await assert.rejects(host.call(large, 'keep', ['x'.repeat(2 ** 20)]), { code: 'ARGUMENTS_TOO_LARGE' })
    assert.equal(((await host.query(large, 'repeat', [16 * 2 ** 20 - 2])) as string).length, 16 * 2 ** 20 - 2)
    await assert.rejects(host.query(large, 'repeat', [16 * 2 ** 20]), { code: 'RESULT_TOO_LARGE' })
    assert.equal((await host.call(large, 'repeat', [4 * 2 ** 20])).result.length, 4 * 2 ** 20 + 2)
    await assert.rejects(host.call(large, 'repeat', [MAX_REMOTE_RESULT_BYTES], { from: PEER }), {
      code: 'RESULT_TOO_LARGE',
      hint: /another node/,
    })
  })

  it('lets no more wait than the manifest says', async () => {
    const { begun, release } = holdNextCommit(host.database)
    const first = host.call(small, 'spin', [10])
    await begun
    // behind what is being written: one of them is executed at once, the queue holds two
    const signed = await Promise.all(Array.from({ length: 5 }, () => host.sign(small, 'spin', [10])))
    const waiting = signed.map((envelope, i) => host.execute(envelope, { from: `peer ${i}`, signal: never }))
    const twoRefused = Promise.withResolvers<void>()
    let count = 0
    for (const call of waiting) call.catch(() => ++count === 2 && twoRefused.resolve())
    await twoRefused.promise
    release()
    const results = await Promise.allSettled(waiting)
    await first
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []))
    assert.equal(refused.length, 2)
    assert(refused.every((code) => code === 'SERVICE_BUSY'))
    assert.equal(await host.query(small, 'spin', [3]), 3)
  })

  it('commits one by one what is too long together', async () => {
    const before = (await host.history.head(large))!.seq
    const signed = await Promise.all(Array.from({ length: 5 }, () => host.sign(large, 'repeat', [6 * 2 ** 20])))
    const all = await Promise.all(signed.map((envelope) => host.execute(envelope, { from: 'local', signal: never })))
    assert(all.every(({ result }) => result.length === 6 * 2 ** 20 + 2))
    assert((await host.history.head(large))!.seq > before + 1)
  })
})
