import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { decodeCanonical, fieldsOf } from '../codec.ts'
import { MAX_CLOCK_SKEW_MS, MAX_NETWORK_LENGTH } from '../constants.ts'
import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import { isLabel, USERNAME } from '../grammar/label.ts'
import { isCborLink } from '../link.ts'
import { isSignedBy } from '../signature.ts'
import type { Signer } from '../types.ts'
import { peerIdOfKey, publicKeyOf, userIdOf } from '../user-id.ts'
import {
  MAX_NAME_LIFETIME_MS,
  MAX_NAME_RECORD_BYTES,
  MAX_NAME_RECORD_DEPTH,
  MAX_NAME_RECORD_ITEMS,
  NAME_DOMAIN,
} from './constants.ts'
import type { NameRecord, Registrars, Signature } from './types.ts'

const LIMITS = { bytes: MAX_NAME_RECORD_BYTES, depth: MAX_NAME_RECORD_DEPTH, items: MAX_NAME_RECORD_ITEMS }
const FIELDS = ['v', 'network', 'username', 'user', 'seq', 'issued', 'expires', 'book', 'commit'] as const
const SIGNATURE_BYTES = 64

/** A record as it was read, not judged. */
export interface DecodedName {
  record: NameRecord
  /** what is signed, without its domain */
  body: Uint8Array
  /** in the order of the manifest, the hub's first */
  sigs: Signature[]
}

/** What a record is judged by. */
export interface NameContext {
  username: string
  network: Registrars
  /** milliseconds since 1970 */
  now: number
}

/**
 * Makes a record that the hub has signed.
 * @throws {RegistryError} RECORD_INVALID for fields out of bounds
 */
export async function signName(signer: Signer, fields: NameRecord): Promise<Uint8Array> {
  const { user, ...rest } = fields
  const body = { v: 1, ...rest, user: user === null ? null : publicKeyOf(user) }
  const sig = await signer.sign(toSign(dagCbor.encode(body)))
  const bytes = dagCbor.encode({ body, sigs: [{ key: signer.publicKey, sig }] })
  decodeName(bytes)
  return bytes
}

/** The signature that a witness sets beside the hub's. It is for whoever checked what the record says. */
export async function coSignName(signer: Signer, bytes: Uint8Array): Promise<Signature> {
  return { key: signer.publicKey, sig: await signer.sign(toSign(decodeName(bytes).body)) }
}

/** Whether a witness really signed this record. @param peer whose signature it has to be */
export async function isCoSignature(bytes: Uint8Array, peer: string, { key, sig }: Signature): Promise<boolean> {
  if (sig.byteLength !== SIGNATURE_BYTES || !isKeyOf(peer, key)) return false
  return isSignedBy(key, toSign(decodeName(bytes).body), sig)
}

/** The record with more signatures, in the order of the manifest; of those of one key the first. */
export function joinSignatures(bytes: Uint8Array, more: readonly Signature[], { registrars }: Registrars): Uint8Array {
  const { body, sigs } = decodeName(bytes)
  const byPeer = new Map([...sigs, ...more].reverse().map((one) => [peerIdOfKey(one.key), one]))
  const sorted = registrars.flatMap((peer) => byPeer.get(peer) ?? [])
  return dagCbor.encode({ body: dagCbor.decode(body), sigs: sorted })
}

/**
 * Reads and judges a record, offline: the cheap checks come first. One that has expired is told so only if all else is right.
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_KEY, RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE,
 * RECORD_UNKNOWN_REGISTRAR, RECORD_NOT_WITNESSED, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyName(bytes: Uint8Array, { username, network, now }: NameContext): Promise<NameRecord> {
  const decoded = decodeName(bytes)
  await verifySignatures(decoded, username, network, now, network.required)
  return decoded.record
}

/** The same for a witness that is asked to sign: the hub's signature is enough. */
export async function verifyUnwitnessed(
  bytes: Uint8Array,
  { username, network, now }: NameContext,
): Promise<NameRecord> {
  const decoded = decodeName(bytes)
  await verifySignatures(decoded, username, network, now, 0)
  return decoded.record
}

