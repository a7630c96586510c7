/** Calls and queries whose callers go away while they run. */
import assert from 'node:assert/strict'
import type { CID } from 'multiformats/cid'
import type { Vm } from '../../daemon/vm/types.ts'
import { type Host, resultOf, startHost } from '../support/host.ts'

const SOURCE = `
let n = 0
export function increment(): number { return ++n }
/** @query */
export function current(): number { return n }
export function spin(): number { for (;;) n++ }
`
/** What this node's own user may use is some seconds of work: longer than any of these tests waits. */
const GAS = 'name: sample\nversion: 0.1.0\nmain: main.ts\nlimits:\n  gas: 10_000_000_000\n'

describe('what nobody waits for any more', () => {
  let host: Host
  let service: CID
  /** resolves when the VM was asked for the next time */
  let asked = Promise.withResolvers<void>()
  /** resolves when it was asked to take a state over */
  const made = Promise.withResolvers<void>()
  const watched = (vm: Vm): Vm => ({
    ...vm,
    calls(...args) {
      asked.resolve()
      return vm.calls(...args)
    },
    genesis(...args) {
      if (args[2].method === 'migrate') made.resolve()
      return vm.genesis(...args)
    },
    query(...args) {
      asked.resolve()
      return vm.query(...args)
    },
  })
  before(async () => {
    host = await startHost({ wrapVm: watched })
    service = await host.serve(SOURCE, { manifest: GAS })
    await host.call(service, 'increment')
  })
  after(() => host.stop())
  beforeEach(() => {
    asked = Promise.withResolvers()
  })
  const gone = Object.assign(new Error('The caller went away.'), { code: 'GONE' })

  it('is ended as a query, with the reason of its caller', async () => {
    const controller = new AbortController()
    const answer = host.query(service, 'spin', [], { signal: controller.signal })
    await asked.promise
    controller.abort(gone)
    await assert.rejects(answer, gone)
    assert.equal(await host.query(service, 'current'), 1)
  })

  it('is ended as a query of the past', async () => {
    const head = await host.history.head(service)
    const controller = new AbortController()
    const question = { service, method: 'spin', args: Buffer.from('[]'), caller: host.identity.user, at: head!.commit }
    const answer = host.ask(question, { from: 'local', signal: controller.signal })
    await asked.promise
    controller.abort(gone)
    await assert.rejects(answer, gone)
  })

  it('is ended as a call, which leaves nothing', async () => {
    const controller = new AbortController()
    const envelope = await host.sign(service, 'spin')
    const before = await host.history.head(service)
    const answer = host.execute(envelope, { from: 'local', signal: controller.signal })
    await asked.promise
    controller.abort(gone)
    await assert.rejects(answer, gone)
    assert.equal(String((await host.history.head(service))?.commit), String(before?.commit))
    assert(host.vm.isOpen(service.toString()))
  })

  it('holds up nobody who waits behind it, and no call of its group', async () => {
    const controller = new AbortController()
    const spin = host.call(service, 'spin', [], { signal: controller.signal })
    await asked.promise
    const others = [1, 2].map(() => host.call(service, 'increment'))
    controller.abort(gone)
    await assert.rejects(spin, gone)
    // signatures are checked side by side, so that the order of arrival is not that of sending
    assert.deepEqual((await Promise.all(others)).map(resultOf).toSorted(), [2, 3])
  })

  it('is ended as an upgrade, and the service goes on as it was', async () => {
    const old = await host.serve(SOURCE, { as: 'upgraded' })
    const contract = await host.contract(`${SOURCE}\nexport function migrate(old: unknown): void { for (;;) n++ }`)
    const controller = new AbortController()
    const upgrading = host.deploy(contract, { as: 'upgraded', signal: controller.signal })
    await made.promise
    controller.abort(gone)
    await assert.rejects(upgrading, gone)
    assert.equal(resultOf(await host.call(old, 'increment')), 1)
  })

  it('is executed if it was done already, and told to whoever asks again', async () => {
    const envelope = await host.sign(service, 'increment')
    const controller = new AbortController()
    const done = await host.execute(envelope, { from: 'local', signal: controller.signal })
    controller.abort(gone)
    const again = await host.execute(envelope, { from: 'peer', signal: new AbortController().signal })
    assert.equal(String(again.commit), String(done.commit))
  })
})
