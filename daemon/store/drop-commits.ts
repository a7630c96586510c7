import type { CID } from 'multiformats/cid'
import { DAG_CBOR } from './block.ts'
import type { BaseRow } from './bookkeeping.ts'
import type { CommitList } from './chain.ts'
import { createCommitList } from './chain.ts'
import type { CommitBody } from './commit-body.ts'
import { isFirst } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import { COMMITS_PER_PRUNE_BATCH } from './constants.ts'
import type { LocalBlocks, LocalDatabase, Write } from './database-types.ts'
import { links } from './links.ts'
import { openOwned } from './owned-block.ts'
import { need } from './payload.ts'
import type { PruneOptions } from './upkeep-types.ts'

/** What was deleted. */
export interface Dropped {
  commits: number
  blocks: number
  /** of the blocks */
  bytes: number
}

/**
 * Deletes the commits below the base with what they alone link. The first commit stays, and so do handovers: they say whose key counts.
 * The oldest go first, so that whoever comes after a crash finds the rest from the base.
 */
export const dropCommits = async (
  { blocks, database }: { blocks: LocalBlocks; database: LocalDatabase },
  { commit: base }: BaseRow,
  seal: string | undefined,
  { signal, onProgress }: PruneOptions,
): Promise<Dropped> => {
  const below = await commitsBelow(blocks, base)
  const dropped: Dropped = { commits: 0, blocks: 0, bytes: 0 }
  for (let left = below.length; left > 0; ) {
    signal?.throwIfAborted()
    const writes: Write[] = []
    const drop = (cid: CID, bytes: Uint8Array): void => {
      writes.push({ delete: 'block', cid, ...(seal !== undefined && { seal }) })
      dropped.blocks++
      dropped.bytes += bytes.length
    }
    for (let n = 0; n < COMMITS_PER_PRUNE_BATCH && left > 0; n++) {
      const cid = below.at(--left)
      const bytes = await need(blocks, cid)
      const { body } = decodeCommit(cid, bytes)
      for (const [owned, content] of await ownedBlocks(blocks, cid, bytes, body)) drop(owned, content)
      if (body.kind === 'handover') continue
      drop(cid, bytes)
      dropped.commits++
    }
    await database.commit(writes)
    onProgress?.({ done: below.length - left, total: below.length })
  }
  return dropped
}

/** Newest first, without the first one; as far as they are here. */
const commitsBelow = async (blocks: LocalBlocks, base: CID): Promise<CommitList> => {
  const found = createCommitList()
  let { body } = decodeCommit(base, await need(blocks, base))
  while (!isFirst(body)) {
    const bytes = await blocks.get(body.parent)
    if (bytes === undefined) break
    const { cid, body: parent } = decodeCommit(body.parent, bytes)
    if (!isFirst(parent)) found.push(cid)
    body = parent
  }
  return found
}

/** The blocks that say that they belong to this commit, by following what it links. */
const ownedBlocks = async (
  blocks: LocalBlocks,
  cid: CID,
  bytes: Uint8Array,
  body: CommitBody,
): Promise<[CID, Uint8Array][]> => {
  const shared = new Set([body.service, body.contract, ...('parent' in body ? [body.parent] : [])].map(String))
  const found = new Map<string, [CID, Uint8Array]>()
  const waiting = links(cid, bytes)
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const name = next.toString()
    if (next.code !== DAG_CBOR || shared.has(name) || found.has(name)) continue
    const content = await blocks.get(next)
    if (content === undefined || !isOwned(content, body)) continue
    found.set(name, [next, content])
    waiting.push(...links(next, content))
  }
  return [...found.values()]
}

const isOwned = (bytes: Uint8Array, body: CommitBody): boolean => {
  try {
    openOwned(bytes, body)
    return true
  } catch {
    return false
  }
}
