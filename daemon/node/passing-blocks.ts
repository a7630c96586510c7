/** Blocks that are given to whoever asks while they are at hand, and never reach the disk: what can be made again at any time. */
import type { HeliaInit } from 'helia'
import type { CID } from 'multiformats/cid'

type Blockstore = NonNullable<HeliaInit['blockstore']>

export interface PassingBlocks {
  /** Takes them as the newest; the oldest go when there is no room. What is larger than the room is not taken. */
  put(blocks: readonly { cid: CID; bytes: Uint8Array }[]): void
  get(cid: CID): Uint8Array | undefined
  /** The same store, which also gives these. */
  over(store: Blockstore): Blockstore
}

export function createPassingBlocks(maxBytes: number): PassingBlocks {
  /** the oldest first */
  const blocks = new Map<string, Uint8Array>()
  let size = 0

  const drop = (key: string): void => {
    size -= blocks.get(key)?.length ?? 0
    blocks.delete(key)
  }

  const passing: PassingBlocks = {
    put(added) {
      for (const { cid, bytes } of added) {
        const key = keyOf(cid)
        drop(key)
        if (bytes.length > maxBytes) continue
        blocks.set(key, bytes)
        size += bytes.length
        while (size > maxBytes) drop(blocks.keys().next().value!)
      }
    },
    get: (cid) => blocks.get(keyOf(cid)),
    over: (store) => ({
      put: (cid, value, options) => store.put(cid, value, options),
      putMany: (pairs, options) => store.putMany(pairs, options),
      has: async (cid, options) => blocks.has(keyOf(cid)) || (await store.has(cid, options)),
      async *get(cid, options) {
        const bytes = passing.get(cid)
        if (bytes) yield bytes
        else yield* store.get(cid, options)
      },
      async *getMany(cids, options) {
        for await (const cid of cids) yield { cid, bytes: this.get(cid, options) as never }
      },
      getAll: (options) => store.getAll(options),
      delete: (cid, options) => store.delete(cid, options),
      deleteMany: (cids, options) => store.deleteMany(cids, options),
    }),
  }
  return passing
}

/** Where a fetch looks first: whoever fetches a block means to have it, so one that is passing is put with those that stay. */
export const keeping = (
  blocks: {
    get(cid: CID): Promise<Uint8Array | undefined>
    put(blocks: readonly { cid: CID; bytes: Uint8Array }[]): Promise<void>
  },
  passing: Pick<PassingBlocks, 'get'>,
): { get(cid: CID): Promise<Uint8Array | undefined> } => ({
  async get(cid) {
    const kept = await blocks.get(cid)
    const bytes = kept ?? passing.get(cid)
    if (bytes && !kept) await blocks.put([{ cid, bytes }])
    return bytes
  },
})

/** Whatever the codec: as on the disk. */
const keyOf = (cid: CID): string => Buffer.from(cid.multihash.bytes).toString('latin1')
