import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import {
  CALL_DOMAIN,
  MAX_ARGS_BYTES,
  MAX_ENVELOPE_BYTES,
  MAX_METHOD_LENGTH,
  MAX_NETWORK_LENGTH,
  MAX_TTL_MS,
  NONCE_BYTES,
  QUERY_DOMAIN,
} from '../constants.ts'
import type { Call, Signer } from '../types.ts'
import { hasExactly, isBytes, isInteger, isLine, isRecord } from '../wire/fields.ts'
import { isEd25519PublicKey } from './ed25519.ts'
import { isServiceId } from './service-id.ts'
import { open, type SignedKind, sign, verify } from './signed.ts'
import { isVia } from './via.ts'

const FIELDS = ['v', 'network', 'service', 'method', 'args', 'caller', 'nonce', 'ttlMs', 'gas']
function isCall(value: unknown): value is Call {
  const isOfService = isRecord(value) && Object.hasOwn(value, 'via')
  if (!hasExactly(value, isOfService ? [...FIELDS, 'via'] : FIELDS)) return false
  if (isOfService && !isVia(value['via'])) return false
  return (
    value['v'] === 1 &&
    isLine(value['network'], 1, MAX_NETWORK_LENGTH) &&
    isServiceId(value['service']) &&
    isLine(value['method'], 1, MAX_METHOD_LENGTH) &&
    isBytes(value['args'], 0, MAX_ARGS_BYTES) &&
    isEd25519PublicKey(value['caller']) &&
    isBytes(value['nonce'], NONCE_BYTES, NONCE_BYTES) &&
    isInteger(value['ttlMs'], 1, MAX_TTL_MS) &&
    isInteger(value['gas'], 0, Number.MAX_SAFE_INTEGER)
  )
}

const CALL: SignedKind<Call> = {
  domain: CALL_DOMAIN,
  maxBytes: MAX_ENVELOPE_BYTES,
  invalid: 'ENVELOPE_INVALID',
  check: isCall,
  signerOf: (call) => call.caller,
}

const QUERY: SignedKind<Call> = { ...CALL, domain: QUERY_DOMAIN }

/** Section 8. The caller is the signer. @throws ProtocolError ENVELOPE_INVALID */
export function signCall(call: Omit<Call, 'v' | 'caller'>, signer: Signer): Promise<Uint8Array> {
  return sign<Call>(CALL, { ...call, v: 1, caller: signer.publicKey }, signer)
}

/** Everything but the signature is checked; the arguments are opaque. @throws ProtocolError ENVELOPE_INVALID */
export function decodeCall(envelope: Uint8Array): Call {
  return open(CALL, envelope).record
}

/** @throws ProtocolError ENVELOPE_INVALID or SIGNATURE_INVALID */
export function verifyCall(envelope: Uint8Array): Promise<Call> {
  return verify(CALL, envelope)
}

/** The same fields as a question: it can never be executed as a call. @throws ProtocolError ENVELOPE_INVALID */
export function signQuery(query: Omit<Call, 'v' | 'caller'>, signer: Signer): Promise<Uint8Array> {
  return sign<Call>(QUERY, { ...query, v: 1, caller: signer.publicKey }, signer)
}

/** @throws ProtocolError ENVELOPE_INVALID or SIGNATURE_INVALID, also for a signed call */
export function verifyQuery(envelope: Uint8Array): Promise<Call> {
  return verify(QUERY, envelope)
}

/** The ID of a call: CIDv1, dag-cbor, sha-256 of the whole envelope. */
export async function callIdOf(envelope: Uint8Array): Promise<CID> {
  return CID.createV1(dagCbor.code, await sha256.digest(envelope))
}
