/** CIDs of the blocks of contracts: CIDv1 of sha2-256. */
import { code as dagCborCode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'

/** Of bytes as they are: a source, a module. */
export async function rawCid(bytes: Uint8Array): Promise<CID> {
  return CID.createV1(raw.code, await sha256.digest(bytes))
}

/** @param bytes in dag-cbor */
export async function cborCid(bytes: Uint8Array): Promise<CID> {
  return CID.createV1(dagCborCode, await sha256.digest(bytes))
}
