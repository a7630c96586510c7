import { CID } from 'multiformats/cid'
import { DAG_CBOR, isOurCid } from './block.ts'
import { decodeCanonical } from './canonical.ts'
import { MAX_BLOCK_BYTES } from './constants.ts'

/**
 * The blocks that a block links to, each once: what somebody who fetches a history or a contract needs next. For any of our
 * dag-cbor blocks; a raw block has none.
 *
 * The engine of a commit is left out: it is named by a CID, but is no block (it is larger than 1 MiB and comes with the program). So is
 * the service to which a checkpoint, or a block of a commit, says that it belongs: it leads back to the first commit. And so are the
 * imports of a contract, which are others' services and contracts: what is needed of them is among its sources.
 *
 * @throws StoreError BLOCK_INVALID, BLOCK_TOO_LARGE
 */
export const links = (cid: CID, bytes: Uint8Array): CID[] => {
  if (cid.code !== DAG_CBOR) return []
  return linksIn(withoutNames(decodeCanonical(bytes, MAX_BLOCK_BYTES)))
}

/** The same of what was decoded, without such names. */
export const linksIn = (value: unknown): CID[] => {
  const found = new Map<string, CID>()
  collect(value, found)
  return [...found.values()]
}

/** Depth and number of items are bounded by the decoder. Links of other kinds than ours are not followed. */
const collect = (value: unknown, found: Map<string, CID>): void => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  const cid = CID.asCID(value)
  if (cid === null) {
    for (const inner of Object.values(value)) collect(inner, found)
  } else if (isOurCid(cid)) {
    found.set(cid.toString(), cid)
  }
}

const withoutNames = (value: unknown): unknown => {
  if (!isMap(value)) return value
  if ('sig' in value && isMap(value['body'])) {
    const { engine: _, ...body } = value['body']
    return body
  }
  const { service: _, ...content } = value
  return 'seq' in value ? content : value
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !CID.asCID(value)
