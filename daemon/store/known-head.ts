import type { CID } from 'multiformats/cid'
import type { Bookkeeping, HeadRow } from './bookkeeping.ts'
import { StoreError } from './errors.ts'

/** The head of a service as it stands on the disk. @throws StoreError NO_SUCH_SERVICE */
export const knownHead = async ({ head }: Pick<Bookkeeping, 'head'>, service: CID): Promise<HeadRow> => {
  const row = await head(service)
  if (!row) throw new StoreError('NO_SUCH_SERVICE', 'This service is not on this node.', [service])
  return row
}
