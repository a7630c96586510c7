import * as dagCbor from '@ipld/dag-cbor'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { CID } from 'multiformats/cid'
import { decodeCanonical, equalBytes, fieldsOf } from '../codec.ts'
import {
  MAX_CLOCK_SKEW_MS,
  MAX_LIFETIME_MS,
  MAX_NETWORK_LENGTH,
  MAX_RECORD_BYTES,
  MAX_RECORD_DEPTH,
  MAX_RECORD_ITEMS,
  MAX_RECORD_NODES,
  RECORD_DOMAIN,
  RECORD_NAMESPACE,
} from '../constants.ts'
import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import { isCborLink } from '../link.ts'
import type { HomeRecord, Signer } from '../types.ts'
import { publicKeyOf, userIdOf } from '../user-id.ts'
import { checkNodes } from './home.ts'

const LIMITS = { bytes: MAX_RECORD_BYTES, depth: MAX_RECORD_DEPTH, items: MAX_RECORD_ITEMS }
const BODY_FIELDS = ['v', 'user', 'network', 'seq', 'issued', 'expires', 'home', 'nodes'] as const
const SIGNATURE_BYTES = 64
const KEY_PREFIX = `/${RECORD_NAMESPACE}/`

/** What a record is judged by. */
export interface RecordContext {
  key: Uint8Array
  network: string
  /** milliseconds since 1970 */
  now: number
}

interface DecodedRecord {
  record: HomeRecord
  publicKey: Uint8Array
  signed: Uint8Array
  sig: Uint8Array
}

/** The DHT key of a user's record. */
export function recordKey(user: string): Uint8Array {
  return new TextEncoder().encode(`${KEY_PREFIX}${user}`)
}

/**
 * The user that a DHT key belongs to.
 * @throws {RegistryError} RECORD_WRONG_KEY
 */
function userOfKey(key: Uint8Array): string {
  const user = Buffer.from(key.subarray(0, 128)).toString('latin1').slice(KEY_PREFIX.length)
  try {
    publicKeyOf(user)
  } catch {
    throw refusal('RECORD_WRONG_KEY', 'its key does not name a user')
  }
  if (!equalBytes(recordKey(user), key)) throw refusal('RECORD_WRONG_KEY', 'its key does not name a user')
  return user
}

/**
 * Makes and signs a record for the signer's own user.
 * @throws {RegistryError} RECORD_INVALID for fields out of bounds, USER_ID_INVALID for a key that is not Ed25519
 */
export async function signRecord(signer: Signer, fields: Omit<HomeRecord, 'user'>): Promise<Uint8Array> {
  userIdOf(signer.publicKey)
  const { network, seq, issued, expires, home, nodes } = fields
  const body = { v: 1, user: signer.publicKey, network, seq, issued, expires, home, nodes }
  const bytes = dagCbor.encode({ body, sig: await signer.sign(toSign(body)) })
  decodeRecord(bytes)
  return bytes
}

/** Reads a record's fields, without judging signature or time. @throws {RegistryError} RECORD_INVALID */
export function decodeRecord(bytes: Uint8Array): HomeRecord {
  return decode(bytes).record
}

/**
 * Reads and judges a record; the cheap checks come first. An expired record is reported as such only if all else is right.
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_KEY, RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyRecord(bytes: Uint8Array, context: RecordContext): Promise<HomeRecord> {
  const user = userOfKey(context.key)
  const { record, publicKey, signed, sig } = decode(bytes)
  if (record.user !== user) throw refusal('RECORD_WRONG_KEY', 'it is signed for another user than its key names')
  if (record.network !== context.network) throw refusal('RECORD_WRONG_NETWORK', 'it belongs to another network')
  if (record.issued > context.now + MAX_CLOCK_SKEW_MS)
    throw refusal('RECORD_FROM_FUTURE', 'it was issued in the future')
  if (!(await isSigned(publicKey, signed, sig))) throw refusal('SIGNATURE_INVALID', 'its signature does not fit')
  if (record.expires <= context.now) throw refusal('RECORD_EXPIRED', 'it has expired')
  return record
}

async function isSigned(publicKey: Uint8Array, signed: Uint8Array, sig: Uint8Array): Promise<boolean> {
  try {
    return await publicKeyFromProtobuf(publicKey).verify(signed, sig)
  } catch {
    // Bytes that are no point of the curve
    return false
  }
}

function decode(bytes: Uint8Array): DecodedRecord {
  try {
    const { body, sig } = fieldsOf(decodeCanonical(bytes, LIMITS), ['body', 'sig'])
    if (!(sig instanceof Uint8Array) || sig.byteLength !== SIGNATURE_BYTES)
      throw new Error('its signature has no 64 bytes')
    const record = checkBody(body)
    return { record, publicKey: (body as { user: Uint8Array }).user, signed: toSign(body), sig }
  } catch (error) {
    throw refusal('RECORD_INVALID', error instanceof Error ? error.message : 'it cannot be read')
  }
}

function checkBody(value: unknown): HomeRecord {
  const { v, user, network, seq, issued, expires, home, nodes } = fieldsOf(value, BODY_FIELDS)
  if (v !== 1) throw new Error('its version is not 1')
  if (!(user instanceof Uint8Array)) throw new Error('its user is not a key')
  if (typeof network !== 'string' || !/^[\x21-\x7e]+$/.test(network) || network.length > MAX_NETWORK_LENGTH) {
    throw new Error(`its network is not 1 to ${MAX_NETWORK_LENGTH} visible ASCII characters`)
  }
  if (!isCount(seq) || seq === 0) throw new Error('its sequence is not a whole number above 0')
  if (!isCount(issued) || !isCount(expires)) throw new Error('its times are not whole milliseconds')
  if (expires <= issued || expires - issued > MAX_LIFETIME_MS)
    throw new Error('it lives longer than 48 hours, or not at all')
  if (!isCborLink(home)) throw new Error('its home is not the CID of a dag-cbor block')
  const peers = checkNodes(nodes, MAX_RECORD_NODES)
  return { user: userIdOf(user), network, seq, issued, expires, home: home as CID, nodes: peers }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The bytes that the user signs: specs/registry.md. */
function toSign(body: unknown): Uint8Array {
  return Buffer.concat([Buffer.from(RECORD_DOMAIN), dagCbor.encode(body)])
}

function refusal(code: RegistryErrorCode, why: string): RegistryError {
  return new RegistryError(
    code,
    `a home record was refused: ${why}`,
    'ask another peer, or its publisher to publish it again',
  )
}
