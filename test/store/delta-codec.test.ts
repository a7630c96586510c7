import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import fc from 'fast-check'
import { decodeDelta, encodeDelta, sparseOf } from '../../daemon/store/delta-codec.ts'
import { StoreError } from '../../daemon/store/errors.ts'
import { isSameChange, setWords } from '../../daemon/store/sparse-delta.ts'
import { LINE, WASM_PAGE } from '../../daemon/vm/constants.ts'
import type { Delta } from '../../daemon/vm/types.ts'
import { coded, createDelta } from './kit.ts'

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 })

const deltas: fc.Arbitrary<Delta> = fc.integer({ min: 1, max: 1024 }).chain((pages) =>
  fc
    .record({
      lines: fc.uniqueArray(fc.nat((pages * WASM_PAGE) / LINE - 1), { maxLength: 30 }),
      fill: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      globals: fc.array(int32, { maxLength: 8 }),
    })
    .map(({ lines, fill, globals }) => ({
      lines: Uint32Array.from(lines).sort(),
      bytes: Uint8Array.from({ length: lines.length * LINE }, (_, i) => fill[i % fill.length]!),
      pages,
      globals,
    })),
)

describe('store: delta codec', () => {
  it('gives back what it was given', async () => {
    await fc.assert(
      fc.asyncProperty(deltas, async (delta) => {
        const { masks, words, ...rest } = await decodeDelta(await encodeDelta(delta))
        const { bytes, ...others } = delta
        assert.deepEqual(rest, others)
        assert(masks.every((mask) => mask === 255) && Buffer.compare(words, bytes) === 0)
      }),
      { numRuns: 200 },
    )
  })

  it('leaves out what is as it was before, and sets the rest alone', async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 40 })
    const known = fc.func(fc.boolean())
    await fc.assert(
      fc.asyncProperty(deltas, flips, known, async (delta, changes, isKnown) => {
        const memory = new Uint8Array(delta.bytes)
        for (const [at, change] of changes) if (memory.length > 0) memory[at % memory.length]! ^= change
        const old = new Map(Array.from(delta.lines, (line, i) => [line, memory.slice(i * LINE, (i + 1) * LINE)]))
        const sparse = sparseOf(delta, (line) => (isKnown(line) ? old.get(line) : undefined))
        const read = await decodeDelta(await encodeDelta(sparse))
        assert(Buffer.compare(read.masks, sparse.masks) === 0 && Buffer.compare(read.words, sparse.words) === 0)
        assert(isSameChange(read, delta))
        const all = Array.from(delta.lines).every((line) => isKnown(line))
        assert(!all || read.words.length <= changes.length * 4)
        let taken = 0
        delta.lines.forEach((_, i) => {
          const mask = read.masks.subarray(i * 8, (i + 1) * 8)
          taken += setWords(mask, read.words.subarray(taken), memory, i * LINE)
        })
        assert(Buffer.compare(memory, delta.bytes) === 0)
        assert.equal(taken, read.words.length)
        if (taken === 0) return
        const other = { ...delta, bytes: delta.bytes.map((byte) => byte ^ 1) }
        assert(!isSameChange(read, other))
      }),
      { numRuns: 200 },
    )
  })

  it('answers mutated bytes with a delta that holds together or a coded error', async () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(deltas, mutations, fc.nat(), async (delta, changes, cut) => {
        const bytes = await encodeDelta(delta)
        for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 64)] = value
        try {
          const read = await decodeDelta(bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length))
          await encodeDelta(read)
        } catch (error) {
          assert(error instanceof StoreError, `${error}`)
          assert.equal(error.code, 'BLOCK_INVALID')
        }
      }),
      { numRuns: 400 },
    )
  })

  it('answers any bytes with a delta or a coded error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await decodeDelta(bytes).catch((error: unknown) => assert(error instanceof StoreError, `${error}`))
      }),
      { numRuns: 500 },
    )
  })

  it('is compact: a line of zeros takes a few bytes, noise no more than itself', async () => {
    const zeros = { ...createDelta(1), bytes: new Uint8Array(3 * LINE) }
    assert((await encodeDelta(zeros)).length < 40)
    const noise = { ...createDelta(1), bytes: randomFillSync(new Uint8Array(3 * LINE)) }
    assert((await encodeDelta(noise)).length < 3 * LINE + 40)
  })

  it('takes a long delta, deflated off the main thread', async () => {
    const count = 2000
    const delta = {
      lines: Uint32Array.from({ length: count }, (_, i) => i * 2),
      bytes: Uint8Array.from({ length: count * LINE }, (_, i) => i % 200),
      pages: 16,
      globals: [],
    }
    const encoded = await encodeDelta(delta)
    assert(encoded.length < delta.bytes.length / 10)
    assert(Buffer.compare((await decodeDelta(encoded)).words, delta.bytes) === 0)
  })

  it('inflates no more than the lines it announces', async () => {
    const delta = {
      lines: Uint32Array.from({ length: 200 }, (_, i) => i),
      bytes: new Uint8Array(200 * LINE),
      pages: 1,
      globals: [],
    }
    const encoded = await encodeDelta(delta)
    // form, pages, no globals, then 200 as a varint of two bytes
    assert.deepEqual([...encoded.subarray(0, 5)], [1, 1, 0, 0xc8, 1])
    const bomb = Uint8Array.from([1, 1, 0, 1, 0, ...encoded.subarray(205)])
    await assert.rejects(decodeDelta(bomb), coded('BLOCK_INVALID'))
  })

  it('refuses what is no delta', async () => {
    const good = createDelta(1)
    const bad: Partial<Delta>[] = [
      { lines: Uint32Array.of(1, 1, 2) },
      { lines: Uint32Array.of(1, 2, 512) },
      { bytes: new Uint8Array(10) },
      { pages: 0 },
      { pages: 1025 },
      { globals: [0.5] },
      { globals: [2 ** 32] },
    ]
    for (const change of bad) await assert.rejects(encodeDelta({ ...good, ...change }), coded('STATE_INVALID'))
    const large = { ...good, bytes: new Uint8Array((32 << 20) + LINE) }
    await assert.rejects(encodeDelta(large), coded('DELTA_TOO_LARGE'))
  })
})
