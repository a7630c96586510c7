import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { HASH, LINE, PAGE, WASM_PAGE } from '../vm/constants.ts'
import { rootFromLeaves } from '../vm/merkle.ts'
import type { Image } from '../vm/types.ts'
import { cidFrom, RAW, sameBytes, sha256 } from './block.ts'
import { checkBlock } from './checked-blocks.ts'
import { pageCount, ZERO_PAGE_DIGEST } from './checkpoint-codec.ts'
import type { SparseDelta } from './commit-types.ts'
import { BLOCKS_PER_BATCH, HASHES_PER_TURN, LINE_MASK, PAGES_PER_NODE } from './constants.ts'
import type { LocalBlocks } from './database-types.ts'
import { StoreError } from './errors.ts'
import type { PageTable } from './page-table.ts'
import { emptyTable, growTable } from './page-table.ts'
import { setWords } from './sparse-delta.ts'

/**
 * A memory of which only the pages that change are in our hands: deltas, the root and the next checkpoint cost what the
 * deltas touch, not what the service holds.
 */
export interface PagedImage {
  /** Applies the delta of the next commit. @throws StoreError BLOCK_INVALID, BLOCK_MISSING */
  apply(delta: SparseDelta): Promise<void>
  root(): Promise<Uint8Array>
  /** The table, with the digests of all changed pages. */
  table(): Promise<PageTable>
  /** the pages in our hands, by index */
  changed(): ReadonlyMap<number, Uint8Array>
  /** The whole memory. @throws StoreError BLOCK_MISSING */
  image(): Promise<Image>
  /** Pages that are not on this disk, up to one batch of them. */
  missing(): Promise<CID[]>
}

const LINES_PER_PAGE = PAGE / LINE

/**
 * @param table is taken over, not copied
 * @param pages pages that differ from the table. @default none
 */
export const createPagedImage = (
  table: PageTable,
  blocks: LocalBlocks,
  pages: Map<number, Uint8Array> = new Map(),
): PagedImage => {
  const stale = new Set(pages.keys())
  /** since others had their turn */
  let hashed = 0

  const digestOf = (page: number): Uint8Array => table.digests.subarray(page * HASH, (page + 1) * HASH)
  const isZero = (page: number): boolean => sameBytes(digestOf(page), ZERO_PAGE_DIGEST)
  const linkOf = (page: number): CID => cidFrom(RAW, digestOf(page).slice())

  const load = async (wanted: readonly number[]): Promise<Uint8Array[]> => {
    const links = wanted.map(linkOf)
    const found = await blocks.getMany(links)
    const missing = links.filter((_, i) => found[i] === undefined)
    if (missing.length > 0) throw new StoreError('BLOCK_MISSING', 'Pages of a memory are not on this node.', missing)
    const pages = found.map((bytes, i) => {
      // a page that the disk damaged is named here; whoever opens the memory need not look at it again
      if (bytes) checkBlock(links[i]!, bytes)
      if (bytes?.length !== PAGE)
        throw new StoreError('BLOCK_INVALID', 'A page of a memory is not what its name says.', [links[i]!])
      return bytes
    })
    hashed += pages.length
    if (hashed < HASHES_PER_TURN) return pages
    hashed = 0
    await setImmediate()
    return pages
  }

  const take = async (wanted: readonly number[]): Promise<void> => {
    for (const page of wanted) if (isZero(page)) pages.set(page, new Uint8Array(PAGE))
    for (const batch of batches(wanted.filter((page) => !pages.has(page)))) {
      const loaded = await load(batch)
      batch.forEach((page, i) => {
        pages.set(page, loaded[i]!.slice())
      })
    }
  }

  const rehash = async (): Promise<void> => {
    for (const page of stale) {
      table.digests.set(sha256(pages.get(page)!), page * HASH)
      table.nodes[Math.floor(page / PAGES_PER_NODE)] = undefined
      if (++hashed % HASHES_PER_TURN === 0) await setImmediate()
    }
    hashed %= HASHES_PER_TURN
    stale.clear()
  }

  return {
    apply: async ({ lines, masks, words, pages: size, globals }) => {
      if (size < table.pages || globals.length !== table.globals.length) {
        throw new StoreError('BLOCK_INVALID', 'The delta of a commit does not fit the memory before it.')
      }
      growTable(table, size)
      table.globals = [...globals]
      const touched = new Set(Array.from(lines, (line) => Math.floor(line / LINES_PER_PAGE)))
      await take([...touched].filter((page) => !pages.has(page)))
      let taken = 0
      lines.forEach((line, i) => {
        const page = pages.get(Math.floor(line / LINES_PER_PAGE))!
        const mask = masks.subarray(i * LINE_MASK, (i + 1) * LINE_MASK)
        taken += setWords(mask, words.subarray(taken), page, (line % LINES_PER_PAGE) * LINE)
      })
      for (const page of touched) stale.add(page)
    },
    root: async () => {
      await rehash()
      return rootFromLeaves(table.digests, table)
    },
    table: async () => {
      await rehash()
      return table
    },
    changed: () => pages,
    image: async () => {
      const memory = new Uint8Array(table.pages * WASM_PAGE)
      for (const [page, bytes] of pages) memory.set(bytes, page * PAGE)
      for (const batch of batches(range(pageCount(table.pages)).filter((page) => !pages.has(page) && !isZero(page)))) {
        const loaded = await load(batch)
        batch.forEach((page, i) => {
          memory.set(loaded[i]!, page * PAGE)
        })
      }
      return { memory, pages: table.pages, globals: [...table.globals], anchors: [...table.anchors] }
    },
    missing: async () => {
      for (const batch of batches(range(pageCount(table.pages)).filter((page) => !pages.has(page) && !isZero(page)))) {
        const links = batch.map(linkOf)
        const here = await blocks.hasMany(links)
        const missing = links.filter((_, i) => !here[i])
        if (missing.length > 0) return missing
      }
      return []
    },
  }
}

/** The same, of a memory that is at hand: all its pages count as changed, except those of zeros. The memory is not copied. */
export const pagedFromImage = ({ memory, pages, globals, anchors }: Image, blocks: LocalBlocks): PagedImage => {
  const zero = new Uint8Array(PAGE)
  const filled = range(pageCount(pages))
    .map((page): [number, Uint8Array] => [page, memory.subarray(page * PAGE, (page + 1) * PAGE)])
    .filter(([, bytes]) => !sameBytes(bytes, zero))
  return createPagedImage(emptyTable(pages, [...globals], [...anchors]), blocks, new Map(filled))
}

function* batches<T>(items: readonly T[]): Iterable<T[]> {
  for (let at = 0; at < items.length; at += BLOCKS_PER_BATCH) yield items.slice(at, at + BLOCKS_PER_BATCH)
}

const range = (end: number): number[] => Array.from({ length: end }, (_, i) => i)
