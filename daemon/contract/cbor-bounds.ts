/** Length of the argument that follows a CBOR head, by the low five bits of it (RFC 8949, 3). */
const ARGUMENT_BYTES: Record<number, number> = { 24: 1, 25: 2, 26: 4, 27: 8 }

/**
 * Whether CBOR bytes hold no more than `maxItems` items, nested no deeper than `maxDepth`, of definite lengths that fit the bytes.
 * One pass without recursion or allocation by length, to be made before a decoder sees what came from elsewhere.
 */
export function isBoundedCbor(bytes: Uint8Array, limits: { maxDepth: number; maxItems: number }): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** how many items are still to come, per open container */
  const open: number[] = [1]
  let at = 0
  let items = 0
  while (open.length > 0) {
    const left = open.length - 1
    if (open[left] === 0) {
      open.pop()
      continue
    }
    open[left] = (open[left] ?? 0) - 1
    if (at >= bytes.length || ++items > limits.maxItems || open.length > limits.maxDepth) return false
    const head = bytes[at++] ?? 0
    const info = head & 0x1f
    const size = info < 24 ? 0 : ARGUMENT_BYTES[info]
    if (size === undefined || at + size > bytes.length) return false
    const argument = info < 24 ? info : readArgument(view, at, size)
    at += size
    const major = head >> 5
    if (major === 2 || major === 3) at += argument
    else if (major === 4) open.push(argument)
    else if (major === 5) open.push(argument * 2)
    else if (major === 6) open.push(1)
    if (at > bytes.length) return false
  }
  return at === bytes.length
}

function readArgument(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at)
  if (size === 2) return view.getUint16(at)
  return size === 4 ? view.getUint32(at) : Number(view.getBigUint64(at))
}
