import { base36 } from 'multiformats/bases/base36'
import { base58btc } from 'multiformats/bases/base58'
import { CID } from 'multiformats/cid'
import * as Digest from 'multiformats/hashes/digest'
import { identity } from 'multiformats/hashes/identity'
import { ProtocolError } from '../errors.ts'
import { isEd25519PublicKey } from './ed25519.ts'

/** Multicodec of a libp2p public key. */
const LIBP2P_KEY = 0x72
/** An ID of an Ed25519 key has 62 characters in base36; a peer ID 52 in base58. */
const MAX_ID_LENGTH = 64

/**
 * The user ID of a public key, `k51...`: base36 of its CIDv1 with the codec libp2p-key and an identity multihash, as IPNS writes names.
 *
 * @param publicKey libp2p protobuf bytes of an Ed25519 key
 * @throws ProtocolError USER_ID_INVALID
 */
export function userIdOf(publicKey: Uint8Array): string {
  if (!isEd25519PublicKey(publicKey)) throw invalid('The public key is no Ed25519 key in protobuf form.')
  return CID.createV1(LIBP2P_KEY, identity.digest(publicKey)).toString(base36)
}

/** Whether it is a user ID, in exactly the text that `userIdOf` gives. */
export function isUserId(text: string): boolean {
  if (text.length > MAX_ID_LENGTH) return false
  try {
    return userIdOf(CID.parse(text, base36).multihash.digest) === text
  } catch {
    return false
  }
}

/** The peer ID of an Ed25519 key in its usual text form, `12D3KooW...`. */
export function isPeerId(text: string): boolean {
  if (text.length > MAX_ID_LENGTH) return false
  try {
    const digest = Digest.decode(base58btc.baseDecode(text))
    return (
      digest.code === identity.code && isEd25519PublicKey(digest.digest) && base58btc.baseEncode(digest.bytes) === text
    )
  } catch {
    return false
  }
}

function invalid(message: string): ProtocolError {
  return new ProtocolError('USER_ID_INVALID', message, { hint: 'A user ID looks like k51...' })
}
