import type { CID } from 'multiformats/cid'
import { cidFrom, sameBytes } from './block.ts'
import type { Bookkeeping } from './bookkeeping.ts'
import type { ChainComponents } from './chain.ts'
import { broken, readParent, serviceOf } from './chain.ts'
import { checkBlock } from './checked-blocks.ts'
import type { StepBody } from './commit-body.ts'
import { decodeCommit, type SignedCommit } from './commit-codec.ts'
import { MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES, MAX_DELTAS_HELD } from './constants.ts'
import type { Blocks, LocalBlocks } from './database-types.ts'
import { decodeDelta } from './delta-codec.ts'
import { StoreError } from './errors.ts'
import { loadCheckpoint } from './page-table.ts'
import type { PagedImage } from './paged-image.ts'
import { createPagedImage } from './paged-image.ts'
import { need, unpackPayload } from './payload.ts'

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
}

/**
 * The memory after a commit: that of a checkpoint, with the deltas that lead to the commit applied and the root compared. Reads as many
 * commits as lie between the two, whatever the length of the history.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, ROOT_MISMATCH
 */
export const stateAt = async (components: StateComponents, service: CID, at: CID): Promise<StateAt> => {
  const { blocks } = components
  const last = await headAt(blocks, service, at)
  const { deltas, ...base } = await baseOf(components, at)
  const { table } = await loadCheckpoint(base.cid, blocks)
  const paged = createPagedImage(table, blocks)
  let { deltaBytes } = base
  for (const delta of deltas.reverse()) deltaBytes += await applyPayload(paged, await stepOf(delta, blocks), blocks)
  const { root, seq } = last.body
  await expectRoot(paged, root, at)
  return { paged, root, commit: at, seq, deltaBytes }
}

/** A commit of a history that is here: its signature was checked when it came, or made; that it is still the same its hash says. */
const headAt = async (blocks: Blocks, service: CID, cid: CID): Promise<SignedCommit> => {
  const bytes = await need(blocks, cid)
  checkBlock(cid, bytes)
  const commit = decodeCommit(cid, bytes)
  if (serviceOf(commit).equals(service)) return commit
  throw broken('belongs to another service', cid)
}

/** Where the memory of a commit comes from. */
export interface Base {
  /** the checkpoint */
  cid: CID
  /** whose memory it is */
  commit: CID
  deltaBytes: number
  /** from it to the commit that was asked for, the last one first */
  deltas: FoundDelta[]
}

/** A delta, or where it stands: of a long way from a checkpoint only the links are held. */
type FoundDelta = DeltaOfStep | { commit: CID }

/** What of a step leads to the next memory. */
export type DeltaOfStep = Pick<StepBody, 'service' | 'seq' | 'delta'>

/**
 * Goes back from a commit to the nearest one whose memory stands in a checkpoint: the parents of steps, the origin of a fork, what a
 * rollback went back to.
 *
 * @throws StoreError BLOCK_MISSING, BLOCK_INVALID, BROKEN_CHAIN
 */
export const baseOf = async (components: StateComponents, at: CID): Promise<Base> => {
  const { blocks, bookkeeping } = components
  const deltas: FoundDelta[] = []
  let commit = decodeCommit(at, await need(blocks, at))
  // the next one on the way: looked for once, not at each commit
  let row = await bookkeeping.checkpointBelow(serviceOf(commit), commit.body.seq)
  for (;;) {
    const { cid, body } = commit
    if (row?.commit.equals(cid)) return { cid: row.cid, commit: cid, deltaBytes: row.deltaBytes, deltas }
    if ('checkpoint' in body) return { cid: body.checkpoint, commit: cid, deltaBytes: 0, deltas }
    if ('from' in body) {
      commit = decodeCommit(body.from, await need(blocks, body.from))
      row = await bookkeeping.checkpointBelow(serviceOf(commit), commit.body.seq)
    } else {
      if (body.kind === 'step') deltas.push(foundDelta(commit.cid, body, deltas))
      commit = await readParent(commit, blocks)
      if (row && row.seq > commit.body.seq) row = await bookkeeping.checkpointBelow(serviceOf(commit), commit.body.seq)
    }
  }
}

/** Applies a delta as it stands in a commit. Returns the bytes of its encoding. */
export const applyPayload = async (paged: PagedImage, step: DeltaOfStep, blocks: Blocks): Promise<number> => {
  const bytes = await unpackPayload(step.delta, blocks, MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES, step)
  await paged.apply(await decodeDelta(bytes))
  return bytes.length
}

/** @throws StoreError ROOT_MISMATCH */
export const expectRoot = async (paged: PagedImage, root: Uint8Array, commit: CID): Promise<void> => {
  if (sameBytes(await paged.root(), root)) return
  throw new StoreError('ROOT_MISMATCH', 'The memory after a commit does not have the root it names.', [commit])
}

/** Without the block it was decoded from. */
const foundDelta = (commit: CID, { service, seq, delta }: StepBody, before: readonly FoundDelta[]): FoundDelta => {
  if (before.length >= MAX_DELTAS_HELD) return { commit: withoutBlock(commit) }
  const last = before.at(-1)
  const isSame = last !== undefined && 'service' in last && last.service.equals(service)
  const own = isSame ? last.service : withoutBlock(service)
  return { service: own, seq, delta: delta instanceof Uint8Array ? delta.slice() : withoutBlock(delta) }
}

const withoutBlock = (cid: CID): CID => cidFrom(cid.code, Uint8Array.from(cid.multihash.digest))

const stepOf = async (found: FoundDelta, blocks: Blocks): Promise<DeltaOfStep> =>
  'delta' in found ? found : (decodeCommit(found.commit, await need(blocks, found.commit)).body as StepBody)
