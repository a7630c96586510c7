/** The origins that this node's user let in, kept in the data folder until they are taken back. */
import * as dagCbor from '@ipld/dag-cbor'
import { MAX_ORIGINS } from './constants.ts'
import { ALL_ORIGINS, originIn } from './gate.ts'

/** Where they are kept: each write is on the disk before it returns. */
export interface OriginMemory {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
}

export interface OriginWish {
  /** let in from now on */
  allow: readonly string[]
  /** no longer let in, unless `allow` names them; `all` is every one */
  forbid: readonly string[]
}

const KEY = 'door/origins'

/** Those that are let in by now: what was kept, without those that are taken back, and the new ones. Of too many the oldest go. */
export async function keepOrigins(memory: OriginMemory, { allow, forbid }: OriginWish): Promise<string[]> {
  const before = readOrigins(await memory.get(KEY))
  const kept = forbid.includes(ALL_ORIGINS) ? [] : before.filter((origin) => !forbid.includes(origin))
  const origins = [...new Set([...kept, ...allow])].slice(-MAX_ORIGINS)
  if (origins.join(' ') !== before.join(' ')) await memory.put(KEY, dagCbor.encode(origins))
  return origins
}

/** What cannot be read lets nobody in. */
function readOrigins(bytes: Uint8Array | undefined): string[] {
  try {
    const kept: unknown = bytes === undefined ? [] : dagCbor.decode(bytes)
    const isOrigin = (one: unknown): one is string => typeof one === 'string' && originIn(one) === one
    return Array.isArray(kept) ? kept.filter(isOrigin) : []
  } catch {
    return []
  }
}
