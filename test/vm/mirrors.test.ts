/** Which services have a mirror, when, and how much of their thread all of them take. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  DETOUR,
  DETOUR_MAX,
  DETOURS_MAX,
  MIRROR_AFTER,
  MIRROR_GAS_PER_MS,
  MIRROR_GAS_SAVED,
  MIRROR_MADE_GAS,
  MIRROR_OWN_GAS,
  MIRROR_QUERY_GAS,
  MIRRORS_MAX,
} from '../../daemon/vm/constants.ts'
import { loadEngine } from '../../daemon/vm/engine/load-engine.ts'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { createAllowance } from '../../daemon/vm/mirror/allowance.ts'
import { createDetours } from '../../daemon/vm/mirror/detours.ts'
import { createMirrors, type Mirrors } from '../../daemon/vm/mirror/mirrors.ts'
import type { Vm } from '../../daemon/vm/types.ts'
import { until } from '../support/until.ts'
import { bytes, cacheDir, end, loadTestEngine, machineOf, request, type TestVm, testVm } from './kit.ts'

const SOURCE = `
  let n = 0
  const kept = []
  export const count = () => n
  export const add = (by = 1) => n += by
  export const spin = () => { for (;;); }
  export const work = turns => { let x = 0; for (let i = 0; i < turns; i++) x = (x + [i].concat(i).length) | 0; return x }
  export const keep = size => { kept.push(new Uint8Array(size).fill(7)); return n }
  export const dive = depth => depth === 0 ? 0 : dive(depth - 1) + 1
`

describe('vm: what mirrors may take of their thread', () => {
  it('is saved up to a bound, and made up for where it was exceeded', () => {
    let now = 5
    const allowance = createAllowance(() => now)
    assert.equal(allowance.isFull(), true)
    allowance.take(MIRROR_GAS_SAVED + MIRROR_GAS_PER_MS)
    assert.equal(allowance.has(0), false)
    now += 1
    assert.deepEqual([allowance.has(0), allowance.has(1), allowance.isFull()], [true, false, false])
    now += 2
    assert.deepEqual([allowance.has(2 * MIRROR_GAS_PER_MS), allowance.has(2 * MIRROR_GAS_PER_MS + 1)], [true, false])
    now += 1e9
    assert.deepEqual([allowance.isFull(), allowance.has(MIRROR_GAS_SAVED + 1)], [true, false])
  })

  it('is left alone by functions that did not succeed, for longer each time', () => {
    const detours = createDetours()
    /** Queries until one is tried, and fails. */
    const untilTried = (method: string): number => {
      for (let asked = 0; ; asked++) {
        if (!detours.mayTry(method)) continue
        detours.failed(method)
        return asked
      }
    }
    assert.deepEqual(
      [1, 2, 3, 4].map(() => untilTried('a')),
      [0, DETOUR, 2 * DETOUR, 4 * DETOUR],
    )
    for (let i = 0; i < 9; i++) untilTried('a')
    assert.equal(untilTried('a'), DETOUR_MAX)
    assert.equal(detours.mayTry('b'), true)
    for (let i = 0; i < 20; i++) detours.succeeded('a')
    assert.deepEqual(
      [1, 2].map(() => untilTried('a')),
      [0, DETOUR],
    )
    for (let i = 0; i < DETOURS_MAX; i++) detours.failed(`other ${i}`)
    assert.equal(detours.mayTry('a'), true)
  })

  describe('with services in this thread', () => {
    let engine: Engine
    let module: WebAssembly.Module
    let machine: Machine
    let now: number
    let taken: number
    let mirrors: Mirrors<object>
    before(async () => {
      module = new WebAssembly.Module(await loadEngine(await cacheDir()))
      engine = await loadTestEngine()
    })
    beforeEach(() => {
      now = 0
      taken = 0
      machine = machineOf(engine, SOURCE)
      const clock = (): number => now
      const allowance = createAllowance(clock)
      const take = (gas: number): void => {
        taken += gas
        allowance.take(gas)
      }
      mirrors = createMirrors({
        ...{ audit: false, allowance: { ...allowance, take }, now: clock },
        engine: async () => module,
        imageOf: async () => machine.image(),
      })
    })
    afterEach(() => mirrors.stop())

    const ask = (service: object, method = 'count', args: unknown[] = []): boolean =>
      mirrors.query(service, request(method, args), {}) !== undefined
    /** Asks until it is to have a mirror, and waits for that. */
    const settle = async (service: object): Promise<void> => {
      for (let i = 0; i < MIRROR_AFTER; i++) assert.equal(ask(service), false)
      await new Promise(setImmediate)
      now += 1000
    }

    it('is bounded, whatever is asked: expensive queries, endless ones, deep ones', async () => {
      const services = Array.from({ length: MIRRORS_MAX }, () => ({}))
      for (const service of services) await settle(service)
      const start = now
      const before = taken
      const asked = fc.tuple(
        fc.constantFrom(...services),
        fc.constantFrom('work', 'spin', 'dive', 'count', 'absent'),
        fc.nat(80),
        fc.nat(100),
      )
      let answered = 0
      fc.assert(
        fc.property(asked, ([service, method, size, wait]) => {
          now += wait / 100
          answered += Number(ask(service, method, [method === 'dive' ? 10 * size : size]))
          const most = MIRROR_GAS_SAVED + (now - start) * MIRROR_GAS_PER_MS + MIRROR_OWN_GAS + 2 * MIRROR_QUERY_GAS
          assert(taken - before <= most)
        }),
        { numRuns: 1500 },
      )
      assert(answered > 100)
    })

    it('has room for so many services, and for another when one is closed', async () => {
      const services = Array.from({ length: MIRRORS_MAX }, () => ({}))
      for (const service of services) await settle(service)
      const another = {}
      await settle(another)
      assert.deepEqual([services.every((service) => ask(service)), ask(another)], [true, false])
      now += 1000
      mirrors.forget(services[0]!)
      assert.equal(ask(another), false)
      await new Promise(setImmediate)
      now += 1000
      assert.deepEqual([ask(another), ask(services[0]!)], [true, false])
    })

    it('makes a mirror only when nothing is made up for', async () => {
      const first = {}
      for (let i = 0; i < MIRROR_AFTER; i++) ask(first)
      await new Promise(setImmediate)
      const second = {}
      for (let i = 0; i < MIRROR_AFTER; i++) ask(second)
      await new Promise(setImmediate)
      assert.equal(ask(second), false)
      now += (MIRROR_MADE_GAS + MIRROR_GAS_SAVED) / MIRROR_GAS_PER_MS
      assert.equal(ask(second), false)
      await new Promise(setImmediate)
      now += 1000
      assert.equal(ask(second), true)
    })

    it('does not ask a mirror while calls are under way, nor makes one of a state that has changed', async () => {
      const service = {}
      for (let i = 1; i < MIRROR_AFTER; i++) ask(service)
      assert.equal(ask(service), false)
      const changed = Promise.resolve({
        change: { delta: machine.call(request('keep', [1])).change!.delta, root: bytes('') },
      })
      await mirrors.changing(service, changed)
      await new Promise(setImmediate)
      now += 1000
      assert.equal(ask(service), false)
      await settle(service)
      await settle(service)
      assert.equal(ask(service), true)
      const again = mirrors.changing(service, Promise.resolve(machine.call(request('add'))))
      assert.equal(ask(service), false)
      await again
      assert.equal(end(mirrors.query(service, request('count'), {})!), '1')
    })

    it('trusts no mirror after calls of which nobody knows what they did', async () => {
      const service = {}
      await settle(service)
      assert.equal(ask(service), true)
      await assert.rejects(mirrors.changing(service, Promise.reject(new Error('gone'))))
      assert.equal(ask(service), false)
    })
  })
})