/** Reads a record's fields, without judging signatures or time. @throws {RegistryError} RECORD_INVALID */
export function decodeName(bytes: Uint8Array): DecodedName {
  try {
    const { body, sigs } = fieldsOf(decodeCanonical(bytes, LIMITS), ['body', 'sigs'])
    return { record: checkBody(body), body: dagCbor.encode(body), sigs: checkSignatures(sigs) }
  } catch (error) {
    throw refusal('RECORD_INVALID', error instanceof Error ? error.message : 'it cannot be read')
  }
}

async function verifySignatures(
  { record, body, sigs }: DecodedName,
  username: string,
  { id, registrars }: Registrars,
  now: number,
  required: number,
): Promise<void> {
  if (record.username !== username) throw refusal('RECORD_WRONG_KEY', 'it is about another username')
  if (record.network !== id) throw refusal('RECORD_WRONG_NETWORK', 'it belongs to another network')
  if (record.issued > now + MAX_CLOCK_SKEW_MS) throw refusal('RECORD_FROM_FUTURE', 'it was issued in the future')
  const places = sigs.map(({ key }) => registrars.indexOf(peerIdOfKey(key)))
  if (places.includes(-1))
    throw refusal('RECORD_UNKNOWN_REGISTRAR', 'the network does not name one of those who signed it')
  if (places[0] !== 0) throw refusal('RECORD_UNKNOWN_REGISTRAR', 'the hub of the network has not signed it')
  if (places.some((place, i) => i > 0 && place <= places[i - 1]!))
    throw refusal('RECORD_INVALID', 'its signatures are not in the order of the manifest')
  if (sigs.length - 1 < required)
    throw refusal('RECORD_NOT_WITNESSED', `${sigs.length - 1} witnesses signed it, and ${required} have to`)
  const signed = toSign(body)
  for (const { key, sig } of sigs)
    if (!(await isSignedBy(key, signed, sig))) throw refusal('SIGNATURE_INVALID', 'a signature does not fit')
  if (record.expires <= now) throw refusal('RECORD_EXPIRED', 'it has expired')
}

function checkBody(value: unknown): NameRecord {
  const { v, network, username, user, seq, issued, expires, book, commit } = fieldsOf(value, FIELDS)
  if (v !== 1) throw new Error('its version is not 1')
  if (typeof network !== 'string' || !/^[\x21-\x7e]+$/.test(network) || network.length > MAX_NETWORK_LENGTH) {
    throw new Error(`its network is not 1 to ${MAX_NETWORK_LENGTH} visible ASCII characters`)
  }
  if (typeof username !== 'string' || username.length > USERNAME.max || !isLabel(username, USERNAME))
    throw new Error('its username is none')
  if (user !== null && !(user instanceof Uint8Array)) throw new Error('its user is not a key')
  if (!isCount(seq) || seq === 0) throw new Error('its sequence is not a whole number above 0')
  if (!isCount(issued) || !isCount(expires)) throw new Error('its times are not whole milliseconds')
  if (expires <= issued || expires - issued > MAX_NAME_LIFETIME_MS)
    throw new Error('it lives longer than 30 days, or not at all')
  if (!isCborLink(book) || !isCborLink(commit)) throw new Error('its book or commit is not the CID of a dag-cbor block')
  const times = { seq, issued, expires }
  return { network, username, user: user && userIdOf(user), ...times, book: book as CID, commit: commit as CID }
}

function checkSignatures(value: unknown): Signature[] {
  if (!Array.isArray(value) || value.length === 0) throw new Error('nobody signed it')
  return value.map((one) => {
    const { key, sig } = fieldsOf(one, ['key', 'sig'])
    if (!(key instanceof Uint8Array)) throw new Error('one who signed it is not a key')
    userIdOf(key)
    if (!(sig instanceof Uint8Array) || sig.byteLength !== SIGNATURE_BYTES)
      throw new Error('a signature has no 64 bytes')
    return { key, sig }
  })
}

function isKeyOf(peer: string, key: Uint8Array): boolean {
  try {
    return peerIdOfKey(key) === peer
  } catch {
    return false
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The bytes that the hub and its witnesses sign: specs/names.md. */
function toSign(body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(NAME_DOMAIN), body])
}

function refusal(code: RegistryErrorCode, why: string): RegistryError {
  return new RegistryError(
    code,
    `A name record was refused: ${why}.`,
    'ask another peer, or the hub of the network: amigo network show names it',
  )
}
