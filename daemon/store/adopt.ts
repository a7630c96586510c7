import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { sameBytes } from './block.ts'
import type { HeadRow } from './bookkeeping.ts'
import { checkpointWrite, headWrite } from './bookkeeping.ts'
import { readCommit, serviceOf, type WalkOptions } from './chain.ts'
import type { CommitBody, FirstBody } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import { ADOPT_CHECKPOINT_COMMITS, MAX_ADOPT_COMMITS, MAX_FORKS } from './constants.ts'
import { StoreError } from './errors.ts'
import { loadCheckpoint } from './page-table.ts'
import type { PagedImage } from './paged-image.ts'
import { createPagedImage } from './paged-image.ts'
import { need } from './payload.ts'
import type { StateComponents } from './state.ts'
import { applyPayload, expectRoot, stateAt } from './state.ts'
import type { AdoptOptions, LocalDatabase, Write } from './types.ts'
import type { Walk } from './walk.ts'
import { walkHistory } from './walk.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

export interface AdoptComponents extends StateComponents {
  database: LocalDatabase
}

/** A memory at hand below the new head, from which deltas lead up to it. */
interface Start {
  paged: PagedImage
  seq: number
  deltaBytes: number
}

/** See History.adopt. */
export const adoptHead = async (
  components: AdoptComponents,
  service: CID,
  commit: CID,
  { signal, checkpoint, budget = MAX_ADOPT_COMMITS }: AdoptOptions,
): Promise<HeadRow> => {
  const known = await components.bookkeeping.head(service)
  if (known?.commit.equals(commit)) return known
  const walk = await walkHistory(components, service, commit, known, { signal, budget })
  if (!walk) return known!
  const start =
    (checkpoint && (await startAt(components, service, checkpoint, walk))) ??
    (await startBelow(components, known, walk, { signal, budget }))
  return await rebuild(components, service, walk, start, signal)
}

/** Starts from a checkpoint that somebody named. Undefined if it lies below what is known here, where it helps nothing. */
const startAt = async (
  { blocks }: AdoptComponents,
  service: CID,
  cid: CID,
  { head, fresh }: Walk,
): Promise<Start | undefined> => {
  const { service: named, seq, root, table } = await loadCheckpoint(cid, blocks)
  const back = head.body.seq - seq
  if (back >= fresh.length) return undefined
  const commit = back < 0 ? undefined : fresh.at(back)
  const { body } = commit ? decodeCommit(commit, await need(blocks, commit)) : head
  if (!commit || !named?.equals(service) || !sameBytes(root, body.root)) {
    throw new StoreError('ROOT_MISMATCH', 'A checkpoint is not of this history.', [cid])
  }
  return { paged: createPagedImage(table, blocks), seq, deltaBytes: 0 }
}

/** Starts from the known head, or from the first memory: that of the contract, or of the commit that was forked. */
const startBelow = async (
  components: AdoptComponents,
  known: HeadRow | undefined,
  { genesis }: Walk,
  options: WalkOptions,
): Promise<Start> => {
  if (known) return await stateAt(components, known.service, known.commit)
  const { cid, body } = genesis!
  if (body.kind === 'fork') {
    await checkOrigin(components, genesis!, options)
    return await stateAt(components, cid, cid)
  }
  const { service, seq, root, table } = await loadCheckpoint(body.checkpoint, components.blocks)
  if (service || seq !== 0 || !sameBytes(root, body.root)) {
    throw new StoreError('ROOT_MISMATCH', 'The checkpoint of a genesis is not of its memory.', [cid])
  }
  return { paged: createPagedImage(table, components.blocks), seq, deltaBytes: 0 }
}

