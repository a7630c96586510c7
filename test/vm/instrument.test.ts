import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { LINE, WASM_PAGE } from '../../daemon/vm/constants.ts'
import { buildEngine } from '../../daemon/vm/engine/build-engine.ts'
import { ENGINE_SHA256 } from '../../daemon/vm/engine/engine-sha256.ts'
import { instrument } from '../../daemon/vm/instrument/instrument.ts'
import { STORES, ValueType } from '../../daemon/vm/instrument/opcodes.ts'
import { instantiate } from '../../daemon/vm/machine/instance.ts'
import { handMadeModule, INITIAL_PAGES, OFFSETS } from './hand-made.ts'

const MAX_PAGES = 4
const CANONICAL_NAN = 0x7ff8000000000000n

function instance() {
  const module = new WebAssembly.Module(instrument(handMadeModule(), { maxPages: MAX_PAGES }))
  const exports = new WebAssembly.Instance(module, {}).exports
  const call = (name: string, ...args: unknown[]) => (exports[name] as (...args: unknown[]) => unknown)(...args)
  const global = (name: string) => exports[name] as WebAssembly.Global
  const bytesOf = (name: string) => new Uint8Array((exports[name] as WebAssembly.Memory).buffer)
  return { call, global, memory: bytesOf('memory'), marks: bytesOf('marks') }
}

/** Every line that the run changed is marked, and at most `slack` others are. */
function checkMarks({ memory, marks }: ReturnType<typeof instance>, run: () => void, slack: number): void {
  const before = memory.slice()
  marks.fill(0)
  run()
  let idle = 0
  for (let line = 0; line < memory.length / LINE; line++) {
    const [start, end] = [line * LINE, (line + 1) * LINE]
    const changed = Buffer.compare(memory.subarray(start, end), before.subarray(start, end)) !== 0
    assert(!changed || marks[line], `line ${line} changed unmarked`)
    if (!changed && marks[line]) idle++
  }
  assert(idle <= slack, `${idle} lines are marked for nothing`)
}

