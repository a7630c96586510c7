import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { HASH, LINE, PAGE, WASM_PAGE } from '../../daemon/vm/constants.ts'
import { checkImage } from '../../daemon/vm/image.ts'
import { changedPages } from '../../daemon/vm/machine/changed-pages.ts'
import { createMerkleTree, leavesOf, rootFromLeaves } from '../../daemon/vm/merkle.ts'
import type { Delta, Image } from '../../daemon/vm/types.ts'
import { applyDelta, rootOf } from '../support/image.ts'

const REGISTERS = { globals: [-5, 7], anchors: [1, 2, 3] }

function imageOf(pages: number, seed: number): Image {
  const memory = new Uint8Array(pages * WASM_PAGE)
  for (let i = 0; i < memory.length; i += 97) memory[i] = (i * seed) >> 5
  return { memory, pages, ...REGISTERS }
}

/** The root as specs/vm.md words it, as plainly as possible. */
function plainRoot({ memory, pages, globals, anchors }: Image): string {
  const sha = (...parts: Uint8Array[]) => {
    const digest = createHash('sha256')
    for (const part of parts) digest.update(part)
    return digest.digest()
  }
  let level = Array.from({ length: memory.length / PAGE }, (_, i) => sha(memory.subarray(i * PAGE, (i + 1) * PAGE)))
  do {
    level = Array.from({ length: Math.ceil(level.length / 16) }, (_, i) => sha(...level.slice(i * 16, (i + 1) * 16)))
  } while (level.length > 1)
  const numbers = Int32Array.of(pages, globals.length, ...globals, anchors.length, ...anchors)
  return sha(level[0]!, new Uint8Array(numbers.buffer)).toString('hex')
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const deltas = fc.record({
  lines: fc.uniqueArray(fc.nat({ max: WASM_PAGE / LINE - 1 }), { maxLength: 20 }),
  grow: fc.constantFrom(0, 0, 0, 1, 2),
  fill: fc.nat({ max: 255 }),
})

function deltaOf({ lines, grow, fill }: { lines: number[]; grow: number; fill: number }, pages: number): Delta {
  const sorted = Uint32Array.from(lines).sort()
  const bytes = new Uint8Array(sorted.length * LINE).fill(fill)
  return { lines: sorted, bytes, pages: pages + grow, globals: [fill, 7] }
}

describe('vm/merkle', () => {
  it('computes the root that the specification words', () => {
    for (const pages of [1, 2, 16, 17, 25])
      assert.equal(hex(rootOf(imageOf(pages, pages))), plainRoot(imageOf(pages, pages)))
  })

  it('has leaves that are the digests of the pages', () => {
    const { memory } = imageOf(1, 3)
    const digest = createHash('sha256')
      .update(memory.subarray(PAGE, 2 * PAGE))
      .digest('hex')
    assert.equal(hex(leavesOf(memory).subarray(HASH, 2 * HASH)), digest)
  })

  it('follows deltas to the same root as from scratch', () => {
    const check = (steps: Parameters<typeof deltaOf>[0][]) => {
      let image = imageOf(1, 11)
      const tree = createMerkleTree(leavesOf(image.memory))
      for (const step of steps) {
        const delta = deltaOf(step, image.pages)
        image = applyDelta(image, delta)
        tree.update(image.memory, changedPages(delta.lines))
      }
      assert.equal(hex(tree.root(image)), hex(rootOf(image)))
      assert.equal(hex(rootFromLeaves(tree.leaves(), image)), hex(rootOf(image)))
    }
    fc.assert(fc.property(fc.array(deltas, { maxLength: 4 }), check), { numRuns: 20 })
  })

  it('binds every register', () => {
    const image = imageOf(1, 2)
    const leaves = leavesOf(image.memory)
    const roots = [
      image,
      { ...image, globals: [-5, 8] },
      { ...image, anchors: [1, 2] },
      { ...image, globals: [-5], anchors: [7, 3, 1, 2, 3] },
    ].map((registers) => hex(rootFromLeaves(leaves, registers)))
    assert.equal(new Set(roots).size, roots.length)
  })

  it('refuses leaves that do not match the size', () => {
    const leaves = leavesOf(imageOf(2, 1).memory)
    assert.throws(() => rootFromLeaves(leaves, { pages: 1, ...REGISTERS }), { code: 'BAD_IMAGE' })
  })
})

describe('vm/image', () => {
  it('refuses images that are not whole', () => {
    const image = imageOf(1, 1)
    const bad: Partial<Image>[] = [
      { pages: 2 },
      { pages: 0, memory: new Uint8Array(0) },
      { memory: new Uint8Array(10) },
      { globals: [Number.NaN] },
      { anchors: [2 ** 40] },
    ]
    for (const change of bad) assert.throws(() => checkImage({ ...image, ...change }), { code: 'BAD_IMAGE' })
  })
})
