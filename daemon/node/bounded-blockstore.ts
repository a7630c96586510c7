/** The blockstore that Helia sees: it neither keeps nor gives what breaks the rules for blocks. */
import type { HeliaInit } from 'helia'
import { pipe } from 'it-pipe'
import type { CID } from 'multiformats/cid'
import { blockTooLarge, checkName } from './block-rules.ts'
import { bounded, type Chunks, join } from './chunks.ts'
import { MAX_BLOCK_BYTES } from './constants.ts'
import { NodeError } from './errors.ts'

type Blockstore = NonNullable<HeliaInit['blockstore']>

/**
 * Helia stores what it fetched before its caller sees a byte: only the store itself can keep a block out. What is in the
 * store already and breaks a rule is not given, and not there as far as `has` and so bitswap's answers go.
 *
 * Guarantees: no block over 1 MiB, and none under a name other than a whole sha2-256, is written or given.
 *
 * @throws NodeError CONTENT_TOO_LARGE, BLOCK_INVALID: `put`, `putMany`, `get`, `getMany` and `getAll`
 */
export function boundBlockstore(store: Blockstore): Blockstore {
  const put: (...args: Parameters<Blockstore['put']>) => Promise<CID> = async (cid, value, options) => {
    checkName(cid)
    return await store.put(cid, await whole(cid, value instanceof Uint8Array ? [value] : value), options)
  }
  const get: Blockstore['get'] = async function* (cid, options) {
    checkName(cid)
    yield await whole(cid, store.get(cid, options))
  }
  return {
    put,
    get,
    async has(cid, options) {
      try {
        await join(get(cid, options))
        return true
      } catch (error) {
        if (error instanceof NodeError || (error as Error).name === 'NotFoundError') return false
        throw error
      }
    },
    async *putMany(pairs, options) {
      for await (const { cid, bytes } of pairs) yield put(cid, bytes, options)
    },
    async *getMany(cids, options) {
      for await (const cid of cids) yield { cid, bytes: get(cid, options) }
    },
    async *getAll(options) {
      for await (const { cid, bytes } of store.getAll(options)) {
        checkName(cid)
        yield { cid, bytes: limit(cid)(bytes) }
      }
    },
    delete: (cid, options) => store.delete(cid, options),
    deleteMany: (cids, options) => store.deleteMany(cids, options),
  }
}

const limit = (cid: CID): ((chunks: Chunks) => AsyncGenerator<Uint8Array>) =>
  bounded(MAX_BLOCK_BYTES, () => blockTooLarge(cid))

/** Joined before a byte is passed on: the first MiB of a larger block would be a wrong block. */
const whole = (cid: CID, chunks: Chunks): Promise<Uint8Array> => pipe(chunks, limit(cid), join)
