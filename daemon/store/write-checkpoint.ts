import type { CID } from 'multiformats/cid'
import { HASH } from '../vm/constants.ts'
import { rootFromLeaves } from '../vm/merkle.ts'
import type { Block } from './block.ts'
import { cidFrom, RAW, sameBytes } from './block.ts'
import { encodeNode, encodeRoot, nodeCount, ZERO_PAGE_DIGEST } from './checkpoint-codec.ts'
import { BATCH_BYTES, BLOCKS_PER_BATCH } from './constants.ts'
import type { LocalDatabase, Write } from './database-types.ts'
import { nodeDigests } from './page-table.ts'
import type { PagedImage } from './paged-image.ts'

/**
 * Makes the checkpoint of a memory. Pages and nodes that are stored already are not written again.
 *
 * A small one comes back as writes for the caller's own batch, so that it appears together with what names it. Of a large one the
 * first part is on disk, synced, when this returns: blocks nobody names yet, which harm nothing if the rest never follows.
 */
export const writeCheckpoint = async (
  paged: PagedImage,
  { service, seq, seal }: { service?: CID; seq: number; seal: string | undefined },
  database: LocalDatabase,
): Promise<{ cid: CID; root: Uint8Array; writes: Write[] }> => {
  const queue = createQueue(database, seal)
  const table = await paged.table()
  for (const batch of batches(paged.changed())) {
    const added = batch
      .map(([page, bytes]) => ({ digest: table.digests.slice(page * HASH, (page + 1) * HASH), bytes }))
      .filter(({ digest }) => !sameBytes(digest, ZERO_PAGE_DIGEST))
      .map(({ digest, bytes }) => ({ cid: cidFrom(RAW, digest), bytes }))
    const here = await database.scope(seal).hasMany(added.map(({ cid }) => cid))
    for (const [i, page] of added.entries()) if (!here[i]) await queue.add(page)
  }
  const nodes: CID[] = []
  for (let i = 0; i < nodeCount(table.pages); i++) {
    const stored = table.nodes[i]
    if (stored !== undefined) {
      nodes.push(stored)
      continue
    }
    const node = encodeNode(nodeDigests(table, i))
    nodes.push(node.cid)
    await queue.add(node)
  }
  const { pages, globals, anchors } = table
  const root = rootFromLeaves(table.digests, table)
  const block = encodeRoot({ ...(service ? { service } : {}), seq, root, pages, globals, anchors, nodes })
  await queue.add(block)
  return { cid: block.cid, root, writes: queue.rest() }
}

/** Collects blocks, and writes them whenever they make a full batch. */
const createQueue = (
  database: LocalDatabase,
  seal: string | undefined,
): { add(block: Block): Promise<void>; rest(): Write[] } => {
  let writes: Write[] = []
  let bytes = 0
  return {
    add: async (block) => {
      writes.push({ put: 'block', ...block, ...(seal !== undefined && { seal }) })
      bytes += block.bytes.length
      if (bytes < BATCH_BYTES) return
      const full = writes
      writes = []
      bytes = 0
      await database.commit(full)
    },
    rest: () => writes,
  }
}

function* batches<T>(items: Iterable<T>): Iterable<T[]> {
  let batch: T[] = []
  for (const item of items) {
    batch.push(item)
    if (batch.length < BLOCKS_PER_BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
