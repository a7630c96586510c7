/** Why bytes are refused before any of them is decoded. */
export type ScanFault = 'too-large' | 'too-deep' | 'too-many' | 'malformed' | 'not-canonical'

export interface ScanLimits {
  bytes: number
  depth: number
  /** CBOR items, the keys of maps among them */
  elements: number
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Looks through one DAG-CBOR value without building it: it costs one pass, no memory, and at most `limits.depth` calls of stack.
 *
 * Bytes that pass decode, and their value encodes to the same bytes again. Beyond the DAG-CBOR specification that asks for
 * numbers with an integral value up to 2^53 - 1 to be integers (so that JavaScript can tell), and for texts not to begin with a byte
 * order mark (decoders drop it).
 *
 * Source: RFC 8949 and https://ipld.io/specs/codecs/dag-cbor/spec/
 */
export function scanCbor(bytes: Uint8Array, limits: ScanLimits): ScanFault | undefined {
  if (bytes.byteLength > limits.bytes) return 'too-large'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = bytes.byteLength
  let at = 0
  let elements = 0
  let argument = 0

  /** Reads the argument of a head into `argument`; 64-bit ones only as far as their being canonical. */
  function head(info: number): ScanFault | undefined {
    if (info < 24) {
      argument = info
      return undefined
    }
    if (info > 27) return info === 31 ? 'not-canonical' : 'malformed'
    const width = 1 << (info - 24)
    if (at + width > end) return 'malformed'
    if (info === 24) argument = view.getUint8(at)
    else if (info === 25) argument = view.getUint16(at)
    else if (info === 26) argument = view.getUint32(at)
    else argument = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
    at += width
    const least = info === 24 ? 24 : 2 ** (8 * (width >> 1))
    return argument < least ? 'not-canonical' : undefined
  }

  function text(): ScanFault | undefined {
    if (argument > end - at) return 'malformed'
    const start = at
    at += argument
    if (argument > 2 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf)
      return 'not-canonical'
    for (let i = start; i < at; i++) {
      if (bytes[i]! < 0x80) continue
      try {
        UTF8.decode(bytes.subarray(i, at))
        return undefined
      } catch {
        return 'malformed'
      }
    }
    return undefined
  }

  /** Heads are canonical, so comparing keys with their heads is the "shorter first, then by bytes" of DAG-CBOR. */
  function ascending(before: number, beforeEnd: number, after: number): boolean {
    const shorter = Math.min(beforeEnd - before, at - after)
    for (let i = 0; i < shorter; i++) {
      const difference = bytes[after + i]! - bytes[before + i]!
      if (difference !== 0) return difference > 0
    }
    return false
  }

  function map(depth: number): ScanFault | undefined {
    const pairs = argument
    if (pairs * 2 > end - at) return 'malformed'
    let before = -1
    let beforeEnd = -1
    for (let i = 0; i < pairs; i++) {
      const start = at
      if (start >= end || bytes[start]! >> 5 !== 3) return 'malformed'
      const fault = item(depth)
      if (fault !== undefined) return fault
      if (before >= 0 && !ascending(before, beforeEnd, start)) return 'not-canonical'
      before = start
      beforeEnd = at
      const inner = item(depth)
      if (inner !== undefined) return inner
    }
    return undefined
  }

  function link(): ScanFault | undefined {
    if (argument !== 42 || at >= end || bytes[at]! >> 5 !== 2) return 'malformed'
    const fault = head(bytes[at++]! & 31)
    if (fault !== undefined) return fault
    if (argument < 2 || argument > end - at || bytes[at] !== 0) return 'malformed'
    at += argument
    return undefined
  }

  function simple(info: number): ScanFault | undefined {
    if (info >= 20 && info <= 22) return undefined
    if (info === 25 || info === 26) return 'not-canonical'
    if (info !== 27 || at + 8 > end) return 'malformed'
    const value = view.getFloat64(at)
    at += 8
    if (!Number.isFinite(value)) return 'malformed'
    return Number.isSafeInteger(value) ? 'not-canonical' : undefined
  }

  function item(depth: number): ScanFault | undefined {
    if (depth > limits.depth) return 'too-deep'
    if (++elements > limits.elements) return 'too-many'
    if (at >= end) return 'malformed'
    const first = bytes[at++]!
    const major = first >> 5
    if (major === 7) return simple(first & 31)
    const fault = head(first & 31)
    if (fault !== undefined || major < 2) return fault
    if (major === 3) return text()
    if (major === 5) return map(depth + 1)
    if (major === 6) return link()
    if (argument > end - at) return 'malformed'
    if (major === 2) {
      at += argument
      return undefined
    }
    for (let left = argument; left > 0; left--) {
      const inner = item(depth + 1)
      if (inner !== undefined) return inner
    }
    return undefined
  }

  return item(1) ?? (at === end ? undefined : 'malformed')
}
