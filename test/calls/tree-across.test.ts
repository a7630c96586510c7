/** Calls that call services of other nodes: what each is told, what stands in the commits, and what of it can be proven. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { checkProof } from '../../daemon/calls/receipt/receipt-proof.ts'
import { decodeInputs } from '../../daemon/calls/tree/inputs.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { type Host, resultOf, startHost, verify } from '../support/host.ts'
import { createKit, never, pullInto } from './lifecycle-kit.ts'
import { COUNTER, importing } from './tree-kit.ts'
import { createPeers, type Peer, type Peers, type PeersOptions } from './tree-nodes.ts'

const MIDDLE = `${importing({ last: ['add', 'read', 'who'] })}
import { caller, chain, origin } from 'amigos:context'
let calls = 0
export async function forward(by: number): Promise<unknown[]> {
  calls++
  return [await last$add(by), caller(), origin(), chain()]
}
export async function forwardInVain(by: number): Promise<void> { await last$add(by); throw new Error('in vain') }
/** @query */
export async function peek(): Promise<unknown[]> { return [await last$read(), caller(), origin(), chain()] }
/** @query */
export function count(): number { return calls }
`
const FIRST = `${importing({ middle: ['forward', 'forwardInVain', 'peek'], last: ['add', 'read'] })}
let total = 0
export async function run(by: number): Promise<unknown> {
  total += by
  return middle$forward(by)
}
export async function pair(): Promise<number[]> { return Promise.all([last$add(1), last$add(10), last$read()]) }
export async function careful(by: number): Promise<string> {
  try { await last$add(by) } catch (error: any) { return error.code }
  return 'done'
}
export async function fails(by: number): Promise<void> {
  total += by
  await last$add(1)
  await middle$forward(by)
}
export async function refused(): Promise<void> { total++; await last$add(-1) }
export async function passedOn(by: number): Promise<void> { total++; await middle$forwardInVain(by) }
/** @query */
export async function look(): Promise<unknown> { return middle$peek() }
/** @query */
export function sum(): number { return total }
`

describe('a call that calls others on other nodes', () => {
  let peers: Peers
  /** whether the next answer to the second node is */
  let lost = false
  let n1: Peer
  let n2: Peer
  let n3: Peer
  let a: CID
  let b: CID
  let c: CID

  before(async () => {
    peers = createPeers()
    const wrapRemote: PeersOptions['wrapRemote'] = (remote) => ({
      ...remote,
      async call(...asked) {
        const done = await remote.call(...asked)
        if (!lost) return done
        lost = false
        throw new ProtocolError('TIMED_OUT', 'No answer came.', { party: 'local' })
      },
    })
    ;[n1, n2, n3] = [await peers.join(), await peers.join({ wrapRemote }), await peers.join()]
    c = await n3.serve('last', COUNTER)
    b = await n2.serve('middle', MIDDLE, ['last'])
    a = await n1.serve('first', FIRST, ['middle', 'last'])
  })
  after(() => peers.stop())

  it('gets their results; each is told who calls, in whose course', async () => {
    const user = n1.host.identity.user
    assert.deepEqual(resultOf(await n1.host.call(a, 'run', [2])), [2, `${a}`, user, [`${a}`]])
    assert.deepEqual(await n3.host.query(c, 'who'), { caller: `${b}`, origin: user, chain: [`${a}`, `${b}`] })
    assert.deepEqual(await n1.host.query(a, 'look'), [2, `${a}`, user, [`${a}`]])
  })

  it('fails with the way to what went wrong first, and says that what others did before stays', async () => {
    const before = await n3.host.query(c, 'read')
    await assert.rejects(n1.host.call(a, 'fails', [-1]), (error: Error & { code: string; hint: string }) => {
      assert.equal(error.code, 'CONTRACT_THREW')
      const last = 'ImportError: add of local.land/_/last: RangeError: no less'
      assert.equal(error.message, `ImportError: forward of local.land/_/middle: ${last}`)
      assert.match(error.hint, /what others did for it stays/)
      return true
    })
    assert.equal(await n3.host.query(c, 'read'), Number(before) + 1)
  })

  it('says so only where others did something: here, or behind those that were asked', async () => {
    const hintOf = (method: string, ...args: number[]) =>
      n1.host.call(a, method, args).then(
        () => assert.fail(),
        ({ hint }: { hint: string }) => hint,
      )
    const before = Number(await n3.host.query(c, 'read'))
    for (const [method, ...args] of [['refused'], ['passedOn', -1]] as [string, ...number[]][]) {
      const hint = await hintOf(method, ...args)
      assert.match(hint, /nothing was changed/)
      assert.doesNotMatch(hint, /stays/)
    }
    assert.equal(await n3.host.query(c, 'read'), before)
    assert.match(await hintOf('passedOn', 1), /what others did for it stays/)
    assert.equal(await n3.host.query(c, 'read'), before + 1)
  })

  it('says so also where it is not known', async () => {
    lost = true
    await assert.rejects(n2.host.call(b, 'forward', [1]), ({ hint }: { hint: string }) => /stays/.test(hint))
  })

  it('is a commit on each node, and keeps what the other host signed', async () => {
    const before = (await n3.host.history.head(c))!.seq
    const { commit } = await n1.host.call(a, 'run', [1])
    const inputs = decodeInputs((await n1.host.history.commit(commit)).calls[0]!.inputs)
    assert.deepEqual(
      inputs.map(({ service }) => `${service}`),
      [`${b}`],
    )
    const { receipt, answer } = inputs[0]!
    assert.ok(answer.ok && receipt)
    const proven = await checkProof({ ...receipt, service: b, result: answer.result, gas: answer.gas }, verify)
    assert.deepEqual([proven.caller, proven.method], [`${a}`, 'forward'])
    assert.equal(`${(await n2.host.history.head(b))!.commit}`, `${receipt.commit}`)
    assert.equal((await n3.host.history.head(c))!.seq, before + 1)
  })

  it('asks several at once, in its order where they are of one service', async () => {
    const n = (await n3.host.query(c, 'read')) as number
    assert.deepEqual(resultOf(await n1.host.call(a, 'pair')), [n + 1, n + 11, n + 11])
  })

  it('catches what they refuse', async () => {
    assert.equal(resultOf(await n1.host.call(a, 'careful', [-1])), 'CONTRACT_THREW')
  })

  it('is executed again by anybody who has the blocks, without a network', async () => {
    const copy: Host = await startHost()
    const kit = createKit(copy)
    try {
      for (const [from, service] of [
        [n1, a],
        [n2, b],
      ] as const) {
        const head = await pullInto(copy, from.host, service)
        const found = await kit.replay(head.commit, { again: true, signal: never })
        assert.equal(found.mismatch, undefined)
      }
    } finally {
      await kit.stop()
      await copy.stop()
    }
  })
})
