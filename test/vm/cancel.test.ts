/** A call that nobody waits for any more is ended, and nothing else is. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { PAUSE_GAS } from '../../daemon/vm/constants.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Ended } from '../../daemon/vm/machine/metered-run.ts'
import type { CallRequest, Outcome, Vm } from '../../daemon/vm/types.ts'
import { createEndings, endCall, endedOf, endJob } from '../../daemon/vm/worker/endings.ts'
import { bytes, end, hex, loadTestEngine, machineOf, request, type TestVm, testVm } from './kit.ts'

const SOURCE = `
  let n = 0
  const kept = []
  export const increment = () => ++n
  export const count = () => n
  export const spin = () => { for (n = 9;;); }
  export const recurse = () => { const f = i => i < 2 ? i : f(i - 1) + f(i - 2); return f(100) }
  export const wait = async () => { for (;; n++) await null }
  export const sort = () => { const list = Array.from({ length: 500 }, (_, i) => i * 7919 % 503); for (;;) list.slice().sort() }
  export const grow = () => { for (;;) if (kept.length < 100) kept.push(new Uint8Array(60000).fill(7)) }
  export const work = turns => { let x = 0; for (let i = 0; i < turns; i++) x = (x + [i].concat(i).length) | 0; return n += x }
`
const ENDLESS = { gas: 2n ** 61n, wallMs: 20_000 }
const endless = (method: string): CallRequest => request(method, [], { limits: ENDLESS })

describe('vm: calls that are ended', () => {
  let test: TestVm
  let vm: Vm
  beforeEach(async () => {
    // the audit compares the whole memory around each call
    test = await testVm({ workers: 1 })
    vm = test.vm
    for (const key of ['a', 'neighbour', 'witness']) await vm.genesis(key, bytes(SOURCE), request('init'))
  })
  afterEach(() => vm.stop())

  /** Once in a test: aborts when the job runs, which is seen by what waits behind it being sent away. */
  const endedWhileItRuns = async <T>(start: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController()
    const job = start(controller.signal)
    await assert.rejects(vm.query('witness', request('count')), { code: 'NOT_OPEN' })
    controller.abort()
    return job
  }

  for (const method of ['spin', 'recurse', 'wait', 'sort', 'grow']) {
    it(`while they run: ${method}`, async () => {
      const outcome = await endedWhileItRuns(async (signal) => {
        if (method === 'sort') return vm.query('a', endless(method), { signal })
        return (await vm.call('a', endless(method), { signal })).outcome
      })
      assert.equal(end(outcome), 'CANCELLED')
      assert.deepEqual([vm.isOpen('a'), vm.isOpen('neighbour')], [true, true])
      assert.equal(end(await vm.query('a', request('count'))), '0')
      assert.deepEqual(test.crashes, [])
    })
  }

  it('before they begin: at once, whatever runs', async () => {
    const running = new AbortController()
    const slow = vm.query('a', endless('spin'), { signal: running.signal })
    const controller = new AbortController()
    const asked = vm.query('a', endless('spin'), { signal: controller.signal })
    const kept = vm.query('a', request('increment'))
    controller.abort()
    assert.equal(end(await asked), 'CANCELLED')
    assert.equal(end(await vm.query('a', endless('spin'), { signal: AbortSignal.abort() })), 'CANCELLED')
    running.abort()
    assert.deepEqual([end(await slow), end(await kept)], ['CANCELLED', '1'])
  })

  it('as one of a group: it has no result, and what has not begun is left', async () => {
    const methods = ['spin', 'increment']
    const group = await endedWhileItRuns((signal) => vm.calls('a', methods.map(endless), [signal, undefined]))
    assert.deepEqual([group.outcomes.map(end), group.change], [['CANCELLED'], undefined])
    const [, outcome] = (await vm.calls('a', methods.map(endless), [AbortSignal.abort(), undefined])).outcomes
    assert.equal(outcome && end(outcome), '1')
  })

  it('before a contract is loaded', async () => {
    const job = vm.genesis('new', bytes('for (;;);'), endless('init'), { signal: AbortSignal.abort() })
    assert.equal(end((await job).outcome), 'CANCELLED')
    assert.deepEqual([vm.isOpen('new'), vm.isOpen('neighbour')], [false, true])
  })

  it('by the watchdog: their worker goes on', async () => {
    const limits = { ...ENDLESS, wallMs: 30 }
    assert.equal(end(await vm.query('a', request('spin', [], { limits }))), 'WATCHDOG')
    assert.equal(end((await vm.call('a', request('sort', [], { limits }))).outcome), 'WATCHDOG')
    assert.deepEqual([vm.isOpen('a'), vm.isOpen('neighbour')], [true, true])
  })
})

