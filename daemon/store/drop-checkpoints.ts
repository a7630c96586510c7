import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { cidFrom, RAW, sameBytes } from './block.ts'
import type { Bookkeeping, CheckpointRow } from './bookkeeping.ts'
import { checkpointDelete, checkpointKey } from './bookkeeping.ts'
import { decodeNode, decodeRoot, pageCount, ZERO_PAGE_DIGEST } from './checkpoint-codec.ts'
import { MAX_PRUNE_PAGES, PAGES_PER_NODE } from './constants.ts'
import type { LocalBlocks, LocalDatabase } from './database-types.ts'
import type { Dropped } from './drop-commits.ts'
import type { Gate } from './gate.ts'
import { isKept } from './keep.ts'
import type { PruneOptions } from './upkeep-types.ts'

export interface DropComponents {
  blocks: LocalBlocks
  database: LocalDatabase
  bookkeeping: Bookkeeping
  gate: Gate
}

/** Blocks by digest: root blocks and index nodes, or pages. */
interface Candidates {
  index: Map<string, CID>
  pages: Map<string, CID>
}

/**
 * Deletes the checkpoints below a place, with their pages, except for what any other checkpoint on this node holds as well: equal pages are
 * stored once. Checkpoints that are being written wait for the end of each round.
 */
export const dropCheckpoints = async (
  components: DropComponents,
  service: CID,
  { below, seal }: { below: number; seal: string | undefined },
  { signal }: PruneOptions,
): Promise<Pick<Dropped, 'blocks' | 'bytes'>> => {
  const dropped = { blocks: 0, bytes: 0 }
  for (;;) {
    signal?.throwIfAborted()
    const { rows, candidates } = await collect(components, service, below)
    if (rows.length === 0) return dropped
    const going = (key: string): boolean => key < checkpointKey(service, below) && key >= checkpointKey(service, 0)
    const marked = new Set<string>()
    await keepMarked(components, candidates, going, marked)
    await components.gate.alone(async () => {
      // what was written since
      await keepMarked(components, candidates, going, marked)
      const gone = [...candidates.index.values(), ...candidates.pages.values()]
      const kept = await isKept(components.database.meta, gone)
      const writes = []
      for (const cid of gone.filter((_, i) => !kept[i])) {
        const bytes = await components.blocks.get(cid)
        if (bytes === undefined) continue
        dropped.blocks++
        dropped.bytes += bytes.length
        writes.push({ delete: 'block' as const, cid, ...(seal !== undefined && { seal }) })
      }
      await components.database.commit([...writes, ...rows.map(({ seq }) => checkpointDelete(service, seq))])
    })
  }
}

/** The oldest checkpoints, as many as a round takes, and all that they are made of. */
const collect = async ({ blocks, bookkeeping }: DropComponents, service: CID, below: number) => {
  const rows: CheckpointRow[] = []
  const candidates: Candidates = { index: new Map(), pages: new Map() }
  for await (const row of bookkeeping.checkpointsFrom(service, 0)) {
    if (row.seq >= below || candidates.pages.size > MAX_PRUNE_PAGES) break
    rows.push(row)
    await eachBlock(blocks, row.cid, {
      index: (cid) => {
        if (candidates.index.has(keyOf(cid))) return false
        candidates.index.set(keyOf(cid), cid)
        return true
      },
      page: (digest) => {
        candidates.pages.set(textOf(digest), cidFrom(RAW, digest.slice()))
      },
    })
  }
  return { rows, candidates }
}

/** Takes out what the checkpoints hold that stay. */
const keepMarked = async (
  { blocks, bookkeeping }: DropComponents,
  { index, pages }: Candidates,
  going: (key: string) => boolean,
  marked: Set<string>,
): Promise<void> => {
  for await (const { key, cid } of bookkeeping.checkpoints()) {
    if (going(key)) continue
    await eachBlock(blocks, cid, {
      index: (node) => {
        if (marked.has(keyOf(node))) return false
        marked.add(keyOf(node))
        index.delete(keyOf(node))
        return true
      },
      page: (digest) => {
        pages.delete(textOf(digest))
      },
    })
    await setImmediate()
  }
}

interface Visit {
  /** the root or a node. @returns whether to look into it */
  index(cid: CID): boolean
  page(digest: Uint8Array): void
}

const eachBlock = async (blocks: LocalBlocks, root: CID, visit: Visit): Promise<void> => {
  if (!visit.index(root)) return
  const bytes = await blocks.get(root)
  if (bytes === undefined) return
  const { pages, nodes } = decodeRoot(bytes)
  for (const [i, node] of nodes.entries()) {
    const content = visit.index(node) ? await blocks.get(node) : undefined
    if (content === undefined) continue
    const digests = new Uint8Array(Math.min(PAGES_PER_NODE, pageCount(pages) - i * PAGES_PER_NODE) * HASH)
    decodeNode(content, digests)
    for (let at = 0; at < digests.length; at += HASH) {
      const digest = digests.subarray(at, at + HASH)
      if (!sameBytes(digest, ZERO_PAGE_DIGEST)) visit.page(digest)
    }
  }
}

const textOf = (digest: Uint8Array): string => Buffer.from(digest).toString('latin1')
const keyOf = (cid: CID): string => textOf(cid.multihash.digest)