/** The history that was forked is checked like any other, down to its genesis, and so on if that is a fork, too. */
const checkOrigin = async (
  components: AdoptComponents,
  fork: { cid: CID; body: FirstBody },
  options: WalkOptions,
): Promise<void> => {
  let { cid, body } = fork
  for (let forks = 0; body.kind === 'fork'; forks++) {
    if (forks >= MAX_FORKS) throw new StoreError('BUDGET_EXCEEDED', 'A service was forked too often.', [cid])
    const origin = await readCommit(components, undefined, body.from)
    const { contract, engine, root } = origin.body
    if (!contract.equals(body.contract) || !engine.equals(body.engine) || !sameBytes(root, body.root))
      throw new StoreError('BROKEN_CHAIN', 'A fork is not of the commit it names.', [cid, body.from])
    const service = serviceOf(origin)
    const walk = await walkHistory(components, service, body.from, await components.bookkeeping.head(service), options)
    if (!walk?.genesis) return
    ;({ cid, body } = walk.genesis)
  }
}

/** Applies the deltas up to the new head, then writes the checkpoints made on the way and the head in one batch. */
const rebuild = async (
  components: AdoptComponents,
  service: CID,
  { head, fresh, genesis }: Walk,
  start: Start,
  signal: AbortSignal | undefined,
): Promise<HeadRow> => {
  const { blocks, database } = components
  let { paged, deltaBytes } = start
  // rows wait for the end: one of a history that turns out to be wrong must never be found
  const rows: Write[] = []
  const leaveCheckpoint = async (seq: number, commit: CID, root: Uint8Array): Promise<void> => {
    await expectRoot(paged, root, commit)
    const { cid, writes } = await writeCheckpoint(paged, { service, seq }, database)
    await database.commit(writes)
    rows.push(checkpointWrite(service, { cid, seq, commit, deltaBytes }))
  }

  for (let seq = start.seq + 1; seq <= head.body.seq; seq++) {
    signal?.throwIfAborted()
    const cid = fresh.at(head.body.seq - seq)
    const { body } = decodeCommit(cid, await need(blocks, cid))
    if (body.kind === 'step') deltaBytes += await applyPayload(paged, body.delta, blocks)
    else paged = await replaced(components, service, cid, body)
    if (seq % ADOPT_CHECKPOINT_COMMITS !== 0) continue
    await leaveCheckpoint(seq, cid, body.root)
    await setImmediate()
  }
  await expectRoot(paged, head.body.root, head.cid)
  const missing = await paged.missing()
  if (missing.length > 0) throw new StoreError('BLOCK_MISSING', 'Pages of a memory are not on this node.', missing)

  const { seq, epoch, contract, host, root } = head.body
  if (seq > 0 || genesis?.body.kind === 'fork') await leaveCheckpoint(seq, head.cid, root)
  if (genesis?.body.kind === 'genesis') {
    rows.push(checkpointWrite(service, { cid: genesis.body.checkpoint, seq: 0, commit: service, deltaBytes: 0 }))
  }
  const row: HeadRow = { service, commit: head.cid, seq, epoch, contract, root, trust: 'signed', host, deltaBytes }
  await database.commit([...rows, headWrite(row)])
  return row
}

/** The memory after a commit that does not go on with its parent's. */
const replaced = async (components: AdoptComponents, service: CID, cid: CID, body: CommitBody): Promise<PagedImage> => {
  if (body.kind === 'rollback') {
    const { body: back } = await readCommit(components, service, body.from)
    const same =
      back.contract.equals(body.contract) && back.engine.equals(body.engine) && sameBytes(back.root, body.root)
    if (!same || back.seq >= body.seq)
      throw new StoreError('BROKEN_CHAIN', 'A rollback is not to the commit it names.', [cid, body.from])
    return (await stateAt(components, service, body.from)).paged
  }
  if (body.kind !== 'upgrade') throw new StoreError('BROKEN_CHAIN', 'A first commit follows another.', [cid])
  const { service: named, root, table } = await loadCheckpoint(body.checkpoint, components.blocks)
  if (!named?.equals(service) || !sameBytes(root, body.root))
    throw new StoreError('ROOT_MISMATCH', 'The checkpoint of an upgrade is not of its memory.', [cid])
  return createPagedImage(table, components.blocks)
}
