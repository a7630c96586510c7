import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib'
import { LINE, MAX_WASM_PAGES, WASM_PAGE } from '../vm/constants.ts'
import type { Delta } from '../vm/types.ts'
import type { SparseDelta } from './commit-types.ts'
import {
  DEFLATE_LEVEL,
  LINE_MASK,
  MAX_DELTA_BYTES,
  MAX_DELTA_HEADER_BYTES,
  MAX_GLOBALS,
  SYNC_DEFLATE_BYTES,
  WORD,
} from './constants.ts'
import { StoreError } from './errors.ts'
import type { Before } from './sparse-delta.ts'
import { sparseDelta, wordCount } from './sparse-delta.ts'
import { pushVarint, unzigzag, varintReader, zigzag } from './varint.ts'

const PLAIN = 0
const DEFLATED = 1
const LINES_PER_WASM_PAGE = WASM_PAGE / LINE
/** The registers of an engine are 32-bit integers, signed or not. */
const MAX_ZIGZAG: number = 2 ** 33

const deflate = promisify<Uint8Array, object, Buffer>(deflateRaw)
const inflate = promisify<Uint8Array, object, Buffer>(inflateRaw)

/**
 * The compact form of a delta: specs/history.md, "Delta".
 *
 * @throws StoreError DELTA_TOO_LARGE, STATE_INVALID
 */
export const encodeDelta = async (changed: Delta | SparseDelta): Promise<Uint8Array> => {
  const delta = 'words' in changed ? changed : sparseOf(changed)
  if (delta.words.length > MAX_DELTA_BYTES) throw tooLarge(delta.words.length)
  if (!isDelta(delta)) throw malformed()
  const plain = Buffer.concat([delta.masks, delta.words])
  const deflated = await deflateContent(plain)
  const small = deflated.length < plain.length
  const header = [small ? DEFLATED : PLAIN]
  pushVarint(header, delta.pages)
  pushVarint(header, delta.globals.length)
  for (const value of delta.globals) pushVarint(header, zigzag(value))
  pushVarint(header, delta.lines.length)
  let next = 0
  for (const line of delta.lines) {
    pushVarint(header, line - next)
    next = line + 1
  }
  return Buffer.concat([Uint8Array.from(header), small ? deflated : plain])
}

/** The same of whole lines. @param before what is known of them @throws StoreError DELTA_TOO_LARGE, STATE_INVALID */
export const sparseOf = (delta: Delta, before?: Before): SparseDelta => {
  if (delta.bytes.length > MAX_DELTA_BYTES) throw tooLarge(delta.bytes.length)
  if (delta.bytes.length !== delta.lines.length * LINE) throw malformed()
  return sparseDelta(delta, before)
}

/**
 * Reads a delta that may be hostile: all counts are bounded before anything is inflated, and inflating is bounded by them.
 *
 * @throws StoreError BLOCK_INVALID
 */
export const decodeDelta = async (bytes: Uint8Array): Promise<SparseDelta> => {
  if (bytes.length > MAX_DELTA_BYTES + MAX_DELTA_HEADER_BYTES) throw invalid('is too long')
  const form = bytes[0]
  if (form !== PLAIN && form !== DEFLATED) throw invalid('has an unknown form')
  const reader = varintReader(bytes, 1)
  const pages = reader.next(MAX_WASM_PAGES)
  const end = pages * LINES_PER_WASM_PAGE
  const globals = Array.from({ length: reader.next(MAX_GLOBALS) }, () => unzigzag(reader.next(MAX_ZIGZAG)))
  const count = reader.next(Math.min(end, MAX_DELTA_BYTES / LINE))
  // each index takes a byte at least, so that a short input cannot make a long array
  if (count > bytes.length - reader.position) throw invalid('lacks line indexes')
  const lines = new Uint32Array(count)
  for (let i = 0, next = 0; i < count; i++, next++) {
    next += reader.next(end - 1 - next)
    lines[i] = next
  }
  const rest = bytes.subarray(reader.position)
  const content = form === PLAIN ? rest.slice() : await inflateContent(rest, count * (LINE_MASK + LINE))
  if (content.length < count * LINE_MASK) throw invalid('lacks masks')
  const [masks, words] = [content.subarray(0, count * LINE_MASK), content.subarray(count * LINE_MASK)]
  const delta = { lines, masks, words, pages, globals }
  if (!isDelta(delta)) throw invalid('does not hold together')
  return delta
}

const isDelta = ({ lines, masks, words, pages, globals }: SparseDelta): boolean =>
  Number.isInteger(pages) &&
  pages >= 1 &&
  pages <= MAX_WASM_PAGES &&
  globals.length <= MAX_GLOBALS &&
  globals.every((value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32) &&
  masks.length === lines.length * LINE_MASK &&
  words.length === wordCount(masks) * WORD &&
  lines.every((line, i) => line < pages * LINES_PER_WASM_PAGE && (i === 0 || line > lines[i - 1]!))

const deflateContent = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const options = { level: DEFLATE_LEVEL }
  return bytes.length <= SYNC_DEFLATE_BYTES ? deflateRawSync(bytes, options) : await deflate(bytes, options)
}

const inflateContent = async (bytes: Uint8Array, most: number): Promise<Uint8Array> => {
  // zlib takes no bound of 0; nothing is ever deflated to nothing, see `small` above
  if (most === 0) throw invalid('deflates nothing')
  const options = { maxOutputLength: most }
  try {
    return most <= SYNC_DEFLATE_BYTES ? inflateRawSync(bytes, options) : await inflate(bytes, options)
  } catch {
    throw invalid('cannot be inflated')
  }
}

const tooLarge = (length: number): StoreError =>
  new StoreError('DELTA_TOO_LARGE', `A call changed ${length} bytes of memory.`)

const malformed = (): StoreError => new StoreError('STATE_INVALID', 'A delta handed to the store is malformed.')

const invalid = (what: string): StoreError => new StoreError('BLOCK_INVALID', `The delta of a commit ${what}.`)