describe('vm/instrument', () => {
  it('marks every store, at every place around the border of a line, with every offset', () => {
    const wasm = instance()
    const values = { [ValueType.i64]: 0x8182838485868788n, [ValueType.i32]: 0x81828384 }
    for (const [op, { type }] of STORES) {
      for (const [offset] of OFFSETS) {
        for (let address = 2 * LINE - 9; address <= 2 * LINE + 1; address++) {
          wasm.memory.fill(0)
          const value = values[type as keyof typeof values] ?? -1.1
          checkMarks(wasm, () => wasm.call(`store${op}+${offset}`, address, value), 1)
        }
      }
    }
  })

  it('marks fill and copy of every length', () => {
    const wasm = instance()
    for (const length of [0, 1, 2, 255, 256, 257, 511, 512, 513, 5000]) {
      for (let address = LINE - 2; address <= LINE + 2; address++) {
        wasm.memory.fill(0)
        checkMarks(wasm, () => wasm.call('fill', address, 9, length), 0)
        wasm.memory.set(Uint8Array.from({ length: 16_000 }, (_, i) => (i * 7) >> 3))
        checkMarks(wasm, () => wasm.call('copy', address + 9000, address, length), 1)
      }
    }
  })

  it('has room for the mark behind the last line, and keeps the end of the memory', () => {
    const wasm = instance()
    const last = wasm.memory.length - 8
    checkMarks(wasm, () => wasm.call('store55+0', last, 1n), 0)
    assert.throws(() => wasm.call('store55+0', last + 1, 1n), WebAssembly.RuntimeError)
    assert.throws(() => wasm.call('fill', last, 1, 9), WebAssembly.RuntimeError)
  })

  it('grows on a global, up to the maximum, and can be shrunk again', () => {
    const { call, global, memory } = instance()
    assert.equal(memory.length, MAX_PAGES * WASM_PAGE)
    const sizes = [call('size'), call('grow', 1), call('size'), call('grow', 1), call('grow', 1), call('grow', -1)]
    assert.deepEqual(sizes, [INITIAL_PAGES, 2, 3, 3, -1, -1])
    global('pages').value = INITIAL_PAGES
    assert.equal(call('size'), INITIAL_PAGES)
  })

  it('shows one NaN only, and leaves other floats alone', () => {
    const { call } = instance()
    const view = new DataView(new ArrayBuffer(8))
    for (const bits of [0xfff8000000000000n, 0x7ff8000000000123n, 0x7ff4000000000000n]) {
      view.setBigUint64(0, bits)
      assert.equal(BigInt.asUintN(64, call('bits', view.getFloat64(0)) as bigint), CANONICAL_NAN)
    }
    assert.equal(BigInt.asUintN(64, call('bits', -0) as bigint), 0x8000000000000000n)
    assert.equal(call('bits', 1), 0x3ff0000000000000n)
  })

  it('ends what repeats without end when the gas is used up', () => {
    const { call, global } = instance()
    global('gas').value = 1_000_000n
    assert.throws(() => call('spin'), WebAssembly.RuntimeError)
    assert((global('gas').value as bigint) < 0n && (global('gas').value as bigint) > -10n)
  })

  it('charges the same for the same, and for bulk by length', () => {
    const { call, global } = instance()
    const gasOf = (length: number) => {
      global('gas').value = 1_000_000n
      call('fill', 0, 1, length)
      return 1_000_000n - (global('gas').value as bigint)
    }
    assert.equal(gasOf(8000), gasOf(8000))
    assert.equal(gasOf(8000) - gasOf(80), 990n)
  })

  it('exports hidden mutable globals', () => {
    assert.equal(instance().global('global0').value, 7)
  })

  it('refuses what it does not know', () => {
    const unknown = {
      'table.set': [0x26, 0],
      'data.drop': [0xfc, 9, 0],
      'a vector instruction': [0xfd, 0],
      'an atomic': [0xfe, 3, 0],
      return_call: [0x12, 0],
      'a store into a second memory': [0x41, 0, 0x41, 0, 0x36, 0x42, 1, 0],
    }
    for (const [name, code] of Object.entries(unknown)) {
      const refused = () => instrument(handMadeModule(code), { maxPages: MAX_PAGES })
      assert.throws(refused, { code: 'ENGINE_UNSUPPORTED' }, name)
    }
    for (const length of [0, 7, 20, 300]) {
      assert.throws(() => instrument(handMadeModule().subarray(0, length), { maxPages: MAX_PAGES }), {
        code: 'ENGINE_UNSUPPORTED',
      })
    }
  })

  it('builds the engine that this version names', async () => {
    assert.equal(hash('sha256', await buildEngine(), 'hex'), ENGINE_SHA256)
  })

  it('asks the host below the pause, where a function calls and loops, and nowhere else', () => {
    const size = STORES.size * OFFSETS.length + 3
    // call size; drop; loop; end
    const asking = [0x10, size, 0x1a, 0x03, 0x40, 0x0b]
    const made = instantiate(new WebAssembly.Module(instrument(handMadeModule(asking), { maxPages: MAX_PAGES })), {})
    const { gas, pause, exports } = made
    let asked = 0
    made.onPause = () => void asked++
    gas.value = 1_000n
    pause.value = 0n
    exports['extra']!()
    assert.equal(asked, 0)
    pause.value = gas.value
    exports['size']!()
    exports['extra']!()
    assert.equal(asked, 1)
    const why = new Error('enough')
    made.onPause = () => {
      throw why
    }
    assert.throws(() => exports['extra']!(), why)
    // a host that goes on does not give gas
    made.onPause = () => {}
    gas.value = 0n
    assert.throws(() => exports['extra']!(), WebAssembly.RuntimeError)
  })
})
