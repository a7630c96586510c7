import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { CHANGED_LINE_GAS } from '../../daemon/vm/prices.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import { bytes, end, hex, loadTestEngine, machineOf, request, testVm } from './kit.ts'

const CONTRACT = `
  let n = 0
  const kept = []
  export const increment = (by = 1) => n += by
  export const keep = size => { kept.push(new Uint8Array(size).fill(7)); return kept.length }
  export const fail = () => { n = -1; throw new RangeError('no') }
  export const spin = () => { n = -1; for (;;); }
  export const flood = () => { n = -1; const all = []; for (;;) all.push(new Uint8Array(1e6)) }
  export const read = () => n
`
const add = (by = 1) => request('increment', [by])
const short = (method: string) => request(method, [], { limits: { gas: 40_000_000n } })

describe('vm/machine: a group of calls', () => {
  let engine: Engine
  before(async () => {
    engine = await loadTestEngine()
  })

  it('accepts or puts back each call by itself, and has one delta and one root', () => {
    const machine = machineOf(engine, CONTRACT)
    const before = machine.image()
    const requests = [
      add(),
      request('fail'),
      add(2),
      short('spin'),
      add(3),
      request('nothing'),
      request('keep', [70_000]),
    ]
    const { outcomes, change } = machine.calls(requests)
    assert.deepEqual(outcomes.map(end), ['1', 'CONTRACT_THREW', '3', 'OUT_OF_GAS', '6', 'NO_SUCH_FUNCTION', '1'])
    assert.equal(hex(rootOf(applyDelta(before, change!.delta))), hex(change!.root))
    assert.equal(hex(machine.root()), hex(change!.root))
  })

  it('keeps what was accepted before a call that cost the instance', () => {
    const machine = machineOf(engine, CONTRACT)
    const before = machine.image()
    const flood = request('flood', [], { limits: { gas: 2_000_000_000n } })
    const { outcomes, change } = machine.calls([add(5), flood, add()])
    assert.deepEqual(outcomes.map(end), ['5', 'OUT_OF_MEMORY', '6'])
    assert.equal(hex(rootOf(applyDelta(before, change!.delta))), hex(change!.root))
    assert.equal(end(machine.query(request('read'))), '6')
  })

  it('gives the same results, gas and memory as the same calls one by one', () => {
    const [together, apart] = [machineOf(engine, CONTRACT), machineOf(engine, CONTRACT)]
    const requests = [add(), add(2), request('fail'), request('keep', [200_000]), add(3)]
    const group = together.calls(requests)
    const singles = requests.map((asked) => apart.call(asked).outcome)
    assert.deepEqual(group.outcomes, singles)
    assert.equal(hex(together.root()), hex(apart.root()))
    assert.equal(Buffer.compare(together.image().memory, apart.image().memory), 0)
  })

  it('has no change if no call succeeded', () => {
    const machine = machineOf(engine, CONTRACT)
    assert.equal(machine.calls([request('fail'), request('fail')]).change, undefined)
  })

  it('charges for changed lines, and refuses a change that is too large or not paid for, without a trace', () => {
    const machine = machineOf(engine, CONTRACT)
    const root = hex(machine.root())
    const limited = (limits: { gas?: bigint; deltaBytes?: number }) =>
      end(machine.call(request('keep', [1_000_000], { limits })).outcome)
    assert.equal(limited({ deltaBytes: 500_000 }), 'CHANGE_TOO_LARGE')
    const { gas } = machine.query(request('keep', [1_000_000]))
    assert.equal(limited({ gas: gas + 3_000n * CHANGED_LINE_GAS }), 'OUT_OF_GAS')
    assert.equal(hex(machine.root()), root)
    assert.equal(limited({ gas: gas + 5_000n * CHANGED_LINE_GAS }), '1')
  })

  it('is begun as far as its changes fit into one commit', () => {
    const machine = machineOf(engine, CONTRACT)
    const keep = request('keep', [18_000_000], { limits: { gas: 2_000_000_000n } })
    const { outcomes, change } = machine.calls([keep, keep, add()])
    assert.deepEqual(outcomes.map(end), ['1'])
    assert(change!.delta.bytes.length > 18_000_000)
    assert.deepEqual(machine.calls([keep, add()]).outcomes.map(end).slice(0, 1), ['2'])
  })

  it('goes through a worker, and gives back what has not begun', async () => {
    const { vm } = await testVm({ workers: 1, audit: false })
    try {
      await vm.genesis('a', bytes(CONTRACT), request('init'))
      const long = Array.from({ length: 500 }, () => short('spin'))
      const { outcomes } = await vm.calls('a', long)
      assert(outcomes.length >= 1 && outcomes.length < 500)
      const many = await vm.calls(
        'a',
        Array.from({ length: 300 }, () => add()),
      )
      assert.equal(end(many.outcomes.at(-1)!), String(many.outcomes.length))
      await assert.rejects(vm.calls('a', []), { code: 'BAD_REQUEST' })
    } finally {
      await vm.stop()
    }
  })

  it('carries events and content of each call through a worker, beside its result', async () => {
    const { vm } = await testVm({ workers: 1, audit: false })
    const contract = `
      import { emit } from 'amigos:events'
      import { get, put } from 'amigos:content'
      export const say = (...words) => { for (const word of words) emit('said', word); return words.length }
      export const store = (...texts) => texts.map(text => put(Uint8Array.from(text, c => c.charCodeAt(0))))
      export const load = cid => get(cid).length
    `
    try {
      await vm.genesis('a', bytes(contract), request('init'))
      const requests = [request('say', ['a', 'bc']), request('none'), request('store', ['x', 'yz']), request('say')]
      const { outcomes } = await vm.calls('a', requests)
      assert.deepEqual(
        outcomes.map(
          (outcome) => outcome.ok && outcome.events.map(({ name, value }) => [name, String(Buffer.from(value))]),
        ),
        [
          [
            ['said', '"a"'],
            ['said', '"bc"'],
          ],
          false,
          [],
          [],
        ],
      )
      const stored = outcomes[2]
      assert(stored?.ok)
      assert.deepEqual(
        stored.writes.map(({ bytes }) => String(Buffer.from(bytes))),
        ['x', 'yz'],
      )
      assert.equal(end(stored), JSON.stringify(stored.writes.map(({ cid }) => cid)))
      const [{ cid, bytes: content }] = stored.writes as [{ cid: string; bytes: Uint8Array }]
      const asked = request('load', [cid])
      const missing = (await vm.call('a', asked)).outcome
      assert(!missing.ok)
      assert.deepEqual([missing.error.code, missing.error.needs], ['CONTENT_NEEDED', cid])
      // a view of something larger, of which nothing else must go to the worker
      const view = Buffer.concat([content, Buffer.alloc(10)]).subarray(0, 1)
      const found = (await vm.call('a', { ...asked, content: new Map([[cid, view]]) })).outcome
      assert.deepEqual([end(found), found.ok && found.reads], ['1', [cid]])
    } finally {
      await vm.stop()
    }
  })

  it('gives a service the memory that its genesis asks for, within bounds', async () => {
    const { vm } = await testVm({ workers: 1 })
    try {
      for (const heapBytes of [0, 2 ** 20, 2 ** 40, 3e6 + 0.5]) {
        await assert.rejects(vm.genesis('a', bytes(CONTRACT), request('init'), { heapBytes }), { code: 'BAD_REQUEST' })
      }
      await vm.genesis('a', bytes(CONTRACT), request('init'), { heapBytes: 4 * 2 ** 20 })
      assert.equal(end((await vm.call('a', request('keep', [4_000_000]))).outcome), 'OUT_OF_MEMORY')
      assert.equal(end((await vm.call('a', request('keep', [500_000]))).outcome), '1')
    } finally {
      await vm.stop()
    }
  })
})
