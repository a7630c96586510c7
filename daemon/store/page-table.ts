import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { rootFromLeaves } from '../vm/merkle.ts'
import { sameBytes } from './block.ts'
import { checkBlock } from './checked-blocks.ts'
import { decodeNode, decodeRoot, pageCount, ZERO_PAGE_DIGEST } from './checkpoint-codec.ts'
import { PAGES_PER_NODE } from './constants.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import { need } from './payload.ts'

/** A memory by the digests of its pages: enough to know its root and to find each page. */
export interface PageTable {
  pages: number
  globals: number[]
  anchors: number[]
  /** digests of all pages of 4 KiB, 32 bytes each */
  digests: Uint8Array
  /** the index nodes that are stored already and still true */
  nodes: (CID | undefined)[]
}

/** A checkpoint read back, without its pages. */
export interface LoadedCheckpoint {
  service: CID | undefined
  seq: number
  root: Uint8Array
  table: PageTable
}

/** The table of a memory of zeros. */
export const emptyTable = (pages: number, globals: number[], anchors: number[]): PageTable => ({
  pages,
  globals,
  anchors,
  digests: zeroDigests(pages),
  nodes: [],
})

/** Grows the table to so many pages of 64 KiB; the new ones are zeros. */
export const growTable = (table: PageTable, pages: number): void => {
  if (pages === table.pages) return
  const digests = zeroDigests(pages)
  digests.set(table.digests)
  // the node at the old end gets more links
  table.nodes[Math.floor(pageCount(table.pages) / PAGES_PER_NODE)] = undefined
  table.digests = digests
  table.pages = pages
}

/**
 * Reads the index of a checkpoint and checks that its pages make its root.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, ROOT_MISMATCH
 */
export const loadCheckpoint = async (cid: CID, blocks: Blocks): Promise<LoadedCheckpoint> => {
  const bytes = await need(blocks, cid)
  // its numbers are in no root: its name alone vouches for them
  checkBlock(cid, bytes)
  const { service, seq, root, pages, globals, anchors, nodes } = decodeRoot(bytes)
  const table: PageTable = { pages, globals, anchors, digests: new Uint8Array(pageCount(pages) * HASH), nodes }
  for (const [i, node] of nodes.entries()) decodeNode(await need(blocks, node), nodeDigests(table, i))
  if (!sameBytes(rootFromLeaves(table.digests, table), root)) {
    throw new StoreError('ROOT_MISMATCH', 'The pages of a checkpoint do not make its root.', [cid])
  }
  return { service, seq, root, table }
}

/** The digests that stand in the index node `i`. */
export const nodeDigests = (table: PageTable, i: number): Uint8Array =>
  table.digests.subarray(i * PAGES_PER_NODE * HASH, (i + 1) * PAGES_PER_NODE * HASH)

const zeroDigests = (pages: number): Uint8Array => {
  const digests = new Uint8Array(pageCount(pages) * HASH)
  for (let at = 0; at < digests.length; at += HASH) digests.set(ZERO_PAGE_DIGEST, at)
  return digests
}
