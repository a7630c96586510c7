import { verify } from 'node:crypto'
import { ED25519_PROTOBUF_BYTES, ED25519_PROTOBUF_PREFIX, SIGNATURE_BYTES } from '../constants.ts'

/**
 * The y coordinates of small order, without the sign bit, little-endian: for such a key anybody can make signatures.
 * Source: libsodium, ge25519_has_small_order; https://eprint.iacr.org/2020/1244
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/** The DER of a SubjectPublicKeyInfo for Ed25519, RFC 8410, before the 32 bytes of the key. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** The protobuf of an Ed25519 public key in its one canonical form, of a key that can identify anybody. */
export function isEd25519PublicKey(value: unknown): value is Uint8Array {
  if (!(value instanceof Uint8Array) || value.byteLength !== ED25519_PROTOBUF_BYTES) return false
  if (ED25519_PROTOBUF_PREFIX.some((byte, i) => value[i] !== byte)) return false
  // a copy, which the slice of a Buffer is not
  const y = Uint8Array.from(value.subarray(ED25519_PROTOBUF_PREFIX.length))
  y[31] = y[31]! & 0x7f
  return !SMALL_ORDER.has(Buffer.from(y).toString('hex'))
}

/**
 * Checks a signature on another thread than this one, where it takes longer than all else that is done for a small request.
 *
 * @param publicKey one that `isEd25519PublicKey` accepts. RFC 8032; a signature with S beyond the order is refused.
 */
export function verifyEd25519(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.byteLength !== SIGNATURE_BYTES) return Promise.resolve(false)
  const raw = publicKey.subarray(ED25519_PROTOBUF_PREFIX.length)
  const key = { key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' } as const
  return new Promise((resolve) => {
    try {
      verify(null, bytes, key, signature, (error, isValid) => resolve(error === null && isValid))
    } catch {
      resolve(false)
    }
  })
}
