/** Blocks that stay, whatever history they are also a page of: the files of contracts and the content that calls read and write. */
import type { CID } from 'multiformats/cid'
import type { Meta, Write } from './database-types.ts'

const keyOf = (cid: CID): string => `keep/${Buffer.from(cid.multihash.digest).toString('hex')}`

/** Notes that a block stays. */
export const keepWrite = (cid: CID): Write => ({ put: 'meta', key: keyOf(cid), value: new Uint8Array(0) })

/** Of each block, in the order given, whether it stays. */
export const isKept = async (meta: Pick<Meta, 'getMany'>, cids: readonly CID[]): Promise<boolean[]> =>
  (await meta.getMany(cids.map(keyOf))).map((row) => row !== undefined)
