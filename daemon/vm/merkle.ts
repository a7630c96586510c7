/** The Merkle root of a memory, whole or kept up to date page by page. See specs/vm.md, "Root". */
import { hash } from 'node:crypto'
import { FANOUT, HASH, PAGE, WASM_PAGE } from './constants.ts'
import { VmError } from './errors.ts'

const PAGES_PER_WASM_PAGE = WASM_PAGE / PAGE

/** The part of an image that is not memory. Every number is a 32-bit integer, signed or not. */
export interface Registers {
  /** size of the memory, in pages of 64 KiB */
  pages: number
  globals: readonly number[]
  anchors: readonly number[]
}

/** Keeps the tree of one memory: an update hashes the given pages and their ancestors, nothing else. */
export interface MerkleTree {
  /**
   * Follows the memory: `memory` is all that is live, its length a multiple of 64 KiB; `changed` are the indexes of its
   * 4 KiB pages that may differ since the last update, ascending, each once. Pages new or gone since then need not be named.
   */
  update(memory: Uint8Array, changed: Iterable<number>): void
  /** the digests of the pages, 32 bytes each; valid until the next update */
  leaves(): Uint8Array
  /** the top of the tree alone, without the registers; valid until the next update */
  top(): Uint8Array
  root(registers: Registers): Uint8Array
}

/** @param leaves digests of the pages that the tree starts with; copied. @default none: an empty memory */
export function createMerkleTree(leaves: Uint8Array = new Uint8Array(0)): MerkleTree {
  const levels = levelsFor(leaves.length / HASH)
  levels[0]!.set(leaves)
  rehash(levels, range(0, leaves.length / HASH))

  return {
    update(memory, changed) {
      const before = levels[0]!.length / HASH
      const count = memory.length / PAGE
      if (count !== before) resize(levels, count)
      const pages = count > before ? [...below(changed, before), ...range(before, count)] : [...below(changed, count)]
      for (const page of pages) levels[0]!.set(sha256(memory.subarray(page * PAGE, (page + 1) * PAGE)), page * HASH)
      rehash(levels, count === before ? pages : range(0, count))
    },
    leaves: () => levels[0]!,
    top: () => levels.at(-1)!,
    root: (registers) => sealed(levels.at(-1)!, registers),
  }
}

/** The digests of all pages of a memory, 32 bytes each: each is also the digest of that page's raw block. */
export function leavesOf(memory: Uint8Array): Uint8Array {
  const leaves = new Uint8Array((memory.length / PAGE) * HASH)
  for (let page = 0; page * PAGE < memory.length; page++) {
    leaves.set(sha256(memory.subarray(page * PAGE, (page + 1) * PAGE)), page * HASH)
  }
  return leaves
}

/**
 * The root of an image whose page digests are known.
 *
 * @throws VmError BAD_IMAGE if there is not one digest for each 4 KiB page
 */
export function rootFromLeaves(leaves: Uint8Array, registers: Registers): Uint8Array {
  if (leaves.length !== registers.pages * PAGES_PER_WASM_PAGE * HASH) {
    throw new VmError('BAD_IMAGE', 'The page digests do not match the size of the memory.', 'Fetch the state again.')
  }
  return createMerkleTree(leaves).root(registers)
}

/** Binds the registers to the tree: sha-256 of the top, then 32-bit little-endian numbers, each list after its length. */
function sealed(top: Uint8Array, { pages, globals, anchors }: Registers): Uint8Array {
  const numbers = [pages, globals.length, ...globals, anchors.length, ...anchors]
  const bytes = new Uint8Array(HASH + numbers.length * 4)
  const view = new DataView(bytes.buffer)
  bytes.set(top)
  numbers.forEach((number, i) => {
    view.setInt32(HASH + i * 4, number, true)
  })
  return sha256(bytes)
}

/** Level 0 holds the leaves, each further level a 16th of the one below, the last one digest: the top. */
function levelsFor(count: number): Uint8Array[] {
  const levels = [new Uint8Array(count * HASH)]
  for (let nodes = count; nodes > 1 || levels.length === 1; ) {
    nodes = Math.max(1, Math.ceil(nodes / FANOUT))
    levels.push(new Uint8Array(nodes * HASH))
  }
  return levels
}

function resize(levels: Uint8Array[], count: number): void {
  const leaves = levels[0]!
  levels.splice(0, levels.length, ...levelsFor(count))
  levels[0]!.set(leaves.subarray(0, count * HASH))
}

/** Hashes the ancestors of these leaves again, level by level. */
function rehash(levels: readonly Uint8Array[], leaves: readonly number[]): void {
  let changed = leaves
  for (let l = 1; l < levels.length; l++) {
    const below = levels[l - 1]!
    const parents = parentsOf(changed)
    for (const node of parents) {
      levels[l]!.set(sha256(below.subarray(node * FANOUT * HASH, (node + 1) * FANOUT * HASH)), node * HASH)
    }
    changed = parents
  }
}

function parentsOf(nodes: readonly number[]): number[] {
  const parents: number[] = []
  for (const node of nodes) {
    const parent = Math.floor(node / FANOUT)
    if (parents.at(-1) !== parent) parents.push(parent)
  }
  return parents
}

function* below(pages: Iterable<number>, end: number): Iterable<number> {
  for (const page of pages) if (page < end) yield page
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, i) => first + i)
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer')
}
