/**
 * The blocks that a commit links for itself: long arguments, results and deltas, lists of calls. Each says which commit it belongs to,
 * so that no other commit, and nothing else on the node, has the same block: it can go when its commit goes.
 */
import type { CID } from 'multiformats/cid'
import type { Block } from './block.ts'
import { cborBlock } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_BLOCK_BYTES } from './constants.ts'
import { StoreError } from './errors.ts'
import type { Fields } from './fields.ts'
import { fieldsOf } from './fields.ts'

/** The commit. A first one has no service yet: its CID will be the service. */
export interface Owner {
  service?: CID | undefined
  seq: number
}

/** @throws StoreError BLOCK_TOO_LARGE */
export const ownedBlock = ({ service, seq }: Owner, content: Record<string, unknown>): Block =>
  cborBlock({ ...content, ...(service && { service }), seq })

/** The content of a block that belongs to this commit; the caller takes the fields and ends. @throws StoreError BLOCK_INVALID */
export const openOwned = (bytes: Uint8Array, { service, seq }: Owner): Fields => {
  const fields = fieldsOf(decodeCanonical(bytes, MAX_BLOCK_BYTES), 'linked block')
  const named = fields.has('service') ? fields.cid('service') : undefined
  const isSame = named === undefined ? service === undefined : service !== undefined && named.equals(service)
  if (isSame && fields.count('seq') === seq) return fields
  throw new StoreError('BLOCK_INVALID', 'A commit links a block of another commit.')
}