describe('vm: queries that the thread answers which asks', () => {
  let test: TestVm
  let vm: Vm
  beforeEach(async () => {
    test = await testVm({ workers: 1 })
    vm = test.vm
    await vm.genesis('a', bytes(SOURCE), request('init'))
  })
  afterEach(() => vm.stop())

  const ask = async (method = 'count', args: unknown[] = []) => end(await vm.query('a', request(method, args)))
  /** The worker answers in order: with the last of these the state has come, too. */
  const askOften = async (): Promise<void> => {
    for (let i = 0; i < MIRROR_AFTER; i++) await ask()
    await until(overtakes, (overtook) => overtook)
  }
  /** Whether an answer comes before that to a question which was put to the worker earlier: it does one thing after the other. */
  const overtakes = async (): Promise<boolean> => {
    const earlier = vm.state('a', request('state', []))
    const first = await Promise.race([earlier, vm.query('a', request('count'))])
    return first !== (await earlier)
  }

  it('need no worker, once a service is asked often', async () => {
    assert.equal(await overtakes(), false)
    await askOften()
    assert.deepEqual([await ask(), test.crashes], ['0', []])
  })

  it('see each call that was answered, and each that was made before', async () => {
    await askOften()
    for (let i = 1; i <= 20; i++) {
      const made = vm.call('a', request(i === 10 ? 'keep' : 'add', i === 10 ? [100_000] : [1]))
      const seen = i < 10 ? String(i) : String(i - 1)
      assert.equal(await ask(), seen)
      await made
      assert.equal(await ask(), seen)
    }
    assert.equal(await ask('add', [5]), '24')
    assert.equal(await ask(), '19')
  })

  it('end as ever: with errors, gas, limits, signals', async () => {
    await askOften()
    assert.equal(await ask('absent'), 'NO_SUCH_FUNCTION')
    assert.equal(end(await vm.query('a', request('spin', [], { limits: { gas: 10_000_000n } }))), 'OUT_OF_GAS')
    assert.equal(await ask('dive', [100_000]), 'STACK_OVERFLOW')
    const signal = AbortSignal.abort()
    assert.equal(end(await vm.query('a', request('count'), { signal })), 'CANCELLED')
    await assert.rejects(vm.query('a', request('count', [], { limits: { gas: -1n } })), { code: 'BAD_REQUEST' })
    assert.equal(await ask(), '0')
  })

  it('end with the service', async () => {
    await askOften()
    await vm.close('a')
    await assert.rejects(ask(), { code: 'NOT_OPEN' })
    await vm.genesis('a', bytes(SOURCE), request('init'))
    await vm.call('a', request('add', [3]))
    assert.equal(await ask(), '3')
    await vm.stop()
    await assert.rejects(ask(), { code: 'STOPPED' })
  })
})
