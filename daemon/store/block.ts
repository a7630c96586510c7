import { hash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import * as Digest from 'multiformats/hashes/digest'
import { HASH } from '../vm/constants.ts'
import { MAX_BLOCK_BYTES } from './constants.ts'
import { StoreError } from './errors.ts'

export interface Block {
  cid: CID
  bytes: Uint8Array
}

export const RAW: number = raw.code
export const DAG_CBOR: number = dagCbor.code

const SHA2_256 = 0x12

/** 32 bytes. */
export const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** A CIDv1. @param digest 32 bytes of sha2-256 */
export const cidFrom = (codec: number, digest: Uint8Array): CID => CID.createV1(codec, Digest.create(SHA2_256, digest))

/** Bytes as a block of their own. */
export const rawBlock = (bytes: Uint8Array): Block => ({ cid: cidFrom(RAW, sha256(bytes)), bytes })

/** A block of canonical dag-cbor. Throws BLOCK_TOO_LARGE above 1 MiB. */
export const cborBlock = (value: unknown): Block => {
  const bytes = dagCbor.encode(value)
  if (bytes.length > MAX_BLOCK_BYTES)
    throw new StoreError('BLOCK_TOO_LARGE', `A block of ${bytes.length} bytes is too large.`)
  return { cid: cidFrom(DAG_CBOR, sha256(bytes)), bytes }
}

/** The links we make and follow: CIDv1, sha2-256, raw or dag-cbor. */
export const isOurCid = (cid: CID): boolean =>
  cid.version === 1 && (cid.code === RAW || cid.code === DAG_CBOR) && isSha256(cid)

/**
 * Checks a block that came from elsewhere: at most 1 MiB, sha2-256 and nothing else, and the hash holds.
 *
 * @throws StoreError BLOCK_TOO_LARGE, BLOCK_INVALID
 */
export const verifyBlock = (cid: CID, bytes: Uint8Array): void => {
  if (bytes.length > MAX_BLOCK_BYTES)
    throw new StoreError('BLOCK_TOO_LARGE', 'A block from elsewhere is above 1 MiB.', [cid])
  if (!isSha256(cid)) throw new StoreError('BLOCK_INVALID', 'A block from elsewhere is not named by sha2-256.', [cid])
  if (!sameBytes(sha256(bytes), cid.multihash.digest)) {
    throw new StoreError('BLOCK_INVALID', 'A block from elsewhere does not have the hash it is named by.', [cid])
  }
}

/** Not in constant time: for what is public. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const isSha256 = (cid: CID): boolean => cid.multihash.code === SHA2_256 && cid.multihash.digest.length === HASH
