import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { scanCbor } from '../wire/cbor-scan.ts'
import { hasExactly, isBytes, isInteger, isListOf } from '../wire/fields.ts'
import { MAX_GRANT_BYTES, MAX_HAVE, MAX_REQUEST_BYTES, MAX_ROOTS, MAX_WALK_BLOCKS } from './constants.ts'
import { offence } from './errors.ts'
import { cidOf, type Key, keyOf } from './key.ts'
import type { Claim } from './types.ts'

/** What one stream is asked for, section 3 of specs/pull.md. */
export interface PullRequest {
  roots: readonly Key[]
  have: readonly Key[]
  /** so many blocks of the walk are not sent: the asker has them */
  skip: number
  claim: Claim
}

const FIELDS = ['have', 'skip', 'grant', 'roots', 'service']
/** The map, its lists, and a link in them. */
const LIMITS = { bytes: MAX_REQUEST_BYTES, depth: 3, elements: MAX_ROOTS + MAX_HAVE + 16 }

export function encodeRequest({ roots, have, skip, claim }: PullRequest): Uint8Array {
  const { service = null, grant = null } = claim
  return dagCbor.encode({ roots: roots.map(cidOf), have: have.map(cidOf), skip, service, grant })
}

/** @throws ProtocolError FRAME_INVALID, FRAME_TOO_LARGE: an offence of the peer */
export function decodeRequest(bytes: Uint8Array): PullRequest {
  if (bytes.byteLength > MAX_REQUEST_BYTES) throw offence('FRAME_TOO_LARGE', 'The request is too long.')
  if (scanCbor(bytes, LIMITS) !== undefined) throw invalid('is not canonical dag-cbor within its bounds')
  const value = decode(bytes)
  if (!hasExactly(value, FIELDS)) throw invalid('has other fields than it should')
  const { roots, have, skip, service, grant } = value
  if (!isListOf(roots, MAX_ROOTS, isOurs) || roots.length === 0) throw invalid('has no valid roots')
  if (!isListOf(have, MAX_HAVE, isOurs)) throw invalid('has no valid "have"')
  if (!isInteger(skip, 0, MAX_WALK_BLOCKS)) throw invalid('has no valid "skip"')
  if (service !== null && !isOurs(service)) throw invalid('has no valid "service"')
  if (grant !== null && !isBytes(grant, 1, MAX_GRANT_BYTES)) throw invalid('has no valid "grant"')
  return {
    roots: roots.map((cid) => keyOf(cid)!),
    have: have.map((cid) => keyOf(cid)!),
    skip,
    claim: { ...(service && { service }), ...(grant && { grant }) },
  }
}

/** A link whose CID does not parse passes the scan, as that does not look into it. */
function decode(bytes: Uint8Array): unknown {
  try {
    return dagCbor.decode(bytes)
  } catch {
    throw invalid('holds a link that is no CID')
  }
}

const isOurs = (value: unknown): value is CID => {
  const cid = CID.asCID(value)
  return cid !== null && keyOf(cid) !== undefined
}

const invalid = (what: string) => offence('FRAME_INVALID', `The request ${what}.`)
