/** As much of canonical DAG-CBOR (https://ipld.io/specs/codecs/dag-cbor/spec/) as it takes to sign a call. */

/** A link to a block, by the bytes of its CID. */
export interface Link {
  cid: Uint8Array
}

export type Field = number | string | Uint8Array | Link

const MAJOR = { unsigned: 0, bytes: 2, text: 3, map: 5, tag: 6 }
/** The tag of a CID in CBOR. */
const CID_TAG = 42

/** A map of fields, in the one order that there is: shorter keys first. Keys are ASCII, numbers whole and not negative. */
export function encodeMap(fields: Readonly<Record<string, Field>>): Uint8Array {
  const keys = Object.keys(fields).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  return concat([head(MAJOR.map, keys.length), ...keys.flatMap((key) => [encode(key), encode(fields[key]!)])])
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function encode(field: Field): Uint8Array {
  if (typeof field === 'number') return head(MAJOR.unsigned, field)
  if (typeof field === 'string') {
    const bytes = new TextEncoder().encode(field)
    return concat([head(MAJOR.text, bytes.length), bytes])
  }
  if (field instanceof Uint8Array) return concat([head(MAJOR.bytes, field.length), field])
  // a zero byte before it: multibase for "as bytes"
  return concat([head(MAJOR.tag, CID_TAG), encode(concat([Uint8Array.of(0), field.cid]))])
}

/** Major type and length in the shortest form. */
function head(major: number, value: number): Uint8Array {
  const first = major << 5
  if (value < 24) return Uint8Array.of(first | value)
  if (value < 0x100) return Uint8Array.of(first | 24, value)
  const view = new DataView(new ArrayBuffer(9))
  if (value < 0x1_0000) {
    view.setUint8(0, first | 25)
    view.setUint16(1, value)
    return new Uint8Array(view.buffer, 0, 3)
  }
  if (value < 0x1_0000_0000) {
    view.setUint8(0, first | 26)
    view.setUint32(1, value)
    return new Uint8Array(view.buffer, 0, 5)
  }
  view.setUint8(0, first | 27)
  view.setBigUint64(1, BigInt(value))
  return new Uint8Array(view.buffer)
}