describe('vm: looking at whether to end a call', () => {
  let engine: Engine
  before(async () => {
    engine = await loadTestEngine()
  })

  it('changes no outcome, no gas, and no point at which gas runs out', () => {
    const [watched, plain] = [machineOf(engine, SOURCE), machineOf(engine, SOURCE)]
    const needed = plain.query(request('work', [60_000])).gas
    assert(needed > 3n * PAUSE_GAS)
    fc.assert(
      fc.property(fc.bigInt(-2000n, 2000n), fc.constantFrom(needed, PAUSE_GAS, 2n * PAUSE_GAS), (beside, at) => {
        const asked = request('work', [60_000], { limits: { gas: at + beside } })
        let looks = 0
        const ended = (): undefined => {
          looks++
        }
        const outcome: Outcome = watched.query(asked, ended)
        assert.deepEqual(outcome, plain.query(asked))
        if (at > PAUSE_GAS) assert(looks > 1)
      }),
      { numRuns: 30 },
    )
    assert.equal(hex(watched.root()), hex(plain.root()))
  })

  it('ends it at any look, and the state is what it was', () => {
    const machine = machineOf(engine, SOURCE)
    let root = hex(machine.root())
    for (const why of ['CANCELLED', 'WATCHDOG'] satisfies Ended[]) {
      for (let at = 0; at < 4; at++) {
        let looks = 0
        const { outcomes, change } = machine.calls([endless('work'), endless('spin')], () =>
          looks++ < at ? undefined : why,
        )
        assert.equal(end(outcomes.at(-1)!), why)
        assert.equal(outcomes.at(-1)!.gas, 0n)
        if (change) root = hex(change.root)
        assert.equal(hex(machine.root()), root)
      }
    }
    assert.equal(end(machine.query(request('count'))), '0')
  })

  it('ends one of a group, and the others come out as without it', () => {
    const looks = [0, 0, 0, 0, 0]
    const ended = (call: number) => (++looks[call]! > [9, 3, 9, 0, 9][call]! ? ('CANCELLED' as const) : undefined)
    const methods = ['increment', 'spin', 'increment', 'increment', 'increment']
    const { outcomes, change } = machineOf(engine, SOURCE).calls(methods.map(endless), ended)
    assert.deepEqual(outcomes.map(end), ['1', 'CANCELLED', '2', 'CANCELLED', '3'])
    const without = machineOf(engine, SOURCE).calls(Array.from({ length: 3 }, () => endless('increment')))
    assert.equal(hex(change!.root), hex(without.change!.root))
  })

  it('ends the loading of a contract', () => {
    let looks = 0
    const ends = () => (looks++ < 3 ? undefined : ('CANCELLED' as const))
    const { outcome, machine } = Machine.genesis(engine, bytes('for (;;);'), endless('init'), { ends })
    assert.deepEqual([end(outcome), machine], ['CANCELLED', undefined])
  })

  it('is for one job and one call of it', () => {
    const endings = createEndings()
    for (const id of [1, 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1]) {
      assert.equal(endedOf(endings, id, 0), undefined)
      endCall(endings, id, 3)
      assert.deepEqual(
        [0, 2, 3].map((call) => endedOf(endings, id, call)),
        [undefined, undefined, 'CANCELLED'],
      )
      endJob(endings, id)
      assert.deepEqual(
        [0, 3].map((call) => endedOf(endings, id, call)),
        ['WATCHDOG', 'CANCELLED'],
      )
      assert.equal(endedOf(endings, id + 1, 3), undefined)
    }
  })
})
