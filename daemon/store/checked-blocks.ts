import type { CID } from 'multiformats/cid'
import { sameBytes, sha256 } from './block.ts'
import type { Blocks } from './database-types.ts'
import { StoreError } from './errors.ts'

/** The same blocks, their hashes checked as they are read: what a disk damaged is found, and named. @throws StoreError BLOCK_DAMAGED */
export const checkedBlocks = <B extends Blocks>(blocks: B): B => ({
  ...blocks,
  get: async (cid) => {
    const bytes = await blocks.get(cid)
    if (bytes) checkBlock(cid, bytes)
    return bytes
  },
})

/** A block of this disk: what came from elsewhere was checked before it was put there. @throws StoreError BLOCK_DAMAGED */
export const checkBlock = (cid: CID, bytes: Uint8Array): void => {
  if (sameBytes(sha256(bytes), cid.multihash.digest)) return
  throw new StoreError('BLOCK_DAMAGED', `The block ${cid} on this disk is not what it was.`, [cid])
}
