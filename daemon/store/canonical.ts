import * as dagCbor from '@ipld/dag-cbor'
import { sameBytes } from './block.ts'
import { MAX_BLOCK_DEPTH, MAX_BLOCK_ITEMS } from './constants.ts'
import { StoreError } from './errors.ts'

/**
 * Decodes dag-cbor that may be hostile. Length, number of items and nesting are bounded before the decoder sees the bytes,
 * and only the one canonical form is taken: what is signed or hashed must not have two spellings.
 *
 * @throws StoreError BLOCK_TOO_LARGE, BLOCK_INVALID
 */
export const decodeCanonical = (bytes: Uint8Array, maxBytes: number): unknown => {
  if (bytes.length > maxBytes)
    throw new StoreError('BLOCK_TOO_LARGE', `A block of ${bytes.length} bytes is above ${maxBytes}.`)
  checkStructure(bytes)
  let value: unknown
  let again: Uint8Array
  try {
    value = dagCbor.decode(bytes)
    again = dagCbor.encode(value)
  } catch {
    throw new StoreError('BLOCK_INVALID', 'A block is not dag-cbor.')
  }
  if (!sameBytes(bytes, again))
    throw new StoreError('BLOCK_INVALID', 'A block is not in the canonical form of dag-cbor.')
  return value
}

const MAJOR = { bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const
const CID_TAG = 42
/** false, true, null; and the head of a 64-bit float */
const SIMPLE = new Set([20, 21, 22, 27])

/** One pass over the heads of all items (RFC 8949, section 3), without building anything. */
const checkStructure = (bytes: Uint8Array): void => {
  const open: number[] = [1] // items still expected, per level
  let position = 0
  for (let items = 0; open.length > 0; items++) {
    if (items > MAX_BLOCK_ITEMS) throw new StoreError('BLOCK_INVALID', 'A block has too many items.')
    if (open.length > MAX_BLOCK_DEPTH) throw new StoreError('BLOCK_INVALID', 'A block is nested too deeply.')
    open[open.length - 1]!--
    const { major, minor, argument, end } = readHead(bytes, position)
    position = end
    if (major === MAJOR.bytes || major === MAJOR.text) position += argument
    if (position > bytes.length) throw new StoreError('BLOCK_INVALID', 'A block ends in the middle of an item.')
    if (major === MAJOR.simple && !SIMPLE.has(minor))
      throw new StoreError('BLOCK_INVALID', 'A block has a value dag-cbor has not.')
    if (major === MAJOR.tag && argument !== CID_TAG)
      throw new StoreError('BLOCK_INVALID', 'A block has a tag dag-cbor has not.')
    const children = childrenOf(major, argument)
    if (children > bytes.length - position)
      throw new StoreError('BLOCK_INVALID', 'A block announces more items than it has.')
    if (children > 0) open.push(children)
    while (open.at(-1) === 0) open.pop()
  }
  if (position !== bytes.length) throw new StoreError('BLOCK_INVALID', 'A block goes on after its end.')
}

const childrenOf = (major: number, argument: number): number => {
  if (major === MAJOR.array) return argument
  if (major === MAJOR.map) return argument * 2
  return major === MAJOR.tag ? 1 : 0
}

const readHead = (bytes: Uint8Array, at: number): { major: number; minor: number; argument: number; end: number } => {
  const head = bytes[at]
  if (head === undefined) throw new StoreError('BLOCK_INVALID', 'A block ends before it is complete.')
  const major = head >> 5
  const minor = head & 31
  if (minor < 24) return { major, minor, argument: minor, end: at + 1 }
  const width = 2 ** (minor - 24)
  const end = at + 1 + width
  // minor 28 to 30 are reserved, 31 is an item of unknown length: dag-cbor has neither
  if (minor > 27 || end > bytes.length) throw new StoreError('BLOCK_INVALID', 'A block has a malformed item.')
  let argument = 0
  for (let i = at + 1; i < end; i++) argument = argument * 256 + bytes[i]!
  return { major, minor, argument, end }
}
