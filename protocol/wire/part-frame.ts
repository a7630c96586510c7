/** The frame that carries most of the bytes there are: written, and told from others, without copies of what it carries. */

/** Memory that lasts until the next frame is read: byte strings of what is decoded from it are views, whoever keeps them copies them. */
export class PassingBytes extends Uint8Array<ArrayBuffer> {
  override slice(start: number = 0, end: number = this.length): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.byteOffset + start, end - start)
  }
}

export interface PartFields {
  id: number
  size: number
  bytes: Uint8Array
  final: boolean
}

const MAP_OF_5 = 0xa5
/** the texts of a part in the order of DAG-CBOR, with their heads */
const ID = Uint8Array.of(0x62, ...Buffer.from('id'))
const SIZE = Uint8Array.of(0x64, ...Buffer.from('size'))
const TYPE = Uint8Array.of(0x64, ...Buffer.from('type'), 0x64, ...Buffer.from('part'))
const BYTES = Uint8Array.of(0x65, ...Buffer.from('bytes'))
const FINAL = Uint8Array.of(0x65, ...Buffer.from('final'))
const [FALSE, TRUE] = [0xf4, 0xf5]
const UNSIGNED = 0x00
const BYTE_STRING = 0x40
/** all but the bytes, with three numbers of nine bytes each */
const MAX_HEAD_BYTES: number = 1 + ID.length + SIZE.length + TYPE.length + BYTES.length + FINAL.length + 1 + 3 * 9

/** The DAG-CBOR of a part, as `encodeFrame` gives it, in one piece of memory that is written once. */
export function encodePart({ id, size, bytes, final }: PartFields): Uint8Array {
  const frame = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES + bytes.length)
  let at = 0
  const put = (some: Uint8Array): void => {
    frame.set(some, at)
    at += some.length
  }
  frame[at++] = MAP_OF_5
  put(ID)
  at = writeHead(frame, at, UNSIGNED, id)
  put(SIZE)
  at = writeHead(frame, at, UNSIGNED, size)
  put(TYPE)
  put(BYTES)
  at = writeHead(frame, at, BYTE_STRING, bytes.length)
  put(bytes)
  put(FINAL)
  frame[at++] = final ? TRUE : FALSE
  return frame.subarray(0, at)
}

/** Whether a frame begins as a part does, and no other frame. */
export function beginsAsPart(frame: Uint8Array): boolean {
  if (frame[0] !== MAP_OF_5 || !holds(frame, 1, ID)) return false
  const info = frame[1 + ID.length]! & 0x1f
  return holds(frame, 2 + ID.length + (info < 24 ? 0 : 1 << (info - 24)), SIZE)
}

function holds(frame: Uint8Array, at: number, some: Uint8Array): boolean {
  for (let i = 0; i < some.length; i++) if (frame[at + i] !== some[i]) return false
  return true
}

/** The shortest head of this number; where it ends. */
function writeHead(into: Buffer, at: number, major: number, value: number): number {
  if (value < 24) return into.writeUInt8(major | value, at)
  if (value < 2 ** 8) return into.writeUInt8(value, into.writeUInt8(major | 24, at))
  if (value < 2 ** 16) return into.writeUInt16BE(value, into.writeUInt8(major | 25, at))
  if (value < 2 ** 32) return into.writeUInt32BE(value, into.writeUInt8(major | 26, at))
  return into.writeBigUInt64BE(BigInt(value), into.writeUInt8(major | 27, at))
}
