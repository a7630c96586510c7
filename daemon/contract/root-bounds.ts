import { isBoundedCbor } from './cbor-bounds.ts'
import { MAX_ROOT_BYTES, MAX_ROOT_DEPTH, MAX_ROOT_ITEMS } from './constants.ts'

/** Whether the bytes of a root may be decoded at all. Apart from what checks the fields: who writes a root does not load that. */
export function isBoundedRoot(bytes: Uint8Array): boolean {
  const limits = { maxDepth: MAX_ROOT_DEPTH, maxItems: MAX_ROOT_ITEMS }
  return bytes.length <= MAX_ROOT_BYTES && isBoundedCbor(bytes, limits)
}
