import { createHash, randomBytes } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { equalBytes } from './codec.ts'
import { SEEN_BUCKET_ENTRIES, SEEN_BUCKETS, SEEN_BUCKETS_IN_RAM, SEEN_KEEP_MS } from './constants.ts'
import { createSerial } from './serial.ts'
import type { HomeRecord, Memory } from './types.ts'

const SALT_KEY = 'registry/seen/salt'
const SALT_BYTES = 16

/** One remembered name, as it stands on disk. */
interface Entry {
  user: string
  seq: number
  /** sha-256 of the record */
  digest: Uint8Array
  expires: number
  /** when it may be forgotten, in milliseconds since 1970 */
  until: number
}

export interface Seen {
  /**
   * Remembers a valid record and says whether it may be used: false if a newer one, or another one of the same sequence,
   * was here before. On disk when it resolves.
   */
  admit(record: HomeRecord, digest: Uint8Array, now: number): Promise<boolean>
  highest(user: string): Promise<{ seq: number; expires: number } | undefined>
}

export interface SeenInit {
  /** @default 4096 */
  buckets?: number
  /** @default 16 */
  entries?: number
  random?: (bytes: number) => Uint8Array
}

/**
 * The highest sequence of every name that passed by, in a bounded part of the disk: buckets by a salted hash of the user,
 * so that nobody can aim at a bucket. What can no longer be replayed is dropped first. When a bucket is full of living names,
 * a further one passes without being remembered: refusing it would let anybody deny names to us.
 */
export function createSeen(memory: Memory, init: SeenInit = {}): Seen {
  const { buckets = SEEN_BUCKETS, entries = SEEN_BUCKET_ENTRIES, random = randomBytes } = init
  const serial = createSerial()
  /** in the order of their last use */
  const loaded = new Map<string, Entry[]>()
  let salt: Promise<Uint8Array> | undefined

  const loadSalt = async (): Promise<Uint8Array> => {
    const stored = await memory.get(SALT_KEY)
    if (stored !== undefined) return stored
    const fresh = random(SALT_BYTES)
    await memory.put(SALT_KEY, fresh)
    return fresh
  }

  const bucketOf = async (user: string): Promise<string> => {
    salt ??= loadSalt()
    salt.catch(() => {
      salt = undefined
    })
    const hash = createHash('sha256')
      .update(await salt)
      .update(user)
      .digest()
    return `registry/seen/${hash.readUInt32BE() % buckets}`
  }

  const load = async (bucket: string): Promise<Entry[]> => {
    const known = loaded.get(bucket) ?? readBucket(await memory.get(bucket))
    keep(bucket, known)
    return known
  }

  const keep = (bucket: string, list: Entry[]): void => {
    loaded.delete(bucket)
    loaded.set(bucket, list)
    const [oldest] = loaded.keys()
    if (loaded.size > SEEN_BUCKETS_IN_RAM && oldest !== undefined) loaded.delete(oldest)
  }

  return {
    async admit({ user, seq, expires }, digest, now) {
      const bucket = await bucketOf(user)
      return serial(bucket, async () => {
        const list = await load(bucket)
        const before = list.find((entry) => entry.user === user)
        if (before !== undefined && seq < before.seq) return false
        if (before !== undefined && seq === before.seq) return equalBytes(digest, before.digest)
        const others = list.filter((entry) => entry !== before && entry.until > now)
        if (others.length >= entries) return true
        const next = [...others, { user, seq, digest, expires, until: now + SEEN_KEEP_MS }]
        await memory.put(bucket, dagCbor.encode(next))
        keep(bucket, next)
        return true
      })
    },
    async highest(user) {
      const bucket = await bucketOf(user)
      const list = await serial(bucket, () => load(bucket))
      const entry = list.find((candidate) => candidate.user === user)
      return entry === undefined ? undefined : { seq: entry.seq, expires: entry.expires }
    },
  }
}

/** Our own bytes: what cannot be read is a damaged disk, and an empty bucket is what can be made of it. */
function readBucket(bytes: Uint8Array | undefined): Entry[] {
  try {
    return bytes === undefined ? [] : dagCbor.decode(bytes)
  } catch {
    return []
  }
}
