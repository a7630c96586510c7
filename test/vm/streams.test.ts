/** Functions that give their result item by item. */
import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { bytes, end, hex, loadTestEngine, machineOf, message, request, type TestVm, testVm } from './kit.ts'

const BLOCK = bytes('some content')
const SOURCE = `
  import * as context from 'amigos:context'
  import { emit } from 'amigos:events'
  import { get, put } from 'amigos:content'
  let n = 0
  export const count = () => n
  export const name = bytes => put(bytes)
  export const bump = () => ++n
  export async function* upTo(last) { for (let i = 1; i <= last; i++) { n++; yield i } }
  export const later = async last => upTo(last)
  export const own = () => ({ left: 2, [Symbol.asyncIterator]() { return this }, next() { return { done: this.left-- === 0, value: 'x' } } })
  export async function* nothing() {}
  export async function* forever() { for (;;) yield await n }
  export async function* same() { const item = { i: 0 }; for (; item.i < 3; item.i++) yield item }
  export async function* breaks() { yield 1; throw new RangeError('enough') }
  export async function* wrong() { yield 1; yield () => {} }
  export async function* stuck() { yield 1; await new Promise(() => {}); yield 2 }
  export async function* large() { yield 'x'.repeat(10); yield 'x'.repeat(100) }
  export async function* spins() { yield 1; for (;;) n++ }
  export async function* reads(cid) { yield 1; yield get(cid); yield 3 }
  export async function* times() { for (;;) yield [context.time().getTime(), Math.random(), context.caller()] }
  export async function* emits() { emit('one', 1); yield 1; emit('two', 2); yield 2 }
  export const bad = () => ({ [Symbol.asyncIterator]() { throw new Error('no') } })
  export const noNext = () => ({ [Symbol.asyncIterator]: () => ({}) })
  export const noStep = () => ({ [Symbol.asyncIterator]: () => ({ next: () => 1 }) })
  export function* sync() { yield 1 }
  export const tampered = () => {
    Promise.prototype.then = () => { throw new Error('then') }
    Array.prototype[Symbol.iterator] = String.prototype.slice = undefined
    return upTo(2)
  }
`

const ENDLESS = { limits: { gas: 2n ** 61n } }

