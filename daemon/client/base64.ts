/** Base64 (RFC 4648, section 4) in what Node and all browsers have. */

/** Characters of a piece that is made at a time: arguments of a function are limited. */
const PIECE = 0x6000

/** With padding. */
export function toPaddedBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(binary)
}

/** Without padding. */
export function toBase64(bytes: Uint8Array): string {
  return toPaddedBase64(bytes).replace(/=+$/, '')
}

/** Undefined for what is not in the one form without padding. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*$/.test(text) || text.length % 4 === 1) return undefined
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  // bits that belong to no byte have to be zero
  return toBase64(bytes) === text ? bytes : undefined
}
