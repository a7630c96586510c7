import { verifyBlock } from './block.ts'
import type { Blocks } from './database-types.ts'

/** The same blocks, their hashes checked as they are read: what a disk damaged is found, and named. @throws StoreError BLOCK_INVALID */
export const checkedBlocks = <B extends Blocks>(blocks: B): B => ({
  ...blocks,
  get: async (cid) => {
    const bytes = await blocks.get(cid)
    if (bytes) verifyBlock(cid, bytes)
    return bytes
  },
})
