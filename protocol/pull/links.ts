import { MAX_DEPTH, MAX_ELEMENTS } from '../constants.ts'
import { scanCbor } from '../wire/cbor-scan.ts'
import { MAX_BLOCK_BYTES } from './constants.ts'
import { type Key, keyAt } from './key.ts'

const LIMITS = { bytes: MAX_BLOCK_BYTES, depth: MAX_DEPTH, elements: MAX_ELEMENTS }

const MAJOR = { bytes: 2, text: 3, tag: 6, simple: 7 } as const
const FLOAT_64 = 27

/**
 * The links of a dag-cbor block in the order in which they stand in its bytes, each once, and of those the ones that a walk follows.
 * A block that does not pass the scan (not canonical, too deep, too many items) has none, for everybody alike.
 *
 * Nothing is decoded: the bytes are known to be one whole value, so one pass from head to head finds every link.
 */
export function linksIn(block: Uint8Array): Key[] {
  if (scanCbor(block, LIMITS) !== undefined) return []
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength)
  const found = new Set<Key>()
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!
    const major = first >> 5
    const info = first & 31
    if (major === MAJOR.simple) {
      at += info === FLOAT_64 ? 9 : 1
      continue
    }
    const width = info < 24 ? 0 : 1 << (info - 24)
    const length = width === 0 ? info : argumentAt(bytes, at + 1, width)
    at += 1 + width
    if (major !== MAJOR.bytes && major !== MAJOR.text) {
      if (major !== MAJOR.tag) continue
      at = link(bytes, at, found)
      continue
    }
    at += length
  }
  return [...found]
}

/** The bytes after tag 42: a zero, then the CID. @returns where they end */
function link(bytes: Buffer, start: number, found: Set<Key>): number {
  const info = bytes[start]! & 31
  const width = info < 24 ? 0 : 1 << (info - 24)
  const length = width === 0 ? info : argumentAt(bytes, start + 1, width)
  const at = start + 1 + width
  const key = keyAt(bytes, at + 1, length - 1)
  if (key !== undefined) found.add(key)
  return at + length
}

/** Of 64 bits only what fits a number: a length is below the block's, a larger value is skipped. */
function argumentAt(bytes: Buffer, at: number, width: number): number {
  return width === 8 ? bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4) : bytes.readUIntBE(at, width)
}
