/** What the time of a call is spent on that asks others. */
import assert from 'node:assert/strict'
import { createStopwatch } from '../../daemon/calls/run/stopwatch.ts'
import { type Host, startHost } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add'] })}
export async function add(by: number): Promise<number> { return counter$add(by) }
`

describe('the trace of a call that asks others', () => {
  let host: Host
  before(async () => {
    host = await startHost()
  })
  after(() => host.stop())

  it('tells what others took of its time', async () => {
    const counter = await host.serve(COUNTER, { as: 'counter' })
    const caller = await host.serve(CALLER, { as: 'caller', imports: [await live(host, 'counter', counter)] })
    await host.call(caller, 'add', [1])
    const trace = createStopwatch()
    await host.call(caller, 'add', [1], { trace })
    const names = trace.laps.map(({ name }) => name)
    assert.deepEqual(names, ['verify', 'wait', 'admit', 'run', 'asked', 'run', 'commit', 'durable'])
  })
})