describe('vm: streams', () => {
  let engine: Engine
  before(async () => {
    engine = await loadTestEngine()
  })

  /** What it gives, up to so many items; at last the code of a failure, or '.' at the end. */
  const items = (machine: Machine, method: string, args: unknown[] = [], most = 10): string[] => {
    const opened = end(machine.step('open', request(method, args)))
    const found: string[] = opened === 'null' ? [] : [opened]
    while (found.length < most && (found.length === 0 || found.at(-1)!.startsWith('['))) {
      const item = end(machine.step('next', request('')))
      found.push(item === '[]' ? '.' : item)
      if (opened !== 'null') break
    }
    return opened === 'null' ? found : [opened]
  }
  const opened = (): Machine => machineOf(engine, SOURCE)

  it('give one item at a time, as values', () => {
    assert.deepEqual(items(opened(), 'upTo', [3]), ['[1]', '[2]', '[3]', '.'])
    assert.deepEqual(items(opened(), 'later', [2]), ['[1]', '[2]', '.'])
    assert.deepEqual(items(opened(), 'own'), ['["x"]', '["x"]', '.'])
    assert.deepEqual(items(opened(), 'nothing'), ['.'])
    assert.deepEqual(items(opened(), 'same'), ['[{"i":0}]', '[{"i":1}]', '[{"i":2}]', '.'])
    assert.deepEqual(items(opened(), 'tampered'), ['[1]', '[2]', '.'])
  })

  it('do no more than what is asked for', () => {
    const machine = opened()
    items(machine, 'upTo', [5], 2)
    assert.equal(end(machine.query(request('count'))), '2')
    assert.deepEqual(items(opened(), 'forever', [], 4), ['[0]', '[0]', '[0]', '[0]'])
  })

  it('are calls whose results are arrays of the items', () => {
    const results: [string, unknown[], string][] = [
      ['upTo', [3], '[1,2,3]'],
      ['later', [2], '[1,2]'],
      ['own', [], '["x","x"]'],
      ['nothing', [], '[]'],
      ['same', [], '[{"i":0},{"i":1},{"i":2}]'],
      ['breaks', [], 'CONTRACT_THREW'],
      ['wrong', [], 'RESULT_NOT_A_VALUE'],
      ['stuck', [], 'NEVER_SETTLED'],
      ['forever', [], 'OUT_OF_GAS'],
      ['bad', [], 'CONTRACT_THREW'],
      ['noNext', [], 'CONTRACT_THREW'],
      ['noStep', [], 'CONTRACT_THREW'],
    ]
    const limits = { gas: 50_000_000n }
    for (const [method, args, expected] of results) {
      const machine = opened()
      assert.equal(end(machine.query(request(method, args, { limits }))), expected, method)
      assert.equal(end(machine.call(request(method, args, { limits })).outcome), expected, method)
    }
    const machine = opened()
    assert.equal(end(machine.call(request('upTo', [3])).outcome), '[1,2,3]')
    assert.equal(end(machine.query(request('count'))), '3')
    const small = request('large', [], { limits: { resultBytes: 50 } })
    assert.equal(end(machine.query(small)), 'RESULT_TOO_LARGE')
    const emitted = machine.call(request('emits')).outcome
    assert(emitted.ok)
    assert.deepEqual(
      emitted.events.map(({ name }) => name),
      ['one', 'two'],
    )
  })

  it('end with what went wrong', () => {
    assert.deepEqual(items(opened(), 'breaks'), ['[1]', 'CONTRACT_THREW'])
    assert.deepEqual(items(opened(), 'wrong'), ['[1]', 'RESULT_NOT_A_VALUE'])
    assert.deepEqual(items(opened(), 'stuck'), ['[1]', 'NEVER_SETTLED'])
    for (const method of ['count', 'sync']) assert.deepEqual(items(opened(), method), ['NOT_A_STREAM'])
    for (const method of ['bad']) assert.deepEqual(items(opened(), method), ['CONTRACT_THREW'])
    for (const method of ['noNext', 'noStep']) assert.deepEqual(items(opened(), method), ['CONTRACT_THREW'])
    assert.deepEqual(items(opened(), 'no such'), ['NO_SUCH_FUNCTION'])
    // nothing was opened
    assert.equal(end(opened().step('next', request(''))), 'CONTRACT_THREW')
  })

  it('are bounded item by item', () => {
    const limited = (method: string, resultBytes: number) => {
      const machine = opened()
      machine.step('open', request(method))
      return [1, 2].map(() => end(machine.step('next', request('', [], { limits: { resultBytes } }))))
    }
    assert.deepEqual(limited('large', 50), ['["xxxxxxxxxx"]', 'RESULT_TOO_LARGE'])
    assert.deepEqual(limited('large', 12), ['["xxxxxxxxxx"]', 'RESULT_TOO_LARGE'])
    assert.deepEqual(limited('large', 11), ['RESULT_TOO_LARGE', 'RESULT_TOO_LARGE'])
    const machine = opened()
    machine.step('open', request('spins'))
    assert.equal(end(machine.step('next', request(''))), '[1]')
    assert.equal(end(machine.step('next', request('', [], { limits: { gas: 10_000_000n } }))), 'OUT_OF_GAS')
    assert.equal(end(machine.step('next', request(''), () => 'CANCELLED')), 'CANCELLED')
    assert.equal(end(machine.query(request('count'))), '0')
  })

  it('go on when what was missing is there', () => {
    const machine = opened()
    const cid = JSON.parse(end(machine.query(request('name', [BLOCK]))))
    machine.step('open', request('reads', [cid]))
    assert.equal(end(machine.step('next', request(''))), '[1]')
    assert.equal(end(machine.step('next', request(''))), 'CONTENT_NEEDED')
    const given = { ...request(''), content: new Map([[cid, BLOCK]]) }
    assert.match(end(machine.step('next', given)), /^\[\{"\/":\{"bytes"/)
    assert.equal(end(machine.step('next', request(''))), '[3]')
  })

  it('know the time, the caller and the numbers of each step', () => {
    const machine = opened()
    machine.step('open', request('times'))
    const step = (time: number, seed: number) =>
      end(
        machine.step(
          'next',
          request('', [], { context: { time, seed: new Uint8Array(32).fill(seed), caller: `c${seed}` } }),
        ),
      )
    const [first, second] = [JSON.parse(step(1000, 1)), JSON.parse(step(2000, 2))]
    assert.deepEqual([first[0][0], first[0][2], second[0][0], second[0][2]], [1000, 'c1', 2000, 'c2'])
    assert.notEqual(first[0][1], second[0][1])
  })

  it('leave a service as it was: a call before and after has the same root', () => {
    const [one, other] = [opened(), opened()]
    other.query(request('upTo', [3]))
    assert.equal(hex(one.call(request('bump')).change!.root), hex(other.call(request('bump')).change!.root))
  })

  it('work through a worker, on an instance of their own', async () => {
    const test: TestVm = await testVm({ workers: 1 })
    const { vm } = test
    try {
      const { origin } = await vm.genesis('a', bytes(SOURCE), request('init'))
      await vm.open('own', origin!)
      assert.equal(end(await vm.stream('own', request('upTo', [2]))), 'null')
      assert.equal(end(await vm.next('own', request(''))), '[1]')
      const gone = await vm.next('own', request(''), { signal: AbortSignal.abort() })
      assert.equal(end(gone), 'CANCELLED', message(gone))
      assert.equal(end(await vm.next('own', request(''))), '[2]')
      assert.equal(end(await vm.next('own', request(''))), '[]')
      assert.equal(end(await vm.query('a', request('count'))), '0')
    } finally {
      await vm.stop()
    }
  })

  it('keep their place while others are slow, and while they are slow themselves', async () => {
    const { vm } = await testVm({ workers: 1, audit: false })
    try {
      const { origin } = await vm.genesis('slow', bytes(SOURCE), request('init'))
      for (const key of ['own', 'witness']) await vm.open(key, origin!)
      assert.equal(end(await vm.stream('own', request('upTo', [9]))), 'null')
      const controller = new AbortController()
      const spinning = vm.query('slow', request('forever', [], ENDLESS), { signal: controller.signal })
      const next = vm.next('own', request(''))
      // what can be opened again is sent away from behind what is slow
      await assert.rejects(vm.query('witness', request('count')), { code: 'NOT_OPEN' })
      controller.abort()
      assert.deepEqual([end(await spinning), end(await next)], ['CANCELLED', '[1]'])

      await vm.open('spins', origin!)
      await vm.stream('spins', request('spins'))
      await vm.next('spins', request(''))
      const gas = { limits: { gas: 400_000_000n } }
      for (let i = 0; i < 3; i++) {
        const slow = vm.next('spins', request('', [], gas))
        const behind = vm.next('own', request(''))
        assert.deepEqual([end(await slow), end(await behind)], ['OUT_OF_GAS', `[${2 + i}]`])
      }
      assert(vm.isOpen('own') && vm.isOpen('spins'))
    } finally {
      await vm.stop()
    }
  })
})
