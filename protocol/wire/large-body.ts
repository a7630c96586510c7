/** The body of an answer in parts without a copy of the bytes in it: one of 10 MiB would hold up everybody else for milliseconds. */
import { MAX_ANSWER_BYTES, PART_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { isRecord } from './fields.ts'
import { encodeBody } from './frame.ts'

const NOTHING = new Uint8Array(0)
/** Maps of more fields have a longer head, and are encoded as a whole. */
const MAX_FIELDS = 23

/**
 * The DAG-CBOR of a body, in pieces of any length: large bytes, alone or as a field of the body, are the handler's own.
 *
 * @throws ProtocolError FRAME_TOO_LARGE, FRAME_TOO_DEEP, FRAME_TOO_MANY_ELEMENTS, FRAME_INVALID
 */
export function encodePieces(body: unknown): Uint8Array[] {
  const pieces = piecesOf(body)
  let size = 0
  for (const { length } of pieces) size += length
  if (size <= MAX_ANSWER_BYTES) return pieces
  throw new ProtocolError('FRAME_TOO_LARGE', 'The body is longer than an answer can be.')
}

/** The same bytes, in parts of PART_BYTES but for the last. */
export function* partsOf(pieces: readonly Uint8Array[]): Generator<Uint8Array> {
  let part: Uint8Array[] = []
  let size = 0
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + PART_BYTES - size)
      part.push(taken)
      at += taken.length
      size += taken.length
      if (size < PART_BYTES) break
      yield part.length === 1 ? taken : Buffer.concat(part)
      part = []
      size = 0
    }
  }
  if (size > 0) yield Buffer.concat(part)
}

function piecesOf(body: unknown): Uint8Array[] {
  if (isLarge(body)) return [headOf(body), body]
  if (!isRecord(body)) return [encodeBody(body)]
  const entries = Object.entries(body)
  if (entries.length > MAX_FIELDS || !entries.some(([, value]) => isLarge(value))) return [encodeBody(body)]
  // all that is checked of a body but its length
  encodeBody(Object.fromEntries(entries.map(([key, value]) => [key, isLarge(value) ? NOTHING : value])))
  const fields = entries.map(([key, value]) => ({ key: encodeBody(key), value }))
  // their heads are shortest, so this is the order of DAG-CBOR
  fields.sort((a, b) => Buffer.compare(a.key, b.key))
  const pieces = fields.flatMap(({ key, value }) => [
    key,
    ...(isLarge(value) ? [headOf(value), value] : [encodeBody(value)]),
  ])
  return [Uint8Array.of(0xa0 | entries.length), ...pieces]
}

const isLarge = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length > 0xffff

/** Of bytes whose length takes four. */
function headOf({ length }: Uint8Array): Uint8Array {
  const head = new Uint8Array(5)
  head[0] = 0x5a
  new DataView(head.buffer).setUint32(1, length)
  return head
}
