/** What another node answers is used while its proof is checked; where that does not hold, it never was. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Handler } from '../../protocol/types.ts'
import { resultOf } from '../support/host.ts'
import { importing } from './tree-kit.ts'
import { createPeers, type Peer, type Peers } from './tree-nodes.ts'

const COUNTER = 'let n = 0\nexport function add(by: number): number { return n += by }'
const ASKER = `${importing({ far: ['add'], other: ['add'] })}
let log: unknown[] = []
const told = async (asked: Promise<unknown>): Promise<unknown> => { try { return await asked } catch (error: any) { return error.code } }
export async function one(): Promise<unknown> { const found = await told(far$add(1)); log.push(found); return found }
export async function inTurn(): Promise<unknown> {
  const found = await told(far$add(1))
  log.push(found)
  return [found, typeof found === 'number' ? await told(other$add(found)) : 'not asked']
}
export async function both(): Promise<unknown> { const found = await Promise.all([told(far$add(1)), told(other$add(1))]); log.push(found); return found }
export async function passOn(): Promise<number> { log.push('passed on'); return far$add(1) }
/** @query */
export function seen(): unknown[] { return log }
`

describe('an answer that another node did not prove', () => {
  let peers: Peers
  let near: Peer
  let asker: CID
  /** runs of calls of the asker in the VM, and calls that came to the other service */
  let runs = 0
  let asked = 0
  let lies = false

  beforeEach(async () => {
    peers = createPeers()
    lies = true
    near = await peers.join({
      wrapVm: (vm) => ({
        ...vm,
        call(...of) {
          runs++
          return vm.call(...of)
        },
      }),
    })
    const lying =
      (usual: Handler): Handler =>
      async (body, context) => {
        const answer = (await usual(body, context)) as object
        return lies ? { ...answer, result: Buffer.from('1000') } : answer
      }
    const counting =
      (usual: Handler): Handler =>
      (body, context) => {
        asked++
        return usual(body, context)
      }
    const far = await peers.join({ answers: (usual) => ({ ...usual, call: lying(usual['call']!) }) })
    const other = await peers.join({ answers: (usual) => ({ ...usual, call: counting(usual['call']!) }) })
    await far.serve('far', COUNTER)
    await other.serve('other', COUNTER)
    asker = await near.serve('asker', ASKER, ['far', 'other'])
    runs = 0
    asked = 0
  })
  afterEach(() => peers.stop())

  const call = async (method: string): Promise<unknown> => resultOf(await near.host.call(asker, method))
  const seen = (): Promise<unknown> => near.host.query(asker, 'seen')

  it('is an error to the contract, and what it did with the answer is undone', async () => {
    assert.equal(await call('one'), 'ANSWER_INVALID')
    assert.deepEqual(await seen(), ['ANSWER_INVALID'])
    lies = false
    assert.equal(await call('one'), 2)
    assert.deepEqual(await seen(), ['ANSWER_INVALID', 2])
  })

  it('leads to no further ask', async () => {
    assert.deepEqual(await call('inTurn'), ['ANSWER_INVALID', 'not asked'])
    assert.deepEqual([asked, await seen()], [0, ['ANSWER_INVALID']])
    lies = false
    assert.deepEqual(await call('inTurn'), [2, 2])
    assert.equal(asked, 1)
  })

  it('leaves the others of its batch as they are', async () => {
    assert.deepEqual(await call('both'), ['ANSWER_INVALID', 1])
    assert.deepEqual([asked, await seen()], [1, [['ANSWER_INVALID', 1]]])
  })

  it('ends a call that does not catch it, and nothing was done here', async () => {
    await assert.rejects(near.host.call(asker, 'passOn'), { code: 'CONTRACT_THREW' })
    assert.deepEqual(await seen(), [])
  })

  it('is not used again before it is proven', async () => {
    await call('one')
    // in a group, which finds out that it asks; with nothing; with the lie; with the truth
    const first = runs
    runs = 0
    assert.equal(await call('one'), 'ANSWER_INVALID')
    assert.deepEqual([first, runs], [3, 2])
    lies = false
    runs = 0
    assert.equal(await call('one'), 3)
    assert.equal(runs, 2)
  })
})
