import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { sameBytes } from './block.ts'
import type { HeadRow } from './bookkeeping.ts'
import { headWrite } from './bookkeeping.ts'
import { packCalls } from './commit-calls.ts'
import { sealCommit } from './commit-codec.ts'
import type { CreateComponents } from './create-service.ts'
import { alsoWrites, blockWrite } from './create-service.ts'
import { encodeDelta } from './delta-codec.ts'
import { StoreError } from './errors.ts'
import { packPayload } from './payload.ts'
import type { NewCommit } from './types.ts'

/** Writes the next commit and the new head in one synced batch: blocks, commit, head, and what the caller adds. */
export const appendCommit = async (
  { database, bookkeeping, signer }: CreateComponents,
  service: CID,
  { parent, contract, engine, time, calls, delta, root, also }: NewCommit,
): Promise<HeadRow> => {
  const head = await bookkeeping.head(service)
  if (!head) throw new StoreError('NO_SUCH_SERVICE', 'This service is not on this node.', [service])
  if (!sameBytes(head.host, signer.publicKey))
    throw new StoreError('NOT_HOST', 'This node does not host the service.', [service])
  if (parent && !parent.equals(head.commit)) {
    throw new StoreError('APPEND_CONFLICT', 'The head of the service has moved on.', [parent, head.commit])
  }

  const blocks: Block[] = []
  const packedCalls = packCalls(calls, blocks)
  const encodedDelta = await encodeDelta(delta)
  const { epoch, commit } = head
  const seq = head.seq + 1
  const block = await sealCommit(
    {
      service,
      seq,
      epoch,
      parent: commit,
      before: head.root,
      contract,
      engine,
      time,
      calls: packedCalls,
      delta: packPayload(encodedDelta, blocks),
      root,
      host: signer.publicKey,
    },
    signer,
  )
  // trust stays what it was: a state that was only signed is not made here because a commit was added to it
  const row: HeadRow = {
    ...head,
    commit: block.cid,
    seq,
    contract,
    root,
    deltaBytes: head.deltaBytes + encodedDelta.length,
  }
  await database.commit([...[...blocks, block].map(blockWrite), headWrite(row), ...alsoWrites(also, block.cid)])
  return row
}
