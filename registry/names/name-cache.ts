import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { createSerial } from '../serial.ts'
import type { Memory } from '../types.ts'
import { NAME_CACHE_BUCKET_ENTRIES, NAME_CACHE_BUCKETS } from './constants.ts'

/** A name record as it was last heard, and when, in milliseconds since 1970. */
export interface CachedName {
  username: string
  record: Uint8Array
  learnt: number
}

export interface NameCache {
  get(username: string): Promise<CachedName | undefined>
  put(entry: CachedName): Promise<void>
}

/** The last known good record of names, in a bounded part of the disk: of a bucket the one learnt longest ago is forgotten first. */
export function createNameCache(memory: Memory): NameCache {
  const serial = createSerial()

  const load = async (bucket: string): Promise<CachedName[]> => {
    const bytes = await memory.get(bucket)
    try {
      return bytes === undefined ? [] : dagCbor.decode(bytes)
    } catch {
      // our own bytes: a damaged disk
      return []
    }
  }

  return {
    async get(username) {
      return (await load(bucketOf(username))).find((entry) => entry.username === username)
    },
    put(entry) {
      const bucket = bucketOf(entry.username)
      return serial(bucket, async () => {
        const others = (await load(bucket)).filter(({ username }) => username !== entry.username)
        await memory.put(bucket, dagCbor.encode([entry, ...others].slice(0, NAME_CACHE_BUCKET_ENTRIES)))
      })
    },
  }
}

function bucketOf(username: string): string {
  const hash = createHash('sha256').update(username).digest()
  return `registry/names/cache/${hash.readUInt32BE() % NAME_CACHE_BUCKETS}`
}
