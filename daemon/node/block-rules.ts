/** Which blocks a node takes and gives: of at most 1 MiB, named by sha2-256 as all blocks of this network are. */
import type { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { MAX_BLOCK_BYTES } from './constants.ts'
import { NodeError } from './errors.ts'

const SHA2_256_BYTES = 32

/**
 * Other hashes, shortened ones and identity CIDs (which name no block, but carry one) are refused.
 *
 * @throws NodeError BLOCK_INVALID
 */
export function checkName(cid: CID): void {
  const { code, digest } = cid.multihash
  if (code === sha256.code && digest.length === SHA2_256_BYTES) return
  const hint = 'blocks of this network are named by sha2-256: look where the CID comes from'
  throw new NodeError('BLOCK_INVALID', `${told(cid)} does not name a block by sha2-256.`, hint)
}

/** @throws NodeError CONTENT_TOO_LARGE */
export function checkSize(cid: CID, bytes: Uint8Array): void {
  if (bytes.length > MAX_BLOCK_BYTES) throw blockTooLarge(cid)
}

/** CONTENT_TOO_LARGE, about one block. */
export function blockTooLarge(cid: CID): NodeError {
  const hint = 'its author has to split it, or it is not what it claims to be'
  return new NodeError('CONTENT_TOO_LARGE', `The block ${told(cid)} is over ${MAX_BLOCK_BYTES} bytes.`, hint)
}

/** Enough of a CID to know it again: one that carries its block is as long as the block. */
const told = (cid: CID): string => cid.toString().slice(0, 80)
