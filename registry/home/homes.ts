/** The homes of others as they were last known good: on disk, and those in use decoded in RAM. */
import * as dagCbor from '@ipld/dag-cbor'
import { CACHE_STEP_BYTES, MAX_CACHE_BYTES, MAX_CACHED_HOMES, MAX_HOMES_IN_RAM, MAX_RAM_BYTES } from '../constants.ts'
import { createSerial } from '../serial.ts'
import type { Memory } from '../types.ts'
import { decodeOwn, encodeKnown, type KnownHome, readKnown, sizeOf } from './known-home.ts'

const INDEX_KEY = 'registry/homes/index'

export interface Homes {
  get(user: string): Promise<KnownHome | undefined>
  put(known: KnownHome): Promise<void>
}

export interface HomesInit {
  /** @default 1000 */
  slots?: number
  /** @default 64 MiB */
  bytes?: number
}

/** One stored home; the one learnt first comes first. */
interface Row {
  user: string
  slot: number
  bytes: number
}

/** A bounded number of homes and of bytes; the user who was learnt first is forgotten first. */
export function createHomes(memory: Memory, init: HomesInit = {}): Homes {
  const { slots = MAX_CACHED_HOMES, bytes: most = MAX_CACHE_BYTES } = init
  const serial = createSerial()
  /** in the order of their last use */
  const recent = new Map<string, KnownHome>()
  let recentBytes = 0
  let loaded: Promise<readonly Row[]> | undefined

  const load = async (): Promise<readonly Row[]> => {
    const rows = decodeOwn<Row[]>(await memory.get(INDEX_KEY))
    return Array.isArray(rows) ? rows : []
  }
  const index = (): Promise<readonly Row[]> => {
    loaded ??= load()
    loaded.catch(() => {
      loaded = undefined
    })
    return loaded
  }

  const forget = (user: string): void => {
    recentBytes -= sizeOf(recent.get(user))
    recent.delete(user)
  }
  const remember = (known: KnownHome): void => {
    forget(known.record.user)
    recent.set(known.record.user, known)
    recentBytes += sizeOf(known)
    for (const [oldest] of recent) {
      if (recent.size <= MAX_HOMES_IN_RAM && recentBytes <= MAX_RAM_BYTES) break
      forget(oldest)
    }
  }

  /** The rows with one more, and those that give way. */
  const withRow = (rows: readonly Row[], user: string, size: number): { rows: Row[]; gone: Row[] } => {
    const bytes = Math.ceil(size / CACHE_STEP_BYTES) * CACHE_STEP_BYTES
    const known = rows.find((row) => row.user === user)
    const others = rows.filter((row) => row !== known)
    let total = others.reduce((sum, row) => sum + row.bytes, bytes)
    const gone: Row[] = []
    while (others.length > 0 && (others.length >= slots || total > most)) {
      const first = others.shift()!
      gone.push(first)
      total -= first.bytes
    }
    const taken = new Set(others.map(({ slot }) => slot))
    let slot = known?.slot ?? 0
    while (taken.has(slot)) slot++
    const place = known === undefined ? others.length : Math.min(rows.indexOf(known), others.length)
    return { rows: others.toSpliced(place, 0, { user, slot, bytes }), gone }
  }

  return {
    async get(user) {
      const known = recent.get(user)
      if (known !== undefined) {
        remember(known)
        return known
      }
      const row = (await index()).find((one) => one.user === user)
      const stored = row && readKnown(await memory.get(slotKey(row.slot)))
      if (stored?.record.user !== user) return undefined
      remember(stored)
      return stored
    },
    put: (known) =>
      serial(INDEX_KEY, async () => {
        const { user } = known.record
        const before = await index()
        const { rows, gone } = withRow(before, user, sizeOf(known))
        const { slot, bytes } = rows.find((row) => row.user === user)!
        // Content first: an index that is behind its slots is noticed, because the content says whose it is
        await memory.put(slotKey(slot), encodeKnown(known))
        remember(known)
        if (gone.length === 0 && before.some((row) => row.user === user && row.bytes === bytes)) return
        await memory.put(INDEX_KEY, dagCbor.encode(rows))
        loaded = Promise.resolve(rows)
        for (const left of gone) {
          forget(left.user)
          if (left.slot !== slot) await memory.put(slotKey(left.slot), new Uint8Array())
        }
      }),
  }
}

function slotKey(slot: number): string {
  return `registry/homes/${slot}`
}
