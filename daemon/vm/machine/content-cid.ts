import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'

/** multicodec of sha2-256 */
const SHA2_256 = 0x12

/** The one text of the CID of raw bytes. */
export function contentCid(bytes: Uint8Array): string {
  return CID.createV1(raw.code, create(SHA2_256, hash('sha256', bytes, 'buffer'))).toString()
}

/** Characters of such a CID: `b` and 36 bytes in base32. */
const CID_LENGTH = 59

/** Whether a text is such a CID, in that spelling. */
export function isContentCid(text: string): boolean {
  if (text.length !== CID_LENGTH) return false
  try {
    const cid = CID.parse(text)
    const { code, size } = cid.multihash
    return cid.version === 1 && cid.code === raw.code && code === SHA2_256 && size === 32 && cid.toString() === text
  } catch {
    return false
  }
}
