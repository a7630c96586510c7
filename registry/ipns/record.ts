/**
 * A user's home as an IPNS record, so that other IPFS tools find it under the same `k51...`: https://specs.ipfs.tech/ipns/ipns-record/
 * Stricter than that: Ed25519 keys only, signature V2, a life of at most 48 hours, 2 KiB.
 */
import * as dagCbor from '@ipld/dag-cbor'
import { publicKeyFromProtobuf } from '@libp2p/crypto/keys'
import type { CID } from 'multiformats/cid'
import { decodeCanonical, equalBytes } from '../codec.ts'
import { MAX_CLOCK_SKEW_MS, MAX_LIFETIME_MS, SIGNATURE_BYTES } from '../constants.ts'
import { readingRecord, refusal } from '../home/signed.ts'
import type { Signer } from '../types.ts'
import { publicKeyOf, userIdOf } from '../user-id.ts'
import { DATA_LIMITS, IPNS_NAMESPACE, MAX_IPNS_BYTES, MAX_IPNS_VALUE_BYTES, TTL_NS } from './constants.ts'
import { decodeFields, encodeBytes, type Fields } from './protobuf.ts'

/** What an IPNS record says. */
export interface IpnsRecord {
  /** user ID: the IPNS name */
  user: string
  /** `/ipfs/<CID>` and the like */
  value: string
  seq: number
  /** milliseconds since 1970 */
  expires: number
}

/** Numbers of the fields in the protobuf, and their names in the signed data. */
const FIELD = {
  value: 1,
  signatureV1: 2,
  validityType: 3,
  validity: 4,
  sequence: 5,
  ttl: 6,
  pubKey: 7,
  signatureV2: 8,
  data: 9,
}
const KNOWN: ReadonlySet<number> = new Set(Object.values(FIELD))
const COPIES: readonly [number, string][] = [
  [FIELD.value, 'Value'],
  [FIELD.validityType, 'ValidityType'],
  [FIELD.validity, 'Validity'],
  [FIELD.sequence, 'Sequence'],
  [FIELD.ttl, 'TTL'],
]
const SIGNED_PREFIX = new TextEncoder().encode('ipns-signature:')
const KEY_PREFIX = new TextEncoder().encode(`/${IPNS_NAMESPACE}/`)
/** identity multihash of the 36 bytes of a public key */
const HASH_PREFIX = Uint8Array.of(0x00, 0x24)
const END_OF_LIFE = 0
const VALIDITY = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/

/** The DHT key of a user's IPNS record: the name in bytes. */
export function ipnsKey(user: string): Uint8Array {
  return Buffer.concat([KEY_PREFIX, HASH_PREFIX, publicKeyOf(user)])
}

/**
 * Says that a user's home is this block. Equal input gives equal bytes.
 * @param signer signs with the first key of the user
 */
export async function signIpns(signer: Signer, home: CID, seq: number, expires: number): Promise<Uint8Array> {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value)
  const data = dagCbor.encode({
    TTL: TTL_NS,
    Value: text(`/ipfs/${home}`),
    Sequence: seq,
    // nanoseconds, as other tools write it
    Validity: text(new Date(expires).toISOString().replace('Z', '000000Z')),
    ValidityType: END_OF_LIFE,
  })
  const signature = await signer.sign(Buffer.concat([SIGNED_PREFIX, data]))
  return encodeBytes([
    [FIELD.signatureV2, signature],
    [FIELD.data, data],
  ])
}

