/** Queries that are answered on the thread that asks: the same answers and gas as the worker's, or none. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MIRROR_LINES_MAX, MIRROR_QUERY_GAS, MIRROR_WASM_PAGES, WASM_PAGE } from '../../daemon/vm/constants.ts'
import type { Engine, Guest } from '../../daemon/vm/machine/guest.ts'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { createMirror, type Mirror, type Tried } from '../../daemon/vm/mirror/mirror.ts'
import { GROWN_PAGE_GAS } from '../../daemon/vm/prices.ts'
import { BROAD_CONTRACT, operations } from './broad-contract.ts'
import { end, loadMirrorEngine, loadTestEngine, machineOf, type RequestOptions, request } from './kit.ts'
import { LIMITS_CONTRACT, limitsSteps } from './limits-contract.ts'

const SOURCE = `
  import { callId, log, gasLeft } from 'amigos:context'
  import { emit } from 'amigos:events'
  import { sha256, verify } from 'amigos:crypto'
  import { get, put } from 'amigos:content'
  let n = 0
  const kept = []
  export const count = () => n
  export const add = by => n += by
  export const dive = depth => depth === 0 ? n++ : dive(depth - 1) + 1
  export const caughtDive = () => { try { return dive(1e6) } catch (error) { n = -1; return error.message } }
  export const spin = () => { for (n = 9;;); }
  export const throws = () => { n = 7; throw new Error('no') }
  export const work = turns => { let x = 0; for (let i = 0; i < turns; i++) x = (x + [i].concat(i).length) | 0; return n += x }
  export const keep = size => { kept.push(new Uint8Array(size).fill(7)); return kept.length }
  export const text = length => 'x'.repeat(length)
  export const logs = () => { n++; log('line') }
  export const caughtLog = () => { try { log('line') } catch {} return n++ }
  export const id = () => [n++, callId()]
  export const left = () => { n++; return gasLeft() }
  export const emits = () => { n++; emit('name', 1) }
  export const hashes = () => { n++; return sha256('x') }
  export const verifies = () => { n++; return verify(new Uint8Array(32), new Uint8Array(1), new Uint8Array(64)) }
  export const reads = () => { n++; return get('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku') }
  export const writes = () => { n++; return put(new Uint8Array(1)) }
`
const ASKS_HOST = ['logs', 'caughtLog', 'left', 'emits', 'hashes', 'verifies', 'reads', 'writes']

describe('vm: a mirror', () => {
  let engine: Engine
  let offeringNothing: Engine
  before(async () => {
    engine = await loadTestEngine()
    offeringNothing = await loadMirrorEngine()
  })

  const mirrorOf = (machine: Machine): Mirror => createMirror(offeringNothing, machine.image(), { audit: true })

  it('answers as the machine does, or not at all, from commit to commit', () => {
    const machine = machineOf(engine, BROAD_CONTRACT)
    let mirror = mirrorOf(machine)
    let [answered, advanced] = [0, 0]
    for (const { method, args } of operations(200, 7)) {
      const asked = request(method, args)
      const expected = machine.query(asked)
      const { outcome, isLost } = mirror.query(asked)
      if (outcome) assert.deepEqual(outcome, expected, method)
      assert.equal(isLost, false)
      answered += Number(outcome !== undefined)
      const { change } = machine.call(asked)
      if (!change) continue
      if (mirror.advance(change.delta)) advanced++
      else mirror = mirrorOf(machine)
    }
    assert(answered > 120, `${answered} of 200 answered`)
    assert(advanced > 120, `${advanced} commits taken over`)
  })

  it('answers as the machine does, or not at all, whatever ends a query', () => {
    const machine = machineOf(engine, LIMITS_CONTRACT)
    let mirror = mirrorOf(machine)
    for (const { method, args, gasLimit } of limitsSteps()) {
      // what recurses deeply is for a worker's stack
      if (method === 'dive' || method === 'catchIt') continue
      const asked = request(method, args, { limits: { gas: BigInt(gasLimit) } })
      const { outcome, isLost } = mirror.query(asked)
      if (outcome) assert.deepEqual(outcome, machine.query(asked), method)
      if (isLost) mirror = mirrorOf(machine)
    }
  })

  it('needs the gas that the machine needs, to the unit', () => {
    const machine = machineOf(engine, SOURCE)
    const mirror = mirrorOf(machine)
    const needed = machine.query(request('work', [20])).gas
    assert(needed < MIRROR_QUERY_GAS)
    for (const beside of [-2n, -1n, 0n, 1n, 2n]) {
      const asked = request('work', [20], { limits: { gas: needed + beside } })
      assert.equal(mirror.query(asked).outcome !== undefined, beside >= 0n)
      assert.equal(machine.query(asked).ok, beside >= 0n)
    }
  })

  it('agrees on any function, argument and limit', () => {
    const method = fc.constantFrom('count', 'work', 'keep', 'text', 'id', 'throws', 'dive', 'absent', ...ASKS_HOST)
    const asked = fc
      .tuple(method, fc.nat(400), fc.nat(2 * MIRROR_QUERY_GAS), fc.constantFrom(1, 100, 65_536))
      .map(([name, n, gas, resultBytes]) => request(name, [n], { limits: { gas: BigInt(gas), resultBytes } }))
    const machine = machineOf(engine, SOURCE)
    const mirror = mirrorOf(machine)
    fc.assert(
      fc.property(asked, (one) => {
        const { outcome, gas } = mirror.query(one)
        assert(gas <= 2 * MIRROR_QUERY_GAS)
        if (outcome) assert.deepEqual(outcome, machine.query(one))
      }),
    )
  })

  describe('gives no answer, and stays as it is,', () => {
    const cases: [string, string, unknown[], RequestOptions['limits']?][] = [
      ...ASKS_HOST.map((method): [string, string, unknown[]] => [`where the host is asked: ${method}`, method, []]),
      ['when a contract throws', 'throws', []],
      ['when a function is missing', 'absent', []],
      ['when it takes long', 'spin', []],
      ['when its gas is used up', 'work', [1000], { gas: 30_000n }],
      ['when its gas does not pay for the arguments', 'count', [1, 2, 3], { gas: 5n }],
      ['when the result is too large', 'text', [100], { resultBytes: 50 }],
      ['when the result costs too much', 'text', [200_000], { resultBytes: 2 ** 20 }],
    ]
    for (const [name, method, args, limits] of cases) {
      it(name, () => {
        const mirror = mirrorOf(machineOf(engine, SOURCE))
        const { outcome, gas, isLost } = mirror.query(request(method, args, { limits }))
        assert.deepEqual([outcome, isLost], [undefined, false])
        assert(gas < 2 * MIRROR_QUERY_GAS)
        assert.equal(end(mirror.query(request('count')).outcome!), '0')
      })
    }
  })

  it('answers as the machine where a contract recurses, or is lost: the stack of this thread is not that of a worker', () => {
    const machine = machineOf(engine, SOURCE)
    const deep = request('caughtDive')
    const expected = machine.query(deep)
    /** Asks with so many frames on the stack. */
    const below = (frames: number, mirror: Mirror): Tried =>
      frames === 0 ? mirror.query(deep) : below(frames - 1, mirror)
    let lost = 0
    let answered = 0
    for (let frames = 0; lost < 3; frames += 500) {
      try {
        const { outcome, isLost } = below(frames, mirrorOf(machine))
        if (outcome) assert.deepEqual(outcome, expected)
        answered += Number(outcome !== undefined)
        lost += Number(isLost)
      } catch (error) {
        // before it came to the contract, or after
        assert(error instanceof RangeError)
        lost++
      }
    }
    assert(answered > 0)
  })

  it('is lost when the memory grew by more than can be paid for, and that is counted', () => {
    const machine = machineOf(engine, SOURCE)
    for (const size of [2_000_000, 50_000_000]) {
      const mirror = mirrorOf(machine)
      const { outcome, gas, isLost } = mirror.query(request('keep', [size]))
      assert.deepEqual([outcome, isLost], [undefined, true])
      assert(gas > 0.9 * (size / WASM_PAGE) * GROWN_PAGE_GAS)
    }
  })

  it('is lost when something was written behind the live memory', () => {
    const guests: Guest[] = []
    const spied: Engine = {
      createGuest(anchors) {
        const guest = offeringNothing.createGuest(anchors)
        guests.push(guest)
        return guest
      },
    }
    const mirror = createMirror(spied, machineOf(engine, SOURCE).image(), { audit: true })
    assert.equal(mirror.query(request('count')).isLost, false)
    guests[0]!.instance.marks.fill(1, -8)
    assert.deepEqual(mirror.query(request('count')).isLost, true)
  })

  it('takes over no commit that is large, nor a memory that has become so', () => {
    const machine = machineOf(engine, SOURCE)
    const mirror = mirrorOf(machine)
    const { delta } = machine.call(request('keep', [300 * 256])).change!
    assert(delta.lines.length > MIRROR_LINES_MAX)
    assert.equal(mirror.advance(delta), false)
    const small = machine.call(request('add', [1])).change!.delta
    assert.equal(mirror.advance({ ...small, pages: MIRROR_WASM_PAGES + 1 }), false)
  })

  it('takes over a memory that has grown', () => {
    const machine = machineOf(engine, SOURCE)
    const mirror = mirrorOf(machine)
    const before = machine.pages
    for (let i = 0; i < 60 && machine.pages === before; i++) {
      const held = machine.call(request('keep', [20_000])).change!.delta
      assert.equal(mirror.advance(held), true)
    }
    assert(machine.pages > before)
    assert.deepEqual(mirror.query(request('count')).outcome, machine.query(request('count')))
  })
})
