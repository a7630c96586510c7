import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { RegistryError } from './errors.ts'
import { quote } from './quote.ts'

/** libp2p protobuf of an Ed25519 public key: type 1, then 32 bytes (libp2p specs, peer-ids.md) */
const KEY_PREFIX = Uint8Array.of(0x08, 0x01, 0x12, 0x20)
const KEY_BYTES = 36
/** identity multihash of those 36 bytes */
const HASH_PREFIX = Uint8Array.of(0x00, 0x24)
/** CIDv1, libp2p-key */
const CID_PREFIX = Uint8Array.of(0x01, 0x72)
/** a user ID has 62 characters, a peer ID 52; what is longer is not decoded */
const MAX_LENGTH = 64

/** Encodings of y, without the sign bit, of the points of small order that are below p: keys for which anybody can sign. */
const SMALL_ORDER: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]

/** Whether these are the protobuf bytes of an Ed25519 public key, canonical and of full order. */
function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.byteLength !== KEY_BYTES || !startsWith(bytes, KEY_PREFIX)) return false
  // a copy, which the slice of a Buffer is not
  const y = Uint8Array.from(bytes.subarray(KEY_PREFIX.byteLength))
  y[31] = (y[31] ?? 0) & 0x7f
  const reduced = y[31] !== 0x7f || y.subarray(1, 31).some((byte) => byte !== 0xff) || (y[0] ?? 0) < 0xed
  return reduced && !SMALL_ORDER.includes(Buffer.from(y).toString('hex'))
}

/**
 * The user ID of a public key (libp2p protobuf bytes): `k51...`, its libp2p-key CIDv1 in base36, as IPNS names are written.
 * @throws {RegistryError} USER_ID_INVALID unless it is an Ed25519 key
 */
export function userIdOf(publicKey: Uint8Array): string {
  if (!isPublicKey(publicKey)) throw invalid('the key is not an Ed25519 public key in libp2p protobuf bytes')
  return base36.encode(Buffer.concat([CID_PREFIX, HASH_PREFIX, publicKey]))
}

/**
 * The public key (libp2p protobuf bytes) in a user ID. One key has exactly one user ID: another spelling is refused.
 * @throws {RegistryError} USER_ID_INVALID
 */
export function publicKeyOf(userId: string): Uint8Array {
  const key = keyIn(userId, (text) => base36.decode(text), [CID_PREFIX, HASH_PREFIX])
  if (key === undefined || userIdOf(key) !== userId) throw invalid(`${quote(userId)} is not a user ID`)
  return key
}

/** Whether it is a user ID in its one written form. */
export function isUserId(text: string): boolean {
  const key = keyIn(text, (id) => base36.decode(id), [CID_PREFIX, HASH_PREFIX])
  return key !== undefined && userIdOf(key) === text
}

/**
 * The peer ID of a node's public key (libp2p protobuf bytes).
 * @throws {RegistryError} USER_ID_INVALID unless it is an Ed25519 key
 */
export function peerIdOfKey(publicKey: Uint8Array): string {
  if (!isPublicKey(publicKey)) throw invalid('the key is not an Ed25519 public key in libp2p protobuf bytes')
  return base58btc.encode(Buffer.concat([HASH_PREFIX, publicKey])).slice(1)
}

/**
 * The public key (libp2p protobuf bytes) in a peer ID.
 * @throws {RegistryError} USER_ID_INVALID
 */
export function publicKeyOfPeer(peer: string): Uint8Array {
  const key = keyIn(peer, (text) => base58btc.decode(`z${text}`), [HASH_PREFIX])
  if (key === undefined) throw invalid(`${quote(peer)} is not the peer ID of an Ed25519 key`)
  return key
}

/** Whether it is the peer ID of an Ed25519 node key, `12D3Koo...`, in its one written form. */
export function isPeerId(text: string): boolean {
  const key = keyIn(text, (peer) => base58btc.decode(`z${peer}`), [HASH_PREFIX])
  return key !== undefined && base58btc.encode(Buffer.concat([HASH_PREFIX, key])).slice(1) === text
}

function keyIn(text: string, decode: (text: string) => Uint8Array, prefixes: Uint8Array[]): Uint8Array | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    const bytes = decode(text)
    const prefix = Buffer.concat(prefixes)
    const key = bytes.slice(prefix.byteLength)
    return startsWith(bytes, prefix) && isPublicKey(key) ? key : undefined
  } catch {
    return undefined
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte)
}

function invalid(message: string): RegistryError {
  return new RegistryError('USER_ID_INVALID', message, 'a user ID is the "k51..." that `amigo id` prints')
}
