import { createHash, randomBytes } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { equalBytes } from './codec.ts'
import { SEEN_BUCKET_ENTRIES, SEEN_BUCKETS, SEEN_BUCKETS_IN_RAM, SEEN_KEEP_MS } from './constants.ts'
import type { Highest } from './home/types.ts'
import { createSerial } from './serial.ts'
import type { Memory } from './types.ts'

const SALT_BYTES = 16

/** A valid record that came by. */
export interface Sighting {
  /** user ID, peer ID or whatever else the record belongs to */
  id: string
  seq: number
  expires: number
  /** public keys in the order of their use, the signer's last; for those whose keys may change */
  keys?: readonly Uint8Array[]
}

/**
 * Whether a record may be used. `stale`: a newer one was here before. `conflict`: another one of the same sequence was, and its hash is
 * higher; so of two contents under one sequence every node keeps the same one, whichever it sees first. `forked`: its chain of keys is not
 * a continuation of the one that was seen.
 */
export type Verdict = 'admitted' | 'stale' | 'conflict' | 'forked'

/** One remembered name, as it stands on disk. */
interface Entry {
  id: string
  seq: number
  /** sha-256 of the record */
  digest: Uint8Array
  expires: number
  /** when it may be forgotten, in milliseconds since 1970 */
  until: number
  rotations: number
  /** the key that signed it, if its owner has more than one */
  key: Uint8Array | null
}

export interface Seen {
  /** Remembers a valid record, if it is the newest, and says whether it may be used. On disk when it resolves. */
  admit(sighting: Sighting, digest: Uint8Array, now: number): Promise<Verdict>
  highest(id: string): Promise<Highest | undefined>
}

export interface SeenInit {
  /** @default 4096 */
  buckets?: number
  /** @default 16 */
  entries?: number
  /** how long a record is remembered, at least as long as one can live; @default that of homes */
  keepMs?: number
  /** of the keys in the memory; @default that of homes */
  prefix?: string
  random?: (bytes: number) => Uint8Array
}

/**
 * The highest sequence of every name that passed by, in a bounded part of the disk: buckets by a salted hash of the name,
 * so that nobody can aim at a bucket. What can no longer be replayed is dropped first; of those whose key was changed as late as there is
 * room, because an old key can always sign anew. When a bucket is full of living names, a further one passes without being remembered:
 * refusing it would let anybody deny names to us.
 */
export function createSeen(memory: Memory, init: SeenInit = {}): Seen {
  const { buckets = SEEN_BUCKETS, entries = SEEN_BUCKET_ENTRIES, random = randomBytes } = init
  const { keepMs = SEEN_KEEP_MS, prefix = 'registry/seen' } = init
  const saltKey = `${prefix}/salt`
  const serial = createSerial()
  /** in the order of their last use */
  const loaded = new Map<string, Entry[]>()
  let salt: Promise<Uint8Array> | undefined

  const loadSalt = async (): Promise<Uint8Array> => {
    const stored = await memory.get(saltKey)
    if (stored !== undefined) return stored
    const fresh = random(SALT_BYTES)
    await memory.put(saltKey, fresh)
    return fresh
  }

  const bucketOf = async (id: string): Promise<string> => {
    salt ??= loadSalt()
    salt.catch(() => {
      salt = undefined
    })
    const hash = createHash('sha256')
      .update(await salt)
      .update(id)
      .digest()
    return `${prefix}/${hash.readUInt32BE() % buckets}`
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
    async admit(sighting, digest, now) {
      const bucket = await bucketOf(sighting.id)
      return serial(bucket, async () => {
        const list = await load(bucket)
        const before = list.find((entry) => entry.id === sighting.id)
        const verdict = before === undefined ? 'newer' : compare(sighting, digest, before)
        if (verdict !== 'newer') return verdict === 'same' ? 'admitted' : verdict
        const others = makeRoom(
          list.filter((entry) => entry !== before),
          entries - 1,
          now,
        )
        if (others === undefined) return 'admitted'
        const { id, seq, expires, keys = [] } = sighting
        const chain = { rotations: Math.max(0, keys.length - 1), key: keys.at(-1) ?? null }
        const next = [...others, { id, seq, digest, expires, until: now + keepMs, ...chain }]
        await memory.put(bucket, dagCbor.encode(next))
        keep(bucket, next)
        return 'admitted'
      })
    },
    async highest(id) {
      const bucket = await bucketOf(id)
      const list = await serial(bucket, () => load(bucket))
      const entry = list.find((candidate) => candidate.id === id)
      return entry && { seq: entry.seq, expires: entry.expires, rotations: entry.rotations }
    },
  }
}

function compare({ seq, keys = [] }: Sighting, digest: Uint8Array, before: Entry): Verdict | 'newer' | 'same' {
  const rotations = Math.max(0, keys.length - 1)
  if (rotations < before.rotations) return 'stale'
  const key = keys[before.rotations]
  if (key !== undefined && before.key !== null && !equalBytes(key, before.key)) return 'forked'
  if (rotations > before.rotations) return 'newer'
  if (seq !== before.seq) return seq < before.seq ? 'stale' : 'newer'
  const order = Buffer.compare(digest, before.digest)
  return order === 0 ? 'same' : order < 0 ? 'conflict' : 'newer'
}

/** Those that are still needed, and of those whose key was changed as many as fit; undefined if not even the first do. */
function makeRoom(list: readonly Entry[], places: number, now: number): Entry[] | undefined {
  const living = list.filter(({ until }) => until > now)
  if (living.length > places) return undefined
  const rotated = list.filter(({ until, rotations }) => until <= now && rotations > 0)
  return [...rotated.slice(Math.max(0, rotated.length - (places - living.length))), ...living]
}

/** Our own bytes: what cannot be read is a damaged disk, and an empty bucket is what can be made of it. */
function readBucket(bytes: Uint8Array | undefined): Entry[] {
  try {
    const entries: Entry[] = bytes === undefined ? [] : dagCbor.decode(bytes)
    // those of older versions of this program have no rotations
    return entries.filter(({ id, rotations }) => typeof id === 'string' && typeof rotations === 'number')
  } catch {
    return []
  }
}
