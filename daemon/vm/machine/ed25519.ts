import { createPublicKey, verify } from 'node:crypto'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** The field of curve25519 (RFC 7748): 2^255 - 19. */
const P = 2n ** 255n - 19n
const ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n
/**
 * Heights (y) of the points of order 1, 2, 4 and 8: with such a key one signature can fit many messages. RFC 8032 leaves them to the
 * verifier; libsodium refuses them as well.
 */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, ORDER_8, P - ORDER_8])

/** Ed25519 (RFC 8032, 5.1.7), strict: a key that is not canonical, or of small order, verifies nothing. Never throws. */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES || !isStrictKey(key)) return false
  try {
    const x = Buffer.from(key).toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, message, publicKey, signature)
  } catch {
    return false
  }
}

function isStrictKey(key: Uint8Array): boolean {
  const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & (2n ** 255n - 1n)
  return y < P && !SMALL_ORDER.has(y)
}
