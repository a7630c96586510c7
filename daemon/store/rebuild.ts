import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import type { Bookkeeping, CheckpointRow, HeadRow } from './bookkeeping.ts'
import { baseWrite, checkpointDelete, checkpointWrite, headWrite } from './bookkeeping.ts'
import { isSameCode, readCommit } from './chain.ts'
import type { CommitBody, RollbackBody } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import { ADOPT_CHECKPOINT_COMMITS } from './constants.ts'
import type { LocalDatabase, Write } from './database-types.ts'
import { StoreError } from './errors.ts'
import { isInHistory } from './is-in-history.ts'
import type { PagedImage } from './paged-image.ts'
import { need } from './payload.ts'
import { sealFields } from './seal.ts'
import type { Start } from './start.ts'
import { memoryOf } from './start.ts'
import type { StateComponents } from './state.ts'
import { applyPayload, expectRoot, stateAt } from './state.ts'
import type { AdoptOptions } from './types.ts'
import type { Walk } from './walk.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

export interface RebuildComponents extends StateComponents {
  database: LocalDatabase
}

/** Applies what the new commits changed, then writes the checkpoints made on the way and the head in one batch. */
export const rebuild = async (
  { bookkeeping, ...others }: RebuildComponents,
  known: HeadRow | undefined,
  walk: Walk,
  start: Start,
  { signal, seal }: Pick<AdoptOptions, 'signal' | 'seal'>,
): Promise<HeadRow> => {
  const { blocks, database } = others
  const { head, genesis, fresh, below, on, firstCheckpoint, handovers } = walk
  const service = genesis.cid
  // rows wait for the end: one of a history that turns out to be wrong must never be found
  const left: CheckpointRow[] = []
  const components = { ...others, bookkeeping: withRows(bookkeeping, service, left) }
  let { paged, deltaBytes } = start
  if (firstCheckpoint) left.push({ cid: firstCheckpoint, seq: below.body.seq, commit: below.cid, deltaBytes: 0 })
  const leaveCheckpoint = async (seq: number, commit: CID, root: Uint8Array): Promise<void> => {
    await expectRoot(paged, root, commit)
    const { cid, writes } = await writeCheckpoint(paged, { service, seq, seal }, database)
    await database.commit(writes)
    left.push({ cid, seq, commit, deltaBytes })
  }

  for (let seq = start.seq + 1; seq <= head.body.seq; seq++) {
    signal?.throwIfAborted()
    const commit = decodeCommit(fresh.at(head.body.seq - seq), await need(blocks, fresh.at(head.body.seq - seq)))
    const { body, cid } = commit
    if (body.kind === 'step') deltaBytes += await applyPayload(paged, body, blocks)
    else paged = (await newMemory(components, known, walk, { cid, body })) ?? paged
    if (body.kind === 'upgrade') left.push({ cid: body.checkpoint, seq, commit: cid, deltaBytes })
    if (seq % ADOPT_CHECKPOINT_COMMITS !== 0) continue
    await leaveCheckpoint(seq, cid, body.root)
    await setImmediate()
  }
  await expectRoot(paged, head.body.root, head.cid)
  const missing = await paged.missing()
  if (missing.length > 0) throw new StoreError('BLOCK_MISSING', 'Pages of a memory are not on this node.', missing)

  const { seq, epoch, contract, host, root } = head.body
  if (!(firstCheckpoint && seq === below.body.seq)) await leaveCheckpoint(seq, head.cid, root)
  const begins = on === 'base' ? { commit: below.cid, seq: below.body.seq } : undefined
  const row: HeadRow = {
    ...{ service, commit: head.cid, seq, epoch, contract, root, trust: 'signed', host, deltaBytes, handovers },
    ...sealFields(seal !== undefined, seal ?? known?.seal),
  }
  // what goes on with what is known begins where that begins
  const bases = on === 'known' ? [] : [baseWrite(service, begins)]
  const gone = await goneRows(bookkeeping, service, on === 'known' ? below.body.seq + 1 : 0)
  await database.commit([...gone, ...left.map((row) => checkpointWrite(service, row)), headWrite(row), ...bases])
  return row
}

/** Finds, beside the rows on the disk, those that are not there yet. */
const withRows = (bookkeeping: Bookkeeping, service: CID, left: readonly CheckpointRow[]): Bookkeeping => ({
  ...bookkeeping,
  checkpointBelow: async (of, seq) => {
    const stored = await bookkeeping.checkpointBelow(of, seq)
    const fresh = of.equals(service) ? left.findLast((row) => row.seq <= seq) : undefined
    return fresh && fresh.seq >= (stored?.seq ?? 0) ? fresh : stored
  },
})

/** Rows of what is given up: the owner handed an older commit over, or what is here no longer connects. */
const goneRows = async (bookkeeping: Bookkeeping, service: CID, from: number): Promise<Write[]> => {
  const writes: Write[] = []
  for await (const { seq } of bookkeeping.checkpointsFrom(service, from)) writes.push(checkpointDelete(service, seq))
  return writes
}

/** The memory after a commit that does not go on with its parent's; undefined if it does. */
const newMemory = async (
  components: StateComponents,
  known: HeadRow | undefined,
  walk: Walk,
  { cid, body }: { cid: CID; body: CommitBody },
): Promise<PagedImage | undefined> => {
  if (body.kind === 'upgrade') return await memoryOf(body.checkpoint, body, components)
  if (body.kind !== 'rollback') return undefined
  // it may well be an ancestor: that cannot be seen here
  const begins = walk.on === 'known' ? known!.base : undefined
  const wanted = begins && (await components.blocks.get(body.from))
  if (begins && (!wanted || decodeCommit(body.from, wanted).body.seq < begins.seq))
    throw new StoreError('PRUNED', 'A rollback is to a commit that was pruned here.', [body.from])
  const to = await readCommit(components, body.service, body.from)
  const isAncestor = await isBelow(components, known, walk, body, { cid: to.cid, seq: to.body.seq })
  if (!isAncestor || !isSameCode(to.body, body) || !sameBytes(to.body.root, body.root))
    throw new StoreError('BROKEN_CHAIN', 'A rollback is not to the ancestor it names.', [cid, body.from])
  return (await stateAt(components, body.service, to.cid)).paged
}

const isBelow = async (
  components: StateComponents,
  known: HeadRow | undefined,
  { head, fresh, below, on }: Walk,
  rollback: RollbackBody,
  to: { cid: CID; seq: number },
): Promise<boolean> => {
  if (to.seq >= rollback.seq) return false
  if (to.seq > below.body.seq) return fresh.at(head.body.seq - to.seq).equals(to.cid)
  if (to.seq === below.body.seq) return to.cid.equals(below.cid)
  return on === 'known' && (await isInHistory(components, known!, to))
}
