import * as dagCbor from '@ipld/dag-cbor'
import { decodeCanonical, equalBytes, fieldsOf } from '../codec.ts'
import { RegistryError } from '../errors.ts'
import { isLabel, USERNAME } from '../grammar/label.ts'
import { MAX_NAME_VALUE_BYTES, MAX_NAME_VALUE_DEPTH, MAX_NAME_VALUE_ITEMS, NAME_NAMESPACE } from './constants.ts'
import type { NameValue } from './types.ts'

const LIMITS = { bytes: MAX_NAME_VALUE_BYTES, depth: MAX_NAME_VALUE_DEPTH, items: MAX_NAME_VALUE_ITEMS }
const KEY_PREFIX = `/${NAME_NAMESPACE}/`

/** The DHT key of a username. */
export function nameKey(username: string): Uint8Array {
  return new TextEncoder().encode(`${KEY_PREFIX}${username}`)
}

/**
 * The username that a DHT key belongs to.
 * @throws {RegistryError} RECORD_WRONG_KEY
 */
export function usernameOfKey(key: Uint8Array): string {
  const username = Buffer.from(key.subarray(0, KEY_PREFIX.length + USERNAME.max + 1))
    .toString('latin1')
    .slice(KEY_PREFIX.length)
  if (isLabel(username, USERNAME) && equalBytes(nameKey(username), key)) return username
  throw new RegistryError('RECORD_WRONG_KEY', 'A name record was refused: its key names no username.', '')
}

export function encodeNameValue({ name, home }: NameValue): Uint8Array {
  return dagCbor.encode({ name, home })
}

/** Neither of the two is judged. @throws {RegistryError} RECORD_INVALID */
export function decodeNameValue(bytes: Uint8Array): NameValue {
  try {
    const { name, home } = fieldsOf(decodeCanonical(bytes, LIMITS), ['name', 'home'])
    if (!(name instanceof Uint8Array)) throw new Error('it holds no name')
    if (home !== null && !(home instanceof Uint8Array)) throw new Error('its home is no record')
    return { name, home }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw new RegistryError('RECORD_INVALID', `A name record was refused: ${why}.`, 'ask another peer')
  }
}
