/** Who used a service, by the calls that were signed. */
import assert from 'node:assert/strict'
import { createReadUsage } from '../../daemon/calls/view/read-usage.ts'
import { type Host, newIdentity, startHost } from '../support/host.ts'
import { COUNTER, importing, live } from './tree-kit.ts'

const CALLER = `${importing({ counter: ['add'] })}
export async function three(): Promise<void> { for (let i = 0; i < 3; i++) await counter$add(1) }
`

describe('the usage of a service', () => {
  let host: Host
  before(async () => {
    host = await startHost()
  })
  after(() => host.stop())

  it('is told by user and by importer, and each pays for its own steps', async () => {
    const counter = await host.serve(COUNTER, { as: 'counter' })
    const caller = await host.serve(CALLER, { as: 'caller', imports: [await live(host, 'counter', counter)] })
    const ann = await newIdentity()
    for (const _ of [1, 2])
      await host.execute(await host.sign(counter, 'add', [1], ann), { from: 'x', signal: new AbortController().signal })
    const { gas } = await host.call(caller, 'three')
    const readUsage = createReadUsage(host)
    const usage = async (service: typeof counter) =>
      readUsage((await host.history.head(service))!, undefined, { signal: new AbortController().signal })
    const ofCounter = await usage(counter)
    assert.deepEqual([ofCounter.calls, ofCounter.commits, ofCounter.pruned], [5, 6, false])
    const rows = new Map(ofCounter.by.map((row) => [row.importer ?? row.by, row]))
    assert.equal(rows.get(ann.user)!.calls, 2)
    const imported = rows.get(caller.toString())!
    assert.deepEqual([imported.by, imported.calls], [host.identity.user, 3])
    const ofCaller = await usage(caller)
    assert.deepEqual(
      ofCaller.by.map(({ by, importer, calls }) => [by, importer, calls]),
      [[host.identity.user, null, 1]],
    )
    // all gas of the tree is told once
    assert.equal(ofCaller.gas + imported.gas, Number(gas))
  })
})
