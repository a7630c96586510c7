/** Commits that do more than follow their parent: another contract, an older state, somebody else's state. */
import type { CID } from 'multiformats/cid'
import { appendBody, hostedHead } from './append-commit.ts'
import { sameBytes } from './block.ts'
import type { CheckpointRow, HeadRow } from './bookkeeping.ts'
import { checkpointWrite, headWrite } from './bookkeeping.ts'
import { readCommit, serviceOf } from './chain.ts'
import { sealCommit } from './commit-codec.ts'
import { alsoWrites, blockWrite, type CreateComponents } from './create-service.ts'
import { StoreError } from './errors.ts'
import { pagedFromImage } from './paged-image.ts'
import { baseOf, type StateComponents } from './state.ts'
import type { NewFork, NewRollback, NewUpgrade } from './types.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

type Components = CreateComponents & StateComponents

/** Other code with the memory that its migration made. @throws StoreError ROOT_MISMATCH, and as appendCommit */
export const upgradeService = async (
  components: Components,
  service: CID,
  { parent, image, root, call, forced, ...upgrade }: NewUpgrade,
): Promise<{ row: HeadRow; checkpoint: CheckpointRow }> => {
  const { database } = components
  const head = await hostedHead(components, service, parent)
  const seq = head.seq + 1
  const written = await writeCheckpoint(pagedFromImage(image, database.blocks), { service, seq }, database)
  if (!sameBytes(written.root, root))
    throw new StoreError('ROOT_MISMATCH', 'The memory of an upgrade does not have its root.')
  const kind = { kind: 'upgrade' as const, checkpoint: written.cid, forced }
  const rowOf = (commit: CID): CheckpointRow => ({ cid: written.cid, seq, commit, deltaBytes: head.deltaBytes })
  const row = await appendBody(components, head, {
    ...upgrade,
    kind,
    calls: [call],
    root,
    blocks: [],
    writes: written.writes,
    also: (commit) => [checkpointWrite(service, rowOf(commit)), ...alsoWrites(upgrade.also, commit)],
  })
  return { row, checkpoint: rowOf(row.commit) }
}

/** Back to the state and the contract of an ancestor, as a new commit. @throws StoreError BROKEN_CHAIN if it is none */
export const rollBack = async (
  components: Components,
  service: CID,
  { parent, to, time, call, also }: NewRollback,
): Promise<HeadRow> => {
  const head = await hostedHead(components, service, parent)
  const { body } = await ancestor(components, head, to)
  const { contract, engine, root } = body
  const kind = { kind: 'rollback' as const, from: to }
  const added = { contract, engine, time, calls: [call], root, blocks: [] }
  return await appendBody(components, head, { ...added, kind, ...(also && { also }) })
}

/** The commit, if the head descends from it. */
const ancestor = async (components: Components, { service, commit, seq }: HeadRow, to: CID) => {
  const wanted = await readCommit(components, service, to)
  let at = await readCommit(components, service, commit)
  // every step down is one read of a small block; a rollback goes back a little, or it may take its time
  for (let left = seq - wanted.body.seq; left > 0 && 'parent' in at.body; left--)
    at = await readCommit(components, service, at.body.parent)
  if (at.cid.equals(to)) return wanted
  throw new StoreError('BROKEN_CHAIN', 'The commit is not in the history of the service.', [to])
}

/** A new service with the memory of a commit that is here: one block, whatever the size of the memory. */
export const forkService = async (
  components: Components,
  { from, genesis, time, also }: NewFork,
): Promise<{ row: HeadRow; checkpoint: CheckpointRow }> => {
  const { database, bookkeeping, signer, blocks } = components
  const { body } = await readCommit(components, undefined, from)
  const base = await baseOf(components, from)
  const { contract, engine, root } = body
  const { owner, nonce } = genesis
  const common = { epoch: 0, contract, engine, time, calls: [], root, host: signer.publicKey }
  const first = { seq: 0 as const, genesis: { owner, nonce, args: genesis.args } }
  const block = await sealCommit({ kind: 'fork', ...first, from, ...common }, signer)
  const service = block.cid
  if (await bookkeeping.head(service)) throw new StoreError('SERVICE_EXISTS', 'This service exists already.', [service])
  const origin = serviceOf(await readCommit({ ...components, blocks }, undefined, from))
  const trust = (await bookkeeping.head(origin))?.trust ?? 'signed'
  const row: HeadRow = {
    ...{ service, commit: service, seq: 0, epoch: 0, contract, root, trust },
    ...{ host: signer.publicKey, deltaBytes: 0 },
  }
  // it names the commit of the origin whose memory the checkpoint is: the fork's own is found by way of it
  const checkpoint: CheckpointRow = { cid: base.cid, seq: 0, commit: base.commit, deltaBytes: 0 }
  const writes = [blockWrite(block), headWrite(row), checkpointWrite(service, checkpoint)]
  await database.commit([...writes, ...alsoWrites(also, service)])
  return { row, checkpoint }
}
