import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { ContractError } from './errors.ts'
import { checkRoot, type Root } from './root.ts'
import { isBoundedRoot } from './root-bounds.ts'
import { isSha256, ShapeError } from './shape.ts'
import type { Contract } from './types.ts'

/**
 * Reads a contract's root, taking it for hostile: right hash, bounded before it is decoded, canonical, every field checked, paths
 * that are safe to write to a disk. The blocks it links are not fetched. Throws CONTRACT_INVALID, and whatever `get` throws.
 */
export async function decodeContract(cid: CID, get: (cid: CID) => Promise<Uint8Array>): Promise<Contract> {
  if (cid.version !== 1 || cid.code !== dagCbor.code || !isSha256(cid)) throw invalid(cid, 'its CID is of another kind')
  const bytes = await get(cid)
  if (!isBoundedRoot(bytes)) throw invalid(cid, 'it is too large or too deep')
  const { digest } = await sha256.digest(bytes)
  if (!equal(digest, cid.multihash.digest)) throw invalid(cid, 'its bytes are not those of its CID')
  const { manifest, module, sources, interface: functions, init, imports, bundle } = decodeRoot(cid, bytes)
  return {
    cid,
    manifest,
    module,
    sources: sources.map(({ path, content }) => ({ path, cid: content })),
    interface: functions,
    init,
    imports,
    bundle,
  }
}

function decodeRoot(cid: CID, bytes: Uint8Array): Root {
  try {
    const value: unknown = dagCbor.decode(bytes)
    // The decoder takes other encodings of the same value; one contract must have one CID.
    if (!equal(dagCbor.encode(value), bytes)) throw new ShapeError('it is not in canonical form')
    return checkRoot(value)
  } catch (error) {
    throw invalid(cid, error instanceof ShapeError ? error.message : 'it is not dag-cbor')
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function invalid(cid: CID, reason: string): ContractError {
  return new ContractError(
    'CONTRACT_INVALID',
    `${cid} is no contract: ${reason}.`,
    'Ask its publisher for the right CID.',
  )
}
