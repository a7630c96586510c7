import { CID } from 'multiformats/cid'
import { RAW } from './block.ts'
import type { BaseRow, Bookkeeping } from './bookkeeping.ts'
import { checkpointDelete } from './bookkeeping.ts'
import { serviceOf } from './chain.ts'
import { type CommitBody, isFirst } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import type { PackedContent } from './commit-content.ts'
import { MAX_FORKS, MEND_BATCH } from './constants.ts'
import type { LocalDatabase } from './database-types.ts'
import { StoreError } from './errors.ts'
import { knownHead } from './known-head.ts'
import { links, linksIn } from './links.ts'
import type { Mended, MendOptions } from './upkeep-types.ts'
import { createWholeBlocks, keyOf, type WholeBlocks } from './whole-blocks.ts'

export interface MendComponents {
  database: LocalDatabase
  bookkeeping: Bookkeeping
}

/**
 * Reads every block of a history that is to be on this disk, and has those fetched that are missing or damaged: commits with all that they
 * link, contracts and content among it, as far down as the history goes here, and checkpoints. A checkpoint that cannot be made
 * whole is given up if the commits from an older one on are: they lead to the same memory.
 *
 * @throws StoreError NO_SUCH_SERVICE, STORE_CORRUPT
 */
export const mendHistory = async (
  { database, bookkeeping }: MendComponents,
  service: CID,
  options: MendOptions,
): Promise<Mended> => {
  const row = await knownHead(bookkeeping, service)
  const blocks = createWholeBlocks(database, row.seal, options)
  const walk = createWalk(blocks, options)
  const first = row.base?.seq ?? 0

  let at: { commit: CID; base: BaseRow | undefined } | undefined = { commit: row.commit, base: row.base }
  for (let forks = 0; at && forks <= MAX_FORKS; forks++) {
    const from = await walk.chain(at.commit, at.base?.commit)
    const origin = from && (await walk.commit(from))
    at = origin && { commit: from, base: (await bookkeeping.head(serviceOf(origin)))?.base }
  }
  // what says whose key counts is wanted also where the chain down to it is broken
  if (first > 0 || blocks.lost.size > 0) for (const cid of [service, ...row.handovers]) await walk.alone(cid)

  const needed = new Map(blocks.lost)
  const isWhole = needed.size === 0
  let checkpoints = 0
  for await (const { cid, seq } of bookkeeping.checkpointsFrom(service, first)) {
    if (await walk.dag([cid], false)) continue
    if (seq > first && isWhole) {
      checkpoints++
      await database.commit([checkpointDelete(service, seq)])
    } else for (const [key, one] of blocks.lost) needed.set(key, one)
  }
  return { ...blocks.mended, checkpoints, lost: [...needed.values()] }
}

const createWalk = (blocks: WholeBlocks, { signal, onProgress }: MendOptions) => {
  /** pages, files, content, and commits by their name alone: what many link */
  const leaves = new Set<string>()
  const contracts = new Set<string>()
  let done = 0

  /** @returns whether all of it is here */
  const dag = async (roots: readonly CID[], isOpen: boolean): Promise<boolean> => {
    const seen = new Set<string>()
    const queue = [...roots]
    let isWhole = true
    while (queue.length > 0) {
      signal?.throwIfAborted()
      const wanted = queue.splice(-MEND_BATCH).filter((cid) => {
        if (blocks.isLost(cid)) isWhole = false
        const key = keyOf(cid)
        return !seen.has(key) && !leaves.has(key) && seen.add(key)
      })
      for (const [i, bytes] of (await blocks.getMany(wanted, isOpen)).entries()) {
        const cid = wanted[i]!
        if (bytes === undefined) isWhole = false
        else if (cid.code === RAW || isCommit(bytes)) leaves.add(keyOf(cid))
        else queue.push(...linksOf(cid, bytes))
      }
      done += wanted.length
      onProgress?.({ done })
    }
    return isWhole
  }

  const commit = async (cid: CID) => {
    const [bytes] = await blocks.getMany([cid], false)
    return bytes && decodeCommit(cid, bytes)
  }

  /** Of a sealed service it stands in a block of its own. */
  const contentOf = async (content: PackedContent | undefined): Promise<readonly CID[]> => {
    const link = CID.asCID(content)
    if (link === null) return (content ?? []) as readonly CID[]
    const [bytes] = await blocks.getMany([link], false)
    return bytes ? linksOf(link, bytes).filter(({ code }) => code === RAW) : []
  }

  /** What a commit links, but for the commits and services it names; of what was pruned below it the memory, too. */
  const parts = async (body: CommitBody, isEdge: boolean): Promise<void> => {
    if (!contracts.has(keyOf(body.contract))) await dag([body.contract], true)
    contracts.add(keyOf(body.contract))
    const content = 'content' in body ? await contentOf(body.content) : []
    if (content.length > 0) await dag(content, true)
    const memory = 'checkpoint' in body && isEdge && isFirst(body) ? [body.checkpoint] : []
    const commits = ['parent' in body ? body.parent : undefined, 'from' in body ? body.from : undefined]
    const apart = new Set([body.service, body.contract, ...commits, ...content, ...memory].map(String))
    const { engine: _, ...linking } = body
    const own = linksIn(linking).filter((cid) => !apart.has(cid.toString()))
    if (own.length > 0) await dag(own, false)
  }

  const alone = async (cid: CID): Promise<void> => {
    const found = await commit(cid)
    if (found) await parts(found.body, true)
  }

  /** From a commit down to the base, or the first. @returns the commit that this was forked from */
  const chain = async (head: CID, base: CID | undefined): Promise<CID | undefined> => {
    for (let at: CID | undefined = head; at; ) {
      const found = await commit(at)
      if (!found) return undefined
      const { body, cid } = found
      const isEdge = base?.equals(cid) ?? false
      await parts(body, isEdge)
      onProgress?.({ done: ++done })
      if (isEdge) return undefined
      if (isFirst(body)) return body.kind === 'fork' ? body.from : undefined
      at = body.parent
    }
    return undefined
  }

  return { dag, commit, alone, chain }
}

/** A map of `sig` and `body`, as its first bytes say: what a commit links names its service, and a chain is walked by itself. */
const isCommit = (bytes: Uint8Array): boolean => COMMIT_START.every((byte, i) => bytes[i] === byte)
const COMMIT_START = [0xa2, 0x63, ...Buffer.from('sig')]

/** A copy may hold blocks that nobody has read yet: what is none of ours leads nowhere. */
const linksOf = (cid: CID, bytes: Uint8Array): CID[] => {
  try {
    return links(cid, bytes)
  } catch (error) {
    if (error instanceof StoreError) return []
    throw error
  }
}
