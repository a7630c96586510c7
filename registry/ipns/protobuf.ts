/** As much of Protocol Buffers as an IPNS record takes: whole numbers and bytes, each field once (https://protobuf.dev/programming-guides/encoding). */

export type Fields = ReadonlyMap<number, bigint | Uint8Array>

const VARINT = 0
const BYTES = 2

/** @throws {Error} for a field that comes twice, of another kind, or cut off */
export function decodeFields(bytes: Uint8Array): Fields {
  const fields = new Map<number, bigint | Uint8Array>()
  for (let at = 0; at < bytes.length; ) {
    const [tag, afterTag] = readVarint(bytes, at)
    const [number, kind] = [Number(tag >> 3n), Number(tag & 7n)]
    if (number === 0 || fields.has(number)) throw new Error('it has a field twice, or one without a number')
    const [value, next] = readVarint(bytes, afterTag)
    if (kind === VARINT) {
      fields.set(number, value)
      at = next
    } else if (kind === BYTES) {
      at = next + Number(value)
      if (value > BigInt(bytes.length) || at > bytes.length) throw new Error('it is cut off')
      fields.set(number, bytes.slice(next, at))
    } else {
      throw new Error('it has a field of another kind')
    }
  }
  return fields
}

/** Of fields that are bytes, in the order of their numbers. */
export function encodeBytes(fields: readonly [number: number, bytes: Uint8Array][]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, bytes]) => [varint((number << 3) | BYTES), varint(bytes.length), bytes]),
  )
}

/** At most 64 bits, in as few bytes as it takes. */
function readVarint(bytes: Uint8Array, at: number): [value: bigint, next: number] {
  let value = 0n
  for (let index = 0; index < 10; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) throw new Error('it is cut off')
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) {
      if (value >= 1n << 64n || (byte === 0 && index > 0)) break
      return [value, at + index + 1]
    }
  }
  throw new Error('it has a number of more than 64 bits, or one that is longer than it has to be')
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  return Uint8Array.of(...bytes, rest)
}
