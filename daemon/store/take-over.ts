import type { CID } from 'multiformats/cid'
import type { NewBody } from './append-commit.ts'
import { appendBody } from './append-commit.ts'
import type { HeadRow } from './bookkeeping.ts'
import type { ChainComponents } from './chain.ts'
import { readCommit, readFirst } from './chain.ts'
import { MAX_EPOCH } from './constants.ts'
import type { CreateComponents } from './create-service.ts'
import { StoreError } from './errors.ts'
import { isOrdered } from './handover.ts'
import { knownHead } from './known-head.ts'
import type { NewHandover } from './types.ts'

/** This node goes on with a history in the next epoch: one small commit. @throws StoreError NOT_THE_OWNER, and as appendCommit */
export const takeOver = async (
  components: CreateComponents & ChainComponents,
  service: CID,
  { parent, handover, time, also }: NewHandover,
): Promise<HeadRow> => {
  const { bookkeeping, signer, verify } = components
  const head = await knownHead(bookkeeping, service)
  if (!parent.equals(head.commit))
    throw new StoreError('APPEND_CONFLICT', 'The head of the service has moved on.', [parent, head.commit])
  if (head.epoch >= MAX_EPOCH)
    throw new StoreError('BUDGET_EXCEEDED', 'The service was handed over too often.', [service])
  const epoch = head.epoch + 1
  const { body: first } = await readFirst(components, service)
  const order = { service, parent, epoch, host: signer.publicKey, handover }
  if (!(await isOrdered(first.genesis, order, verify)))
    throw new StoreError('NOT_THE_OWNER', 'The owner of the service did not hand it over to this node.', [service])
  const { contract, engine, root } = (await readCommit(components, service, parent)).body
  const kind: NewBody['kind'] = { kind: 'handover', handover }
  const added = { kind, contract, engine, time, root, calls: [], blocks: [], ...(also && { also }) }
  return appendBody(components, { ...head, epoch, host: signer.publicKey }, added)
}
