import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

/** Bytes of a CIDv1 of dag-cbor and sha-256: version, codec, hash, length, digest. */
const SERVICE_BYTES = 36

/** CIDv1 of a genesis block, dag-cbor and sha-256. */
export function isServiceId(value: unknown): value is CID {
  const cid = CID.asCID(value)
  if (cid === null || cid.version !== 1 || cid.code !== dagCbor.code) return false
  return (
    cid.multihash.code === sha256.code &&
    cid.multihash.digest.byteLength === 32 &&
    cid.bytes.byteLength === SERVICE_BYTES
  )
}
