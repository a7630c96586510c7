/** What a commit tells of the answers that its calls got from other services. */
import assert from 'node:assert/strict'
import { readCalls } from '../../daemon/calls/view/read-calls.ts'
import { createReadHistory } from '../../daemon/calls/view/read-history.ts'
import type { CallRecord } from '../../daemon/store/commit-types.ts'
import { type Host, startHost } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add', 'read'] })}
export async function run(): Promise<number> {
  await counter$add(2)
  try { await counter$add(-1) } catch {}
  return counter$read()
}
`

describe('what a call asked of others', () => {
  let host: Host
  before(async () => {
    host = await startHost()
  })
  after(() => host.stop())

  it('is told with its commit: calls, failures and queries', async () => {
    const counter = await host.serve(COUNTER, { as: 'counter' })
    const caller = await host.serve(CALLER, { as: 'caller', imports: [await live(host, 'counter', counter)] })
    const { commit } = await host.call(caller, 'run')
    const replayer = { standing: async () => ({ seq: -1 }) } as never
    const readHistory = createReadHistory({ history: host.history, blocks: host.database.blocks, replayer })
    const { asks } = (await readHistory.show(commit.toString())).calls[0]!
    const there = (await host.history.head(counter))!.commit.toString()
    const failed = { code: 'CONTRACT_THREW', message: 'add of local.land/_/counter: RangeError: no less' }
    assert.deepEqual(
      asks.map(({ gas, ...rest }) => rest),
      [
        { service: counter.toString(), method: 'add', ok: true, code: null, result: 2, commit: there },
        { service: counter.toString(), method: null, ok: false, ...failed, commit: null },
        { service: counter.toString(), method: null, ok: true, code: null, result: 2, commit: null },
      ],
    )
    assert.ok(asks.every(({ gas }) => gas > 0))
  })

  it('is nothing where a host wrote what cannot be read', async () => {
    const record: CallRecord = {
      envelope: new Uint8Array(1),
      result: new Uint8Array(),
      gas: 1n,
      inputs: Buffer.from('no'),
    }
    assert.deepEqual((await readCalls({ calls: [record] }))[0]!.asks, [])
  })
})
