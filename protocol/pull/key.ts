import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { CID_BYTES } from './constants.ts'

/**
 * The bytes of a CID as a text of as many characters: what a walk holds millions of, as a CID object takes five times the memory.
 * All are CIDv1, raw or dag-cbor, sha2-256: section 2 of specs/pull.md.
 */
export type Key = string

const VERSION = 0x01
const RAW = 0x55
const DAG_CBOR = 0x71
const SHA2_256 = 0x12
const HASH_BYTES = 32
/** what stands before the hash */
const HEAD_BYTES = 4

/** The key of a CID that stands in these bytes, if a walk follows it. */
export function keyAt(bytes: Buffer, at: number, length: number): Key | undefined {
  const isOurs =
    length === CID_BYTES &&
    bytes[at] === VERSION &&
    (bytes[at + 1] === RAW || bytes[at + 1] === DAG_CBOR) &&
    bytes[at + 2] === SHA2_256 &&
    bytes[at + 3] === HASH_BYTES
  return isOurs ? bytes.toString('latin1', at, at + length) : undefined
}

export function keyOf(cid: CID): Key | undefined {
  const bytes = Buffer.from(cid.bytes)
  return keyAt(bytes, 0, bytes.length)
}

export function cidOf(key: Key): CID {
  return CID.decode(Buffer.from(key, 'latin1'))
}

/** Whether these are the bytes that the key names. */
export function names(key: Key, bytes: Uint8Array): boolean {
  return hash('sha256', bytes, 'buffer').toString('latin1') === key.slice(HEAD_BYTES)
}

/** Whether the block may have links. */
export function hasLinks(key: Key): boolean {
  return key.charCodeAt(1) === DAG_CBOR
}
