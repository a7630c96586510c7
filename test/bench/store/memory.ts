/** A memory that is not empty, and commits that change as much of it as a transfer does. */
import { randomFillSync } from 'node:crypto'
import type { NewCommit } from '../../../daemon/store/types.ts'
import { WASM_PAGE } from '../../../daemon/vm/constants.ts'
import { createMerkleTree } from '../../../daemon/vm/merkle.ts'
import type { Delta, Image } from '../../../daemon/vm/types.ts'
import { CONTRACT, callRecord, ENGINE } from '../../store/kit.ts'
import { applyDeltaTo } from '../../support/image.ts'

/** A transfer: 4.6 KB. */
const LINES = 18

export interface Memory {
  /** as it was at first */
  image: Image
  /** the next commit */
  next(): NewCommit
}

export function createMemory(pages: number): Memory {
  const first: Image = { memory: new Uint8Array(pages * WASM_PAGE), pages, globals: [1], anchors: [2] }
  for (let at = 0; at < first.memory.length; at += WASM_PAGE) randomFillSync(first.memory, at, 40_000)
  const tree = createMerkleTree()
  tree.update(first.memory, [])
  let image: Image = { ...first, memory: first.memory.slice() }
  let step = 0
  return {
    image: first,
    next() {
      const delta = deltaOf(image, step++)
      image = applyDeltaTo(image, delta)
      tree.update(image.memory, [...new Set(Array.from(delta.lines, (line) => line >> 4))])
      return { contract: CONTRACT, engine: ENGINE, time: 1, calls: [callRecord(1, 400)], delta, root: tree.root(image) }
    },
  }
}

function deltaOf({ pages, globals }: Image, step: number): Delta {
  const picked = new Set(Array.from({ length: LINES }, (_, i) => (i % 6) * 160 + ((step * 7 + i * 13) % 400)))
  const lines = Uint32Array.from(picked).sort()
  const bytes = Uint8Array.from({ length: lines.length * 256 }, (_, i) => (i % 5 === 0 ? (step + i) % 251 : 0))
  return { lines, bytes, pages, globals }
}