/**
 * Reads and judges a record of whoever's name the key is. One with fields of the first version has to say the same in both.
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_KEY, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyIpns(
  bytes: Uint8Array,
  { key, now }: { key: Uint8Array; now: number },
): Promise<IpnsRecord> {
  const publicKey = keyIn(key)
  const { fields, record, data, sig } = readingRecord(() => open(bytes))
  const embedded = fields.get(FIELD.pubKey)
  if (embedded !== undefined && !(embedded instanceof Uint8Array && equalBytes(embedded, publicKey))) {
    throw refusal('RECORD_WRONG_KEY', 'it holds another key than its name')
  }
  if (record.expires > now + MAX_LIFETIME_MS + MAX_CLOCK_SKEW_MS)
    throw refusal('RECORD_FROM_FUTURE', 'it lives longer than 48 hours')
  const isSigned = await publicKeyFromProtobuf(publicKey).verify(Buffer.concat([SIGNED_PREFIX, data]), sig)
  if (!isSigned) throw refusal('SIGNATURE_INVALID', 'its signature does not fit')
  if (record.expires <= now) throw refusal('RECORD_EXPIRED', 'it has expired')
  return { user: userIdOf(publicKey), ...record }
}

function open(bytes: Uint8Array) {
  if (bytes.length > MAX_IPNS_BYTES) throw new Error(`it is larger than ${MAX_IPNS_BYTES} bytes`)
  const fields = decodeFields(bytes)
  const [sig, data] = [fields.get(FIELD.signatureV2), fields.get(FIELD.data)]
  if (![...fields.keys()].every((number) => KNOWN.has(number))) throw new Error('it has a field that no record has')
  if (!(sig instanceof Uint8Array) || !(data instanceof Uint8Array)) throw new Error('it has no signature V2')
  if (sig.length !== SIGNATURE_BYTES) throw new Error('its signature has no 64 bytes')
  const said = decodeCanonical(data, DATA_LIMITS) as Record<string, unknown>
  checkCopies(fields, said)
  return { fields, record: recordIn(said), data, sig }
}

function recordIn({ Value, Validity, ValidityType, Sequence }: Record<string, unknown>): Omit<IpnsRecord, 'user'> {
  if (!(Value instanceof Uint8Array) || Value.length === 0 || Value.length > MAX_IPNS_VALUE_BYTES)
    throw new Error(`its value is not 1 to ${MAX_IPNS_VALUE_BYTES} bytes`)
  if (ValidityType !== END_OF_LIFE) throw new Error('its validity is of another type than an end of life')
  const validity = Validity instanceof Uint8Array ? Buffer.from(Validity).toString('latin1') : ''
  const expires = VALIDITY.test(validity) ? Date.parse(validity) : Number.NaN
  if (Number.isNaN(expires)) throw new Error('its validity is not a time')
  if (!Number.isSafeInteger(Sequence) || (Sequence as number) < 0) throw new Error('its sequence is not a whole number')
  return { value: new TextDecoder('utf-8', { fatal: true }).decode(Value), seq: Sequence as number, expires }
}

/** What stands outside the signed data, for readers of the first version, must be the same. */
function checkCopies(fields: Fields, said: Record<string, unknown>): void {
  const isOld = [FIELD.value, FIELD.signatureV1].some((number) => fields.has(number))
  for (const [number, name] of COPIES) {
    const [copy, value] = [fields.get(number), said[name]]
    // a protobuf leaves out what is 0
    const isZero = copy === undefined && Number(value) === 0
    const isSame =
      copy instanceof Uint8Array
        ? value instanceof Uint8Array && equalBytes(copy, value)
        : copy !== undefined && typeof value === 'number' && copy === BigInt(value)
    if ((isOld || copy !== undefined) && !isSame && !isZero) throw new Error(`its ${name} is not what was signed`)
  }
}

/** @throws {RegistryError} RECORD_WRONG_KEY */
function keyIn(key: Uint8Array): Uint8Array {
  const publicKey = key.slice(KEY_PREFIX.length + HASH_PREFIX.length)
  try {
    if (equalBytes(ipnsKey(userIdOf(publicKey)), key)) return publicKey
  } catch {
    // told below
  }
  throw refusal('RECORD_WRONG_KEY', 'its key is not the IPNS name of an Ed25519 key')
}
