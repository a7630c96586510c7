/** What the port promises (daemon/vm/machine/guest.ts), as tests: an engine for another language has to pass them as they are. */
import assert from 'node:assert/strict'
import type { Engine } from '../../daemon/vm/machine/guest.ts'
import { Machine } from '../../daemon/vm/machine/machine.ts'
import { CHANGED_LINE_GAS } from '../../daemon/vm/prices.ts'
import type { CallRequest, Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'
import { end, hex, message, type RequestOptions, request } from './kit.ts'
import { createRandom } from './random.ts'

export interface SuiteInit {
  name: string
  engine(): Promise<Engine>
  /**
   * A contract in the language of the engine that counts from 0: `increment(by = 1)` adds and returns the count, `read()` returns it,
   * `fail()` changes it and fails by CONTRACT_THREW, `spin()` changes it and never ends, `keep(bytes)` fills so much new memory for good.
   */
  counter: Uint8Array
}

const HEAP_BYTES = 3 * 2 ** 20
const GAS = { limits: { gas: 400_000_000n } }
const MUTANTS = 48
/** Every so many of them are run with the whole memory compared around each call, which takes 0.2 s. */
const AUDITED = 4

export function engineSuite({ name, engine: loadEngine, counter }: SuiteInit): void {
  describe(`vm/engine: ${name}`, () => {
    let engine: Engine
    before(async () => {
      engine = await loadEngine()
    })

    const start = (heapBytes?: number): Machine => {
      const { machine, outcome } = Machine.genesis(engine, counter, request('init'), { audit: true, heapBytes })
      assert(machine, message(outcome))
      return machine
    }
    const ask = (method: string, args: unknown[] = [], options: RequestOptions = GAS) => request(method, args, options)
    const call = (machine: Machine, method: string, ...args: unknown[]) => end(machine.call(ask(method, args)).outcome)
    const count = (machine: Machine) => end(machine.query(ask('read')))
    const assertSame = (a: Machine, b: Machine) => {
      const [left, right] = [a.image(), b.image()]
      assert.equal(Buffer.compare(left.memory, right.memory), 0)
      assert.deepEqual({ ...left, memory: 0 }, { ...right, memory: 0 })
      assert.equal(hex(a.root()), hex(b.root()))
    }

    it('starts equal services from equal contracts, with a root that anybody can compute', () => {
      const [a, b] = [start(), start()]
      assertSame(a, b)
      assert.equal(hex(a.root()), hex(rootOf(a.image())))
    })

    it('has all that a call changed in its delta', () => {
      const machine = start()
      let image = machine.image()
      for (const [method, ...args] of [['increment'], ['increment', 5], ['keep', 100_000], ['increment']] as const) {
        const { outcome, change } = machine.call(ask(method, args))
        assert(outcome.ok, message(outcome))
        image = applyDelta(image, change!.delta)
        assert.equal(hex(rootOf(image)), hex(change!.root))
      }
      assert.equal(Buffer.compare(image.memory, machine.image().memory), 0)
      assert.equal(count(machine), '7')
    })

    it('puts a query back, also one that made the memory grow', () => {
      const machine = start()
      const [image, root] = [machine.image(), hex(machine.root())]
      assert.equal(end(machine.query(ask('increment', [3]))), '3')
      assert(machine.query(ask('keep', [500_000])).ok)
      assert.equal(Buffer.compare(image.memory, machine.image().memory), 0)
      assert.equal(hex(machine.root()), root)
    })

    it('leaves no byte of a call that failed, whatever ended it', () => {
      const machine = start()
      call(machine, 'increment', 4)
      const image = machine.image()
      // in another one, so that here the memory grows for the first time in a call that fails
      const large = start().query(ask('keep', [1_000_000]))
      const failures: [CallRequest, string][] = [
        [ask('keep', [1_000_000], { limits: { gas: large.gas / 2n } }), 'OUT_OF_GAS'],
        [ask('fail'), 'CONTRACT_THREW'],
        [ask('spin'), 'OUT_OF_GAS'],
        [ask('nothing'), 'NO_SUCH_FUNCTION'],
        [ask('keep', [1_000_000], { limits: { ...GAS.limits, deltaBytes: 1000 } }), 'CHANGE_TOO_LARGE'],
        [ask('keep', [2 ** 30], { limits: { gas: 20_000_000_000n } }), 'OUT_OF_MEMORY'],
        [ask('increment', [], { limits: { ...GAS.limits, resultBytes: 0 } }), 'RESULT_TOO_LARGE'],
        [ask('increment', [], { limits: { gas: 1n } }), 'OUT_OF_GAS'],
      ]
      for (const [asked, code] of failures) {
        const { outcome, change } = machine.call(asked)
        assert.equal(end(outcome), code)
        assert.equal(change, undefined)
        assert.equal(Buffer.compare(image.memory, machine.image().memory), 0, code)
      }
      assert.equal(call(machine, 'increment'), '5')
    })

    it('charges the same for the same, and succeeds with exactly what it charges', () => {
      const gasOf = (machine: Machine) => machine.query(ask('increment')).gas
      const machine = start()
      const gas = gasOf(machine)
      assert(gas > 0n)
      assert.equal(gasOf(machine), gas)
      const limited = (limit: bigint) => end(machine.query(ask('increment', [], { limits: { gas: limit } })))
      assert.equal(limited(gas), '1')
      assert.equal(limited(gas - 1n), 'OUT_OF_GAS')
      const { outcome, change } = machine.call(ask('increment'))
      assert.equal(outcome.gas, gas + CHANGED_LINE_GAS * BigInt(change!.delta.lines.length))
    })

    it('keeps to the memory it was given, also when it goes on from an image', () => {
      const machine = start(HEAP_BYTES)
      const fill = (filled: Machine) => {
        let last = ''
        for (let i = 0; i < 60 && last !== 'OUT_OF_MEMORY'; i++) last = call(filled, 'keep', 100_000)
        return last
      }
      const cold = Machine.open(engine, { image: machine.image(), root: machine.root() }, { audit: true })
      assert.deepEqual([fill(machine), fill(cold)], ['OUT_OF_MEMORY', 'OUT_OF_MEMORY'])
      assertSame(machine, cold)
      assert.equal(call(machine, 'increment'), '1')
    })

    it('goes on from an image as if it had never stopped', () => {
      const warm = start()
      call(warm, 'increment', 2)
      call(warm, 'keep', 70_000)
      const cold = Machine.open(engine, { image: warm.image(), root: warm.root() }, { audit: true })
      for (const [method, ...args] of [
        ['increment', 3],
        ['fail'],
        ['keep', 300_000],
        ['spin'],
        ['increment'],
      ] as const) {
        const [a, b] = [warm.call(ask(method, args)), cold.call(ask(method, args))]
        assert.deepEqual(a, b)
      }
      assertSame(warm, cold)
    })

    it('accepts or puts back each call of a group by itself', () => {
      const [together, apart] = [start(), start()]
      const before = together.image()
      const requests = [ask('increment', [2]), ask('fail'), ask('spin'), ask('keep', [70_000]), ask('increment')]
      const { outcomes, change } = together.calls(requests)
      const singles = requests.slice(0, outcomes.length).map((asked) => apart.call(asked).outcome)
      assert.deepEqual(outcomes, singles)
      assertSame(together, apart)
      assert.equal(hex(rootOf(applyDelta(before, change!.delta))), hex(change!.root))
    })

    it('survives images that were made to harm, and leaves them as they were when a call fails', () => {
      const machine = start()
      call(machine, 'increment', 2)
      const image = machine.image()
      const random = createRandom(11)
      const ends = new Set<string>()
      for (let i = 0; i < MUTANTS; i++) {
        const mutant = spoil(image, random, i)
        const hostile = Machine.open(engine, { image: mutant, root: rootOf(mutant) }, { audit: i % AUDITED === 0 })
        for (const method of ['increment', 'read', 'keep']) {
          const root = hex(hostile.root())
          const { outcome } = hostile.call(ask(method, [1000], { limits: { gas: 30_000_000n } }))
          ends.add(outcome.ok ? 'ok' : outcome.error.code)
          if (!outcome.ok) assert.equal(hex(hostile.root()), root)
        }
        assert.equal(hex(rootOf(hostile.image())), hex(hostile.root()))
      }
      assert(ends.has('ok') && ends.size > 1, [...ends].join())
      // the engine itself is as good as before
      assertSame(machine, Machine.open(engine, { image, root: rootOf(image) }))
      assert.equal(call(machine, 'increment'), '3')
    })
  })
}

/** A copy in which some bytes or words are others: everywhere, or among those that are not 0, or in anchors and globals. */
function spoil(image: Image, random: () => number, round: number): Image {
  const memory = image.memory.slice()
  const pick = (n: number) => Math.floor(random() * n)
  const int32 = () => (random() * 2 ** 32) | 0
  if (round % 5 === 4) {
    const spoilt = (numbers: number[]) => numbers.map((n) => (random() < 0.5 ? int32() : n))
    return { ...image, memory, globals: spoilt(image.globals), anchors: spoilt(image.anchors) }
  }
  const view = new DataView(memory.buffer)
  for (let left = 1 << pick(12); left > 0; left--) {
    const at = pick(memory.length - 4)
    if (round % 5 === 0) memory[at] = pick(256)
    else if (view.getUint32(at) !== 0) {
      if (round % 5 === 1) view.setUint32(at & ~3, int32(), true)
      else if (round % 5 === 2) view.setUint32(at & ~3, 0xffffffff, true)
      else memory[at]! ^= 1 << pick(8)
    }
  }
  return { ...image, memory }
}
