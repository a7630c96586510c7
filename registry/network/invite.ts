import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { base32 } from 'multiformats/bases/base32'
import { decodeCanonical, equalBytes, fieldsOf } from '../codec.ts'
import { RegistryError } from '../errors.ts'
import {
  CHECKSUM_BYTES,
  INVITE_PREFIX,
  MAX_INVITE_ADDRESSES,
  MAX_INVITE_BYTES,
  MAX_INVITE_LENGTH,
  MAX_MANIFEST_DEPTH,
  MAX_MANIFEST_ITEMS,
} from './constants.ts'
import { decodeManifest, isPeerAddress, listOf } from './manifest.ts'
import type { Invite } from './types.ts'

const LIMITS = { bytes: MAX_INVITE_BYTES, depth: MAX_MANIFEST_DEPTH, items: MAX_MANIFEST_ITEMS }

/** Whether a text means to be an invite, whole or not. */
export function isInvite(text: string): boolean {
  return plain(text.slice(0, MAX_INVITE_LENGTH)).startsWith(INVITE_PREFIX)
}

/** One line of letters and digits that holds a whole network, and notices when a part of it was lost. */
export function writeInvite({ network, addresses }: Invite): string {
  const body = dagCbor.encode({ manifest: network.bytes, addresses: addresses.slice(0, MAX_INVITE_ADDRESSES) })
  return INVITE_PREFIX + base32.baseEncode(Buffer.concat([body, checksum(body)]))
}

/**
 * Reads an invite, also with capitals, spaces and line breaks that a message put into it.
 * @throws {RegistryError} INVITE_INVALID, NETWORK_INVALID
 */
export function readInvite(text: string): Invite {
  if (text.length > MAX_INVITE_LENGTH) throw invalid('it is too long')
  const line = plain(text)
  if (!line.startsWith(INVITE_PREFIX)) throw invalid(`it does not begin with ${INVITE_PREFIX}`)
  const bytes = decode(line.slice(INVITE_PREFIX.length))
  const body = bytes.subarray(0, -CHECKSUM_BYTES)
  if (!equalBytes(checksum(body), bytes.subarray(-CHECKSUM_BYTES))) throw invalid('a part of it is missing or changed')
  const { manifest, addresses } = fieldsIn(body)
  return { network: decodeManifest(manifest), addresses }
}

function fieldsIn(body: Uint8Array): { manifest: Uint8Array; addresses: string[] } {
  try {
    const { manifest, addresses } = fieldsOf(decodeCanonical(body, LIMITS), ['manifest', 'addresses'])
    if (!(manifest instanceof Uint8Array)) throw new Error('it holds no manifest')
    return { manifest, addresses: listOf(addresses, 'addresses', MAX_INVITE_ADDRESSES, isPeerAddress) }
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'it cannot be read')
  }
}

function decode(text: string): Uint8Array {
  try {
    return base32.baseDecode(text)
  } catch {
    throw invalid('it holds characters that no invite has')
  }
}

function checksum(body: Uint8Array): Uint8Array {
  return createHash('sha256').update(body).digest().subarray(0, CHECKSUM_BYTES)
}

function plain(text: string): string {
  return text.replace(/\s+/g, '').replace(/[A-Z]/g, (char) => char.toLowerCase())
}

function invalid(why: string): RegistryError {
  return new RegistryError(
    'INVITE_INVALID',
    `This is no whole invite to a network: ${why}.`,
    'copy the line that `network invite` printed there once more, from its first character to its last',
  )
}
