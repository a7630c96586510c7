/** Commits that do more than follow their parent: another contract, an older state, somebody else's state. */
import type { CID } from 'multiformats/cid'
import { appendBody, hostedHead } from './append-commit.ts'
import { sameBytes } from './block.ts'
import type { CheckpointRow, HeadRow } from './bookkeeping.ts'
import { checkpointWrite, headWrite } from './bookkeeping.ts'
import { readCommit, serviceOf } from './chain.ts'
import type { SignedCommit } from './commit-codec.ts'
import { sealCommit } from './commit-codec.ts'
import { alsoWrites, blockWrite, type CreateComponents } from './create-service.ts'
import type { Write } from './database-types.ts'
import { StoreError } from './errors.ts'
import { isInHistory } from './is-in-history.ts'
import { pagedFromImage } from './paged-image.ts'
import { sealFields, sealOf } from './seal.ts'
import { baseOf, type StateComponents } from './state.ts'
import type { NewFork, NewRollback, NewUpgrade, Trust } from './types.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

type Components = CreateComponents & StateComponents

/** Other code with the memory that its migration made. @throws StoreError ROOT_MISMATCH, and as appendCommit */
export const upgradeService = async (
  components: Components,
  service: CID,
  { parent, ...upgrade }: NewUpgrade,
): Promise<HeadRow> => upgradeHead(components, await hostedHead(components, service, parent), upgrade)

/** @param earlier of the head, if that is not written yet */
const upgradeHead = async (
  components: Components,
  before: HeadRow,
  { image, root, call, forced, trust, sealed = false, ...upgrade }: Omit<NewUpgrade, 'parent'>,
  earlier: readonly Write[] = [],
): Promise<HeadRow> => {
  const { database } = components
  const { service } = before
  const head: HeadRow = { ...before, ...(trust && { trust }), ...sealFields(sealed, before.seal) }
  const seq = head.seq + 1
  const written = await writeCheckpoint(
    pagedFromImage(image, database.blocks),
    { service, seq, seal: sealOf(head) },
    database,
  )
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
    writes: [...earlier, ...written.writes],
    also: (commit) => [checkpointWrite(service, rowOf(commit)), ...alsoWrites(upgrade.also, commit)],
  })
  return row
}

/** Back to the state and the contract of an ancestor, as a new commit. @throws StoreError BROKEN_CHAIN if it is none */
export const rollBack = async (
  components: Components,
  service: CID,
  { parent, to, time, call, also, sealed = false }: NewRollback,
): Promise<HeadRow> => {
  const before = await hostedHead(components, service, parent)
  const head: HeadRow = { ...before, ...sealFields(sealed, before.seal) }
  const { body } = await readCommit(components, service, to)
  if (!(await isInHistory(components, head, { cid: to, seq: body.seq })))
    throw new StoreError('BROKEN_CHAIN', 'The commit is not in the history of the service.', [to])
  const { contract, engine, root } = body
  const kind = { kind: 'rollback' as const, from: to }
  const added = { contract, engine, time, calls: [call], root, blocks: [] }
  return appendBody(components, head, { ...added, kind, ...(also && { also }) })
}

/** A new service with the memory of a commit that is here: one block, whatever the size of the memory; and its new code, if it gets that. */
export const forkService = async (
  components: Components,
  { from, genesis, time, also, upgrade, sealed = false }: NewFork,
): Promise<HeadRow> => {
  const { database, bookkeeping, signer } = components
  const origin = await readCommit(components, undefined, from)
  const trust = await trustOf(components, origin)
  const base = await baseOf(components, from)
  const { contract, engine, root } = origin.body
  const common = { epoch: 0, contract, engine, time, calls: [], root, host: signer.publicKey }
  const block = await sealCommit({ kind: 'fork', seq: 0, genesis, from, ...common }, signer)
  const service = block.cid
  if (await bookkeeping.head(service)) throw new StoreError('SERVICE_EXISTS', 'This service exists already.', [service])
  const row: HeadRow = {
    ...{ service, commit: service, seq: 0, epoch: 0, contract, root, trust },
    ...{ host: signer.publicKey, deltaBytes: 0, handovers: [], ...sealFields(sealed) },
  }
  // it names the commit of the origin whose memory the checkpoint is: the fork's own is found by way of it
  const checkpoint: CheckpointRow = { cid: base.cid, seq: 0, commit: base.commit, deltaBytes: 0 }
  const writes = [blockWrite(block, sealOf(row)), checkpointWrite(service, checkpoint), ...alsoWrites(also, service)]
  if (upgrade) return upgradeHead(components, row, await upgrade(service), writes)
  await database.commit([...writes, headWrite(row)])
  return row
}

/** That of the history the commit is in. Of what is here for the sake of a fork alone, only the signatures were checked. */
const trustOf = async (components: Components, origin: SignedCommit): Promise<Trust> => {
  const { cid, body } = origin
  const head = await components.bookkeeping.head(serviceOf(origin))
  if (!head) return 'signed'
  if (await isInHistory(components, head, { cid, seq: body.seq })) return head.trust
  throw new StoreError('BROKEN_CHAIN', 'The commit is not in the history of its service on this node.', [cid])
}
