/** The same call again, while it is made, after a crash, after its answer was lost: one effect on each node. And what goes on meanwhile. */
import assert from 'node:assert/strict'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import type { Executed } from '../../daemon/calls/types.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { resultOf } from '../support/host.ts'
import { never } from './lifecycle-kit.ts'
import { COUNTER, importing } from './tree-kit.ts'
import { createPeers, newKeys, type Peer, type Peers } from './tree-nodes.ts'

const ASKER = `${importing({ near: ['add'], far: ['add', 'read'] })}
let n = 0
export async function run(by: number): Promise<number[]> {
  n++
  return [await near$add(by), await far$add(by), await near$add(by)]
}
export function plain(): number { return ++n }
/** @query */
export function count(): number { return n }
/** @query */
export async function seen(): Promise<number> { return n + (await far$read()) }
`

describe('a call of services elsewhere that comes again', () => {
  let peers: Peers
  let n1: Peer
  let n2: Peer
  let near: CID
  let far: CID
  let asker: CID
  let folder: string
  const as = newKeys()
  /** between what the other node answered and what becomes of it here */
  let onAnswer: (() => Promise<void>) | undefined

  const joinFirst = async (): Promise<Peer> =>
    peers.join({
      as: await as,
      folder,
      wrapRemote: (remote) => ({
        ...remote,
        async call(host, envelope, options) {
          const done = await remote.call(host, envelope, options)
          await onAnswer?.()
          return done
        },
      }),
    })

  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'amigos-once-')))
    peers = createPeers()
    n2 = await peers.join()
    n1 = await joinFirst()
    far = await n2.serve('far', COUNTER)
    near = await n1.serve('near', COUNTER)
    asker = await n1.serve('asker', ASKER, ['near', 'far'])
  })
  after(async () => {
    await peers.stop()
    await rm(folder, { recursive: true, force: true })
  })
  afterEach(() => {
    onAnswer = undefined
  })

  const send = (envelope: Uint8Array, signal: AbortSignal = never): Promise<Executed> =>
    n1.host.execute(envelope, { from: 'local', signal })
  const state = (): Promise<unknown[]> =>
    Promise.all([n1.host.query(asker, 'count'), n1.host.query(near, 'read'), n2.host.query(far, 'read')])
  const plus = (before: unknown[], ...by: number[]): number[] => before.map((n, i) => (n as number) + by[i]!)
  /** Stops at what the other node answered. */
  const heldUp = (): { reached: Promise<void>; goOn: () => void } => {
    const reached = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    onAnswer = () => {
      onAnswer = undefined
      reached.resolve()
      return over.promise
    }
    return { reached: reached.promise, goOn: over.resolve }
  }

  it('at the same time', async () => {
    const before = await state()
    const envelope = await n1.host.sign(asker, 'run', [1])
    const all = await Promise.all([send(envelope), send(envelope), send(envelope)])
    assert.equal(new Set(all.map(({ commit }) => `${commit}`)).size, 1)
    assert.deepEqual(await state(), plus(before, 1, 2, 1))
  })

  it('after whoever sent it had gone', async () => {
    const before = await state()
    const envelope = await n1.host.sign(asker, 'run', [1])
    const gone = new AbortController()
    const { reached, goOn } = heldUp()
    const lost = send(envelope, gone.signal)
    await reached
    gone.abort(new Error('gone'))
    goOn()
    await assert.rejects(lost, { message: 'gone' })
    assert.deepEqual(await state(), plus(before, 0, 0, 1))
    const [, b, c] = before as [number, number, number]
    assert.deepEqual(resultOf(await send(envelope)), [b + 1, c + 1, b + 2])
    assert.deepEqual(await state(), plus(before, 1, 2, 1))
  })

  it('when the answer of the other node was lost on its way', async () => {
    const before = await state()
    onAnswer = async () => {
      onAnswer = undefined
      throw new ProtocolError('CONNECTION_LOST', 'The connection was lost.', { party: 'local' })
    }
    const [, b, c] = before as [number, number, number]
    assert.deepEqual(resultOf(await n1.host.call(asker, 'run', [1])), [b + 1, c + 1, b + 2])
    assert.deepEqual(await state(), plus(before, 1, 2, 1))
  })

  it('after its host forgot everything between the commit of the other node and its own', async () => {
    const before = await state()
    const envelope = await n1.host.sign(asker, 'run', [1])
    const { reached } = heldUp()
    const lost = send(envelope)
    lost.catch(() => undefined)
    await reached
    await peers.leave(n1)
    n1 = await joinFirst()
    assert.deepEqual(await state(), plus(before, 0, 0, 1))
    const { commit } = await send(envelope)
    assert.deepEqual(await state(), plus(before, 1, 2, 1))
    await peers.leave(n1)
    n1 = await joinFirst()
    assert.equal(`${(await send(envelope)).commit}`, `${commit}`)
    assert.deepEqual(await state(), plus(before, 1, 2, 1))
  })

  it('lets questions, and calls of others, go on while it waits', async () => {
    const before = await state()
    const { reached, goOn } = heldUp()
    const waiting = n1.host.call(asker, 'run', [1])
    await reached
    // what is durable, at once: what the call did here is not
    const many = await Promise.all(Array.from({ length: 100 }, () => n1.host.query(asker, 'count')))
    assert.deepEqual(new Set(many), new Set([before[0]]))
    assert.equal(await n1.host.query(near, 'read'), before[1])
    assert.equal(await n1.host.query(asker, 'seen'), (before[0] as number) + (before[2] as number) + 1)
    assert.equal(resultOf(await n2.host.call(far, 'add', [1])), (before[2] as number) + 2)
    // of the services that it has, in their turn
    const plain = n1.host.call(asker, 'plain')
    goOn()
    await waiting
    assert.equal(resultOf(await plain), (before[0] as number) + 2)
    assert.deepEqual(await state(), plus(before, 2, 2, 2))
  })

  it('lets a question go on that stood in the line before it', async () => {
    const before = await state()
    const { reached, goOn } = heldUp()
    // somebody has the service, and wants it once more before he asks; then comes the call, whose turn is before the question's
    const over = Promise.withResolvers<void>()
    const others = { from: 'somebody', signal: never }
    const uses = [n1.host.instances.use(asker, () => over.promise, others)]
    uses.push(n1.host.instances.use(asker, async () => undefined, others))
    const question = n1.host.query(asker, 'count', [], others)
    await setImmediate()
    const waiting = n1.host.call(asker, 'run', [1])
    for (let turns = 0; turns < 50; turns++) await setImmediate()
    over.resolve()
    await reached
    assert.equal(await question, before[0])
    goOn()
    await Promise.all([waiting, ...uses])
  })
})
