import * as dagCbor from '@ipld/dag-cbor'

export interface CodecLimits {
  bytes: number
  depth: number
  /** heads of CBOR items, a map's names included */
  items: number
}

/**
 * Decodes dag-cbor that has exactly one way to be written. Size, depth and element count are checked before anything is
 * built, and the result is encoded again and compared, because the decoder takes what the encoder would not write.
 * @throws {Error} saying what is wrong, in plain words; callers give it their own code
 */
export function decodeCanonical(bytes: Uint8Array, limits: CodecLimits): unknown {
  if (bytes.byteLength > limits.bytes) throw new Error(`it is larger than ${limits.bytes} bytes`)
  checkStructure(bytes, limits)
  const value = decode(bytes)
  if (!equalBytes(dagCbor.encode(value), bytes)) throw new Error('it is not in canonical dag-cbor')
  return value
}

/** The object with exactly these fields. @throws {Error} */
export function fieldsOf<Key extends string>(value: unknown, keys: readonly Key[]): Record<Key, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new Error('a part of it is not a map')
  }
  const names = Object.keys(value)
  if (names.length !== keys.length || !keys.every((key) => Object.hasOwn(value, key))) {
    throw new Error(`it does not have exactly the fields ${keys.join(', ')}`)
  }
  return value as Record<Key, unknown>
}

/** Not in constant time: for what is public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function decode(bytes: Uint8Array): unknown {
  try {
    return dagCbor.decode(bytes)
  } catch {
    throw new Error('it is not dag-cbor')
  }
}

/** Walks the heads of all items (RFC 8949, section 3) without recursion; refuses what is too deep, too many or cut off. */
function checkStructure(bytes: Uint8Array, limits: CodecLimits): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** items still to come, for each open list, map or tag */
  const open: number[] = [1]
  let at = 0
  for (let items = 1; open.length > 0; items++) {
    if (items > limits.items) throw new Error(`it has more than ${limits.items} items`)
    if (at >= bytes.byteLength) throw new Error('it is cut off')
    const major = view.getUint8(at) >> 5
    const [argument, next] = readArgument(view, at)
    open.push((open.pop() ?? 0) - 1)
    at = major === 2 || major === 3 ? next + argument : next
    const children = major === 4 ? argument : major === 5 ? 2 * argument : major === 6 ? 1 : 0
    if (children > 0) open.push(children)
    while (open.at(-1) === 0) open.pop()
    if (open.length > limits.depth + 1) throw new Error(`it is nested deeper than ${limits.depth}`)
  }
  if (at !== bytes.byteLength) throw new Error('bytes are missing or left over at its end')
}

/** The number in an item's head, and where the head ends. */
function readArgument(view: DataView, at: number): [argument: number, next: number] {
  const info = view.getUint8(at) & 0x1f
  if (info < 24) return [info, at + 1]
  const size = 1 << (info - 24)
  if (info > 27 || at + 1 + size > view.byteLength) throw new Error('it has an item of no known length')
  if (size === 1) return [view.getUint8(at + 1), at + 2]
  if (size === 2) return [view.getUint16(at + 1), at + 3]
  if (size === 4) return [view.getUint32(at + 1), at + 5]
  return [Number(view.getBigUint64(at + 1)), at + 9]
}
