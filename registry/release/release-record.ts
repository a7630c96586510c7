/** Which release of Amigos is the newest that the hub of a network knows of: a small signed record. specs/network.md, "Releases". */
import { fieldsOf } from '../codec.ts'
import { MAX_RECORD_DEPTH } from '../constants.ts'
import { parseVersion } from '../grammar/version.ts'
import {
  checkTerms,
  isSignedBy,
  judgeTerms,
  openRecord,
  type RecordTerms,
  readingRecord,
  type SignedParts,
  sealRecord,
} from '../home/signed.ts'
import type { Signer } from '../types.ts'
import { publicKeyOfPeer } from '../user-id.ts'

/** Prefix of what the hub signs. */
const DOMAIN = 'amigos/release/1\0'
const LIMITS = { bytes: 512, depth: MAX_RECORD_DEPTH, items: 24 }
const FIELDS = ['v', 'network', 'version', 'seq', 'issued', 'expires'] as const

export interface ReleaseRecord extends RecordTerms {
  /** semver */
  version: string
}

/** @throws {RegistryError} RECORD_INVALID for fields out of bounds */
export async function signRelease(
  hub: Pick<Signer, 'sign'>,
  { network, version, seq, issued, expires }: ReleaseRecord,
): Promise<Uint8Array> {
  const bytes = await sealRecord(hub, DOMAIN, { v: 1, network, version, seq, issued, expires })
  decodeRelease(bytes)
  return bytes
}

/** Reads a record's fields, without judging signature or time. @throws {RegistryError} RECORD_INVALID */
export function decodeRelease(bytes: Uint8Array): ReleaseRecord {
  return open(bytes).record
}

/**
 * Reads and judges a record.
 * @param context.hub peer ID: the first registrar of the network's manifest
 * @throws {RegistryError} RECORD_INVALID, RECORD_WRONG_NETWORK, RECORD_FROM_FUTURE, SIGNATURE_INVALID, RECORD_EXPIRED
 */
export async function verifyRelease(
  bytes: Uint8Array,
  { hub, network, now }: { hub: string; network: string; now: number },
): Promise<ReleaseRecord> {
  const { record, signed } = open(bytes)
  await judgeTerms(record, { key: new Uint8Array(), network, now }, () =>
    isSignedBy(publicKeyOfPeer(hub), DOMAIN, signed),
  )
  return record
}

function open(bytes: Uint8Array): { record: ReleaseRecord; signed: SignedParts } {
  return readingRecord(() => {
    const signed = openRecord(bytes, LIMITS)
    const { v, version, ...terms } = fieldsOf(signed.body, FIELDS)
    if (v !== 1) throw new Error('its version is not 1')
    if (typeof version !== 'string' || parseVersion(version) === undefined)
      throw new Error('its release is no semantic version')
    return { record: { ...checkTerms(terms), version }, signed }
  })
}
