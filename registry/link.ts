import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'

const RAW = 0x55
const DAG_PB = 0x70
const DAG_CBOR = 0x71
const CODECS: readonly number[] = [RAW, DAG_PB, DAG_CBOR]
const SHA2_256 = 0x12
const SHA2_256_BYTES = 32
/** version, codec, hash, length, digest: every one of these fits one byte */
const LINK_BYTES: number = 4 + SHA2_256_BYTES

/** A link as blocks of ours hold it: CIDv1, sha2-256, raw, dag-pb or dag-cbor, in the shortest encoding of its numbers. */
export function isLink(value: unknown): value is CID {
  if (!(value instanceof CID) || value.version !== 1 || value.bytes.byteLength !== LINK_BYTES) return false
  const [version, codec, hash, length] = value.bytes
  return version === 1 && codec === value.code && CODECS.includes(value.code) && hash === SHA2_256 && length === 32
}

/** Whether it is such a link to a dag-cbor block. */
export function isCborLink(value: unknown): value is CID {
  return isLink(value) && value.code === DAG_CBOR
}

/**
 * Reads a CID from text in base32, base36 or base58 (and CIDv0) to its one written form: base32 of CIDv1, or CIDv0 as it is.
 * Undefined if it is no CID, or not one of ours.
 */
export function parseCid(text: string): string | undefined {
  try {
    const { version, code, multihash } = CID.parse(text)
    if (!CODECS.includes(code) || multihash.code !== SHA2_256 || multihash.size !== SHA2_256_BYTES) return undefined
    // Made anew: a parsed CID remembers the text and the number encodings that it came in
    return CID.create(version, code, Digest.create(multihash.code, multihash.digest)).toString()
  } catch {
    return undefined
  }
}

/** The CID of a dag-cbor block. */
export function cborLink(digest: Uint8Array): CID {
  return CID.createV1(DAG_CBOR, Digest.create(SHA2_256, digest))
}
