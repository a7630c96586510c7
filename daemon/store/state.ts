import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import type { Bookkeeping, CheckpointRow } from './bookkeeping.ts'
import type { ChainComponents } from './chain.ts'
import { readCommit, readParent } from './chain.ts'
import { isGenesis } from './commit-body.ts'
import { MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES } from './constants.ts'
import { decodeDelta } from './delta-codec.ts'
import { StoreError } from './errors.ts'
import { loadCheckpoint } from './page-table.ts'
import type { PagedImage } from './paged-image.ts'
import { createPagedImage } from './paged-image.ts'
import type { Payload } from './payload.ts'
import { unpackPayload } from './payload.ts'
import type { Blocks, LocalBlocks } from './types.ts'

export interface StateComponents extends ChainComponents {
  blocks: LocalBlocks
  bookkeeping: Bookkeeping
}

/** The memory after one commit. */
export interface StateAt {
  paged: PagedImage
  root: Uint8Array
  commit: CID
  seq: number
  /** bytes of all deltas since the genesis */
  deltaBytes: number
  /** what it was made from */
  from: CheckpointRow
}

/**
 * The newest checkpoint at or before a commit, with the deltas in between applied and the root compared. Reads as many commits as
 * lie between the two, whatever the length of the history.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, ROOT_MISMATCH
 */
export const stateAt = async (components: StateComponents, service: CID, at: CID): Promise<StateAt> => {
  const { blocks, bookkeeping } = components
  const last = await readCommit(components, service, at)
  const from = await bookkeeping.checkpoint(service, last.body.seq)
  const deltas: Payload[] = []
  let commit = last
  while (commit.body.seq > from.seq && !isGenesis(commit.body)) {
    deltas.push(detached(commit.body.delta))
    commit = await readParent(commit, blocks)
  }
  if (!commit.cid.equals(from.commit)) {
    throw new StoreError('BROKEN_CHAIN', 'A commit is not in the history of its service on this node.', [
      at,
      from.commit,
    ])
  }
  const { table } = await loadCheckpoint(from.cid, blocks)
  const paged = createPagedImage(table, blocks)
  let { deltaBytes } = from
  for (const delta of deltas.reverse()) deltaBytes += await applyPayload(paged, delta, blocks)
  const { root, seq } = last.body
  await expectRoot(paged, root, at)
  return { paged, root, commit: at, seq, deltaBytes, from }
}

/** Applies a delta as it stands in a commit. Returns the bytes of its encoding. */
export const applyPayload = async (paged: PagedImage, delta: Payload, blocks: Blocks): Promise<number> => {
  const bytes = await unpackPayload(delta, blocks, MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES)
  await paged.apply(await decodeDelta(bytes))
  return bytes.length
}

/** @throws StoreError ROOT_MISMATCH */
export const expectRoot = async (paged: PagedImage, root: Uint8Array, commit: CID): Promise<void> => {
  if (sameBytes(await paged.root(), root)) return
  throw new StoreError('ROOT_MISMATCH', 'The memory after a commit does not have the root it names.', [commit])
}

/** Without the block it was decoded from. */
const detached = (delta: Payload): Payload => (delta instanceof Uint8Array ? delta.slice() : delta)
