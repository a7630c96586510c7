/** What home records and node records have in common: a body and one signature, in one dag-cbor block. */
import * as dagCbor from '@ipld/dag-cbor'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import { type CodecLimits, decodeCanonical, equalBytes, fieldsOf } from '../codec.ts'
import { MAX_CLOCK_SKEW_MS, MAX_LIFETIME_MS, MAX_NETWORK_LENGTH, SIGNATURE_BYTES } from '../constants.ts'
import { RegistryError, type RegistryErrorCode } from '../errors.ts'
import type { Signer } from '../types.ts'

/** What a record is judged by. */
export interface RecordContext {
  key: Uint8Array
  network: string
  /** milliseconds since 1970 */
  now: number
}

/** What every record says of itself, whoever signs it. */
export interface RecordTerms {
  network: string
  seq: number
  /** milliseconds since 1970 */
  issued: number
  expires: number
}

export interface SignedParts {
  body: unknown
  sig: Uint8Array
}

/** Canonical bytes of a body with its signature. */
export async function sealRecord(signer: Pick<Signer, 'sign'>, domain: string, body: object): Promise<Uint8Array> {
  return dagCbor.encode({ body, sig: await signer.sign(signedBytes(domain, body)) })
}

/** Takes a record apart, believing nothing. @throws {Error} */
export function openRecord(bytes: Uint8Array, limits: CodecLimits): SignedParts {
  const { body, sig } = fieldsOf(decodeCanonical(bytes, limits), ['body', 'sig'])
  if (!(sig instanceof Uint8Array) || sig.byteLength !== SIGNATURE_BYTES)
    throw new Error('its signature has no 64 bytes')
  return { body, sig }
}

/** Whether the key, in libp2p protobuf bytes, signed this in this domain. */
export async function isSignedBy(publicKey: Uint8Array, domain: string, { body, sig }: SignedParts): Promise<boolean> {
  try {
    return await publicKeyFromProtobuf(publicKey).verify(signedBytes(domain, body), sig)
  } catch {
    // Bytes that are no point of the curve
    return false
  }
}

/** @throws {Error} */
export function checkTerms({ network, seq, issued, expires }: Record<keyof RecordTerms, unknown>): RecordTerms {
  if (typeof network !== 'string' || !/^[\x21-\x7e]+$/.test(network) || network.length > MAX_NETWORK_LENGTH) {
    throw new Error(`its network is not 1 to ${MAX_NETWORK_LENGTH} visible ASCII characters`)
  }
  if (!isCount(seq) || seq === 0) throw new Error('its sequence is not a whole number above 0')
  if (!isCount(issued) || !isCount(expires)) throw new Error('its times are not whole milliseconds')
  if (expires <= issued || expires - issued > MAX_LIFETIME_MS)
    throw new Error('it lives longer than 48 hours, or not at all')
  return { network, seq, issued, expires }
}

/**
 * Judges what is not in the bytes alone; the cheap checks come first. An expired record is reported as such only if all else is right.
 * @throws {RegistryError} RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function judgeTerms(
  { network, issued, expires }: RecordTerms,
  context: RecordContext,
  isSigned: () => Promise<boolean>,
): Promise<void> {
  if (network !== context.network) throw refusal('RECORD_WRONG_NETWORK', 'it belongs to another network')
  if (issued > context.now + MAX_CLOCK_SKEW_MS) throw refusal('RECORD_FROM_FUTURE', 'it was issued in the future')
  if (!(await isSigned())) throw refusal('SIGNATURE_INVALID', 'its signature does not fit')
  if (expires <= context.now) throw refusal('RECORD_EXPIRED', 'it has expired')
}

/** The DHT key of what belongs to somebody with this ID. */
export function dhtKey(namespace: string, id: string): Uint8Array {
  return new TextEncoder().encode(`/${namespace}/${id}`)
}

/**
 * The ID that a DHT key of this namespace names.
 * @throws {RegistryError} RECORD_WRONG_KEY
 */
export function idOfKey(key: Uint8Array, namespace: string, isId: (id: string) => boolean): string {
  const id = Buffer.from(key.subarray(0, 128))
    .toString('latin1')
    .slice(namespace.length + 2)
  if (isId(id) && equalBytes(dhtKey(namespace, id), key)) return id
  throw refusal('RECORD_WRONG_KEY', 'its key names nobody')
}

/** Runs what reads bytes of others; whatever it throws is about them. @throws {RegistryError} RECORD_INVALID */
export function readingRecord<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw refusal('RECORD_INVALID', error instanceof Error ? error.message : 'it cannot be read')
  }
}

export function refusal(code: RegistryErrorCode, why: string): RegistryError {
  const hint = 'ask another peer, or its publisher to publish it again'
  return new RegistryError(code, `a record was refused: ${why}`, hint)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** The domain separates these signatures from all others that are made with the same key. */
function signedBytes(domain: string, body: unknown): Uint8Array {
  return Buffer.concat([Buffer.from(domain), dagCbor.encode(body)])
}
