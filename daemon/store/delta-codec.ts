import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib'
import { LINE, MAX_WASM_PAGES, WASM_PAGE } from '../vm/constants.ts'
import type { Delta } from '../vm/types.ts'
import { DEFLATE_LEVEL, MAX_DELTA_BYTES, MAX_DELTA_HEADER_BYTES, MAX_GLOBALS, SYNC_DEFLATE_BYTES } from './constants.ts'
import { StoreError } from './errors.ts'
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
export const encodeDelta = async (delta: Delta): Promise<Uint8Array> => {
  checkDelta(delta)
  const plain = delta.bytes
  const deflated = await deflateLines(plain)
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
  return concat(Uint8Array.from(header), small ? deflated : plain)
}

/**
 * Reads a delta that may be hostile: all counts are bounded before anything is inflated, and inflating is bounded by them.
 *
 * @throws StoreError BLOCK_INVALID
 */
export const decodeDelta = async (bytes: Uint8Array): Promise<Delta> => {
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
  const content = form === PLAIN ? rest.slice() : await inflateLines(rest, count * LINE)
  if (content.length !== count * LINE) throw invalid('does not have the bytes of its lines')
  const delta = { lines, bytes: content, pages, globals }
  if (!isDelta(delta)) throw invalid('is out of range')
  return delta
}

const checkDelta = (delta: Delta): void => {
  if (delta.bytes.length > MAX_DELTA_BYTES) {
    throw new StoreError('DELTA_TOO_LARGE', `A call changed ${delta.bytes.length} bytes of memory.`)
  }
  if (!isDelta(delta)) throw new StoreError('STATE_INVALID', 'A delta handed to the store is malformed.')
}

const isDelta = ({ lines, bytes, pages, globals }: Delta): boolean =>
  Number.isInteger(pages) &&
  pages >= 1 &&
  pages <= MAX_WASM_PAGES &&
  globals.length <= MAX_GLOBALS &&
  globals.every((value) => Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32) &&
  bytes.length === lines.length * LINE &&
  lines.every((line, i) => line < pages * LINES_PER_WASM_PAGE && (i === 0 || line > lines[i - 1]!))

const deflateLines = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const options = { level: DEFLATE_LEVEL }
  return bytes.length <= SYNC_DEFLATE_BYTES ? deflateRawSync(bytes, options) : await deflate(bytes, options)
}

const inflateLines = async (bytes: Uint8Array, length: number): Promise<Uint8Array> => {
  // zlib takes no bound of 0; nothing is ever deflated to nothing, see `small` above
  if (length === 0) throw invalid('deflates nothing')
  const options = { maxOutputLength: length }
  try {
    return length <= SYNC_DEFLATE_BYTES ? inflateRawSync(bytes, options) : await inflate(bytes, options)
  } catch {
    throw invalid('cannot be inflated')
  }
}

const concat = (a: Uint8Array, b: Uint8Array): Uint8Array => {
  const all = new Uint8Array(a.length + b.length)
  all.set(a)
  all.set(b, a.length)
  return all
}

const invalid = (what: string): StoreError => new StoreError('BLOCK_INVALID', `The delta of a commit ${what}.`)
