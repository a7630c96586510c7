import type { CID } from 'multiformats/cid'
import { sameBytes, sha256, verifyBlock } from './block.ts'
import { MAX_FUTILE_FETCHES, MAX_SYNC_GETS } from './constants.ts'
import type { LocalDatabase, Write } from './database-types.ts'
import type { MendOptions } from './upkeep-types.ts'

/** Blocks of this disk as they were once, and what it took. */
export interface WholeBlocks {
  /** @param isOpen they are for everybody, also in a sealed history. @returns undefined for those that nobody has */
  getMany(cids: readonly CID[], isOpen: boolean): Promise<(Uint8Array | undefined)[]>
  isLost(cid: CID): boolean
  readonly lost: ReadonlyMap<string, CID>
  readonly mended: { blocks: number; bytes: number }
}

/** Looks at the hash of each block that is read, and puts what somebody else has in the place of what the disk lost or damaged. */
export const createWholeBlocks = (
  database: LocalDatabase,
  seal: string | undefined,
  { fetch, signal }: Pick<MendOptions, 'fetch' | 'signal'>,
): WholeBlocks => {
  const lost = new Map<string, CID>()
  const mended = { blocks: 0, bytes: 0 }
  let futile = 0

  const fetched = async (cid: CID, isOpen: boolean): Promise<Uint8Array | undefined> => {
    if (futile >= MAX_FUTILE_FETCHES) return undefined
    const bytes = await fetch(cid, isOpen)
    if (bytes === undefined) futile++
    else verifyBlock(cid, bytes)
    return bytes
  }

  const mend = async (cid: CID, damaged: Uint8Array | undefined, isOpen: boolean): Promise<Uint8Array | undefined> => {
    signal?.throwIfAborted()
    // where it lay: what is for everybody stays so, and nothing else becomes it
    const open = damaged ? await database.scope().has(cid) : isOpen || seal === undefined
    const put = (bytes: Uint8Array): Write => ({ put: 'block', cid, bytes, ...(!open && seal && { seal }) })
    // away with it first: whoever fetches takes what is here
    if (damaged) await database.commit([{ delete: 'block', cid }])
    let bytes: Uint8Array | undefined
    try {
      bytes = await fetched(cid, open)
    } finally {
      // it may be worth something to somebody still, and says more than a gap
      const kept = bytes ?? damaged
      if (kept) await database.commit([put(kept)])
    }
    if (bytes === undefined) return void lost.set(keyOf(cid), cid)
    mended.blocks++
    mended.bytes += bytes.length
    return bytes
  }

  return {
    lost,
    mended,
    isLost: (cid) => lost.has(keyOf(cid)),
    async getMany(cids, isOpen) {
      // a few are found faster than another thread is asked for them
      const found: (Uint8Array | undefined)[] =
        cids.length <= MAX_SYNC_GETS
          ? await Promise.all(cids.map((cid) => database.blocks.get(cid)))
          : await database.blocks.getMany(cids)
      for (const [i, cid] of cids.entries()) {
        const bytes = found[i]
        if (bytes && sameBytes(sha256(bytes), cid.multihash.digest)) continue
        found[i] = lost.has(keyOf(cid)) ? undefined : await mend(cid, bytes, isOpen)
      }
      return found
    },
  }
}

/** Blocks by what is in them: the disk knows no codec. */
export const keyOf = (cid: CID): string => Buffer.from(cid.multihash.digest).toString('latin1')
