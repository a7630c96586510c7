import assert from 'node:assert/strict'
import fc from 'fast-check'
import { LINE } from '../../daemon/vm/constants.ts'
import { instrument } from '../../daemon/vm/instrument/instrument.ts'
import { interpret, moduleOf, program } from './random-program.ts'

const GIVEN = 1_000_000_000n
const input = fc.record({ bits: fc.noBias(fc.integer()), fuel: fc.integer({ min: 0, max: 15 }) })

function run(module: WebAssembly.Module, bits: number, fuel: number) {
  const { exports } = new WebAssembly.Instance(module, {})
  const gas = exports['gas'] as WebAssembly.Global
  gas.value = GIVEN
  ;(exports['run'] as (bits: number, fuel: number) => void)(bits, fuel)
  const bytesOf = (name: string) => new Uint8Array((exports[name] as WebAssembly.Memory).buffer)
  return { gas: Number(GIVEN - (gas.value as bigint)), memory: bytesOf('memory'), marks: bytesOf('marks') }
}

describe('vm/instrument: programs at random', () => {
  it('pays for each instruction that runs, once, and marks each line that is written', () => {
    let long = 0
    const inputs = fc.array(input, { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(fc.noBias(program), fc.noBias(program), inputs, (outer, inner, inputs) => {
        const module = new WebAssembly.Module(instrument(moduleOf(outer, inner), { maxPages: 1 }))
        for (const { bits, fuel } of inputs) {
          const expected = interpret(outer, inner, bits, fuel)
          const { gas, memory, marks } = run(module, bits, fuel)
          assert.equal(gas, expected.gas)
          const shouldBe = new Uint8Array(memory.length)
          for (const address of expected.written) {
            shouldBe[address] = 0xff
            assert.equal(marks[Math.floor(address / LINE)], 1, `the write at ${address} is not marked`)
          }
          assert.equal(Buffer.compare(memory, shouldBe), 0)
          if (expected.written.size > 20) long++
        }
      }),
      { numRuns: 1200, seed: 21 },
    )
    assert(long > 300, `${long} runs wrote more than a few bytes`)
  })
})
