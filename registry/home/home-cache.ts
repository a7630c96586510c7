import * as dagCbor from '@ipld/dag-cbor'
import { MAX_CACHED_HOMES } from '../constants.ts'
import { createSerial } from '../serial.ts'
import type { Home, HomeRecord, Memory } from '../types.ts'
import { decodeHome, homeLink } from './home.ts'
import { decodeRecord } from './record.ts'

const INDEX_KEY = 'registry/cache/index'

/** A record with its home, as they came. */
export interface StoredHome {
  record: HomeRecord
  home: Home
  recordBytes: Uint8Array
  homeBytes: Uint8Array
}

export interface HomeCache {
  get(user: string): Promise<StoredHome | undefined>
  put(user: string, recordBytes: Uint8Array, homeBytes: Uint8Array): Promise<void>
}

/** slot number to user; `next` is the slot that is taken next */
interface Index {
  users: string[]
  next: number
}

/**
 * The last known good home of each resolved user on disk, in a fixed number of slots; when all are taken, the user who was
 * learnt first is forgotten.
 */
export function createHomeCache(memory: Memory, slots: number = MAX_CACHED_HOMES): HomeCache {
  const serial = createSerial()
  let loaded: Promise<Index> | undefined

  const load = async (): Promise<Index> => {
    const index = decodeOwn<Index>(await memory.get(INDEX_KEY))
    return index !== undefined && Array.isArray(index.users) ? index : { users: [], next: 0 }
  }

  const index = (): Promise<Index> => {
    loaded ??= load()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }

  return {
    async get(user) {
      const slot = (await index()).users.indexOf(user)
      const stored = slot < 0 ? undefined : readStored(await memory.get(slotKey(slot)))
      return stored?.record.user === user ? stored : undefined
    },
    put(user, recordBytes, homeBytes) {
      return serial(INDEX_KEY, async () => {
        const before = await index()
        const known = before.users.indexOf(user)
        const slot = known < 0 ? before.next % slots : known
        // Content first: an index that is behind its slots is noticed, because the content says whose it is
        await memory.put(slotKey(slot), dagCbor.encode({ record: recordBytes, home: homeBytes }))
        if (known >= 0) return
        const next = { users: before.users.toSpliced(slot, 1, user), next: (slot + 1) % slots }
        await memory.put(INDEX_KEY, dagCbor.encode(next))
        loaded = Promise.resolve(next)
      })
    },
  }
}

/** Reads a stored pair back; undefined if it is not there, damaged, or from an older layout. */
export function readStored(bytes: Uint8Array | undefined): StoredHome | undefined {
  const stored = decodeOwn<{ record: Uint8Array; home: Uint8Array }>(bytes)
  if (stored === undefined) return undefined
  try {
    const { record: recordBytes, home: homeBytes } = stored
    const record = decodeRecord(recordBytes)
    if (!record.home.equals(homeLink(homeBytes))) return undefined
    return { record, home: decodeHome(homeBytes), recordBytes, homeBytes }
  } catch {
    return undefined
  }
}

/** Bytes that this node wrote itself. */
export function decodeOwn<T>(bytes: Uint8Array | undefined): T | undefined {
  try {
    return bytes === undefined ? undefined : dagCbor.decode<T>(bytes)
  } catch {
    return undefined
  }
}

function slotKey(slot: number): string {
  return `registry/cache/${slot}`
}
