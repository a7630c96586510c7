/** Calls that have very many others made: what they did is kept in memory until the end, and that is bounded. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import { type Host, resultOf, startHost } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const MIDDLE = `${importing({ last: ['add'] })}
let n = 0
export async function fan(times: number): Promise<void> {
  n++
  await Promise.all(Array.from({ length: times }, () => last$add(1)))
}
`
const FIRST = `${importing({ middle: ['fan'] })}
let n = 0
export async function fan(times: number, each: number): Promise<string[]> {
  n++
  const all = await Promise.allSettled(Array.from({ length: times }, () => middle$fan(each)))
  return [...new Set(all.map((one) => one.status === 'fulfilled' ? 'done' : one.reason.code))]
}
`

describe('a call that has very many made', () => {
  let host: Host
  let last: CID
  let first: CID

  before(async () => {
    host = await startHost()
    last = await host.serve(COUNTER, { as: 'last' })
    const middle = await host.serve(MIDDLE, { as: 'middle', imports: [await live(host, 'last', last)] })
    first = await host.serve(FIRST, { as: 'first', imports: [await live(host, 'middle', middle)] })
  })
  after(() => host.stop())

  it('has as many as fit a batch, and those that do not are undone and told', async () => {
    assert.deepEqual(resultOf(await host.call(first, 'fan', [17, 64])), ['done', 'COMMIT_TOO_LARGE'])
    // 15 times 64, and what had them made
    assert.equal(await host.query(last, 'read'), 960)
    assert.equal((await host.history.head(last))!.seq, 960)
  })

  it('makes no more asks than one call may', async () => {
    assert.deepEqual(resultOf(await host.call(first, 'fan', [1, 65])), ['CONTRACT_THREW'])
    assert.equal(await host.query(last, 'read'), 960)
  })
})
