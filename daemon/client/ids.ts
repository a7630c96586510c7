/** IDs between text and bytes (https://github.com/multiformats/multibase). */
import { notOurs } from './errors.ts'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
/** CIDv1, codec libp2p-key, identity hash of 36 bytes. */
const USER_ID_HEAD = [0x01, 0x72, 0x00, 0x24]
/** The libp2p protobuf of an Ed25519 public key, before its 32 bytes. */
const PUBLIC_KEY_HEAD = [0x08, 0x01, 0x12, 0x20]

/** The bytes of a CID in base32, `bafy...`. @throws AmigoError BAD_ANSWER */
export function cidBytes(text: string): Uint8Array {
  if (!text.startsWith('b')) throw notOurs('not-sent')
  const bytes: number[] = []
  let buffer = 0
  let bits = 0
  for (const char of text.slice(1)) {
    const digit = BASE32.indexOf(char)
    if (digit < 0) throw notOurs('not-sent')
    buffer = (buffer << 5) | digit
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push(buffer >> bits)
    buffer &= (1 << bits) - 1
  }
  return Uint8Array.from(bytes)
}

/** @param raw 32 bytes of Ed25519 */
export function publicKeyOf(raw: Uint8Array): Uint8Array {
  return Uint8Array.from([...PUBLIC_KEY_HEAD, ...raw])
}

/** `k51...`. @param publicKey libp2p protobuf */
export function userIdOf(publicKey: Uint8Array): string {
  // the first byte is not zero, so that no digit of it is lost
  const hex = [...USER_ID_HEAD, ...publicKey].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `k${BigInt(`0x${hex}`).toString(36)}`
}
