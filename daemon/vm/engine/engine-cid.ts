import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create } from 'multiformats/hashes/digest'
import { ENGINE_SHA256 } from './engine-sha256.ts'

/** multicodec of sha2-256 */
const SHA2_256 = 0x12

/** How commits name the engine: the CID of its bytes as a raw block. */
export const ENGINE_CID: string = CID.createV1(raw.code, create(SHA2_256, Buffer.from(ENGINE_SHA256, 'hex'))).toString()
