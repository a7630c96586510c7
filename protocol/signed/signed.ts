import * as dagCbor from '@ipld/dag-cbor'
import { MAX_ENVELOPE_DEPTH, MAX_ENVELOPE_ELEMENTS, SIGNATURE_BYTES } from '../constants.ts'
import { ProtocolError, type ProtocolErrorCode } from '../errors.ts'
import type { Signer } from '../types.ts'
import { scanCbor } from '../wire/cbor-scan.ts'
import { hasExactly, isBytes } from '../wire/fields.ts'
import { verifyEd25519 } from './ed25519.ts'

/**
 * One kind of signed record: `{ body, signature }` in canonical dag-cbor, where `body` holds the canonical dag-cbor bytes of the record
 * and the signature is made over the domain and those bytes. The domain keeps a signature of one kind from being one of another.
 */
export interface SignedKind<T> {
  domain: string
  /** of the whole, in bytes */
  maxBytes: number
  /** thrown for whatever is not such a record */
  invalid: ProtocolErrorCode
  check: (value: unknown) => value is T
  /** public key, in protobuf bytes, that has to have signed */
  signerOf: (record: T) => Uint8Array
}

export interface Opened<T> {
  record: T
  body: Uint8Array
  signature: Uint8Array
}

/** @throws ProtocolError of the kind's `invalid` when the record breaks its own rules */
export async function sign<T>(kind: SignedKind<T>, record: T, signer: Pick<Signer, 'sign'>): Promise<Uint8Array> {
  if (!kind.check(record)) throw refuse(kind, 'A field of it is not as it should be.')
  const body = dagCbor.encode(record)
  const signature = await signer.sign(withDomain(kind.domain, body))
  const bytes = dagCbor.encode({ body, signature })
  // What leaves here is what every reader accepts.
  open(kind, bytes)
  return bytes
}

/**
 * What the bytes say, with everything checked but the signature.
 *
 * @throws ProtocolError of the kind's `invalid`, and nothing else whatever the bytes are
 */
export function open<T>(kind: SignedKind<T>, bytes: Uint8Array): Opened<T> {
  const outer = decode(kind, bytes)
  if (!hasExactly(outer, ['body', 'signature'])) throw refuse(kind, 'It is no signed record.')
  const { body, signature } = outer
  if (!isBytes(body, 1, kind.maxBytes) || !isBytes(signature, SIGNATURE_BYTES, SIGNATURE_BYTES)) {
    throw refuse(kind, 'It is no signed record.')
  }
  const record = decode(kind, body)
  if (!kind.check(record)) throw refuse(kind, 'A field of it is not as it should be.')
  return { record, body, signature }
}

/** @throws ProtocolError of the kind's `invalid`, or SIGNATURE_INVALID */
export async function verify<T>(kind: SignedKind<T>, bytes: Uint8Array): Promise<T> {
  const { record, body, signature } = open(kind, bytes)
  if (await verifyEd25519(kind.signerOf(record), withDomain(kind.domain, body), signature)) return record
  throw new ProtocolError('SIGNATURE_INVALID', 'The signature is not of the key that the record names.', {
    party: 'remote',
  })
}

function decode<T>(kind: SignedKind<T>, bytes: Uint8Array): unknown {
  const limits = { bytes: kind.maxBytes, depth: MAX_ENVELOPE_DEPTH, elements: MAX_ENVELOPE_ELEMENTS }
  const fault = scanCbor(bytes, limits)
  if (fault !== undefined) throw refuse(kind, `Its bytes are ${fault}.`)
  try {
    const value = dagCbor.decode(bytes)
    // The scan has refused what is not canonical; what is signed or names something is compared all the same.
    if (Buffer.compare(dagCbor.encode(value), bytes) === 0) return value
  } catch {
    // falls through: the same refusal
  }
  throw refuse(kind, 'Its bytes are not canonical.')
}

function withDomain(domain: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(domain), body])
}

function refuse(kind: { invalid: ProtocolErrorCode }, message: string): ProtocolError {
  return new ProtocolError(kind.invalid, message, { party: 'remote' })
}
