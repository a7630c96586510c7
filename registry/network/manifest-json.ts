import { DEFAULT_SUFFIX } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { MAX_INVITE_ADDRESSES } from './constants.ts'
import { isPeerAddress, listOf, networkOf } from './manifest.ts'
import type { Invite, Manifest } from './types.ts'

const FIELDS = ['name', 'suffix', 'bootstrap', 'registrars', 'required', 'created']

/**
 * Reads a manifest as people write it: JSON with the fields of a manifest, all but the name may be left out. What
 * `amigo network show --json` prints is such a text; its `network` is compared with the ID that comes out. One text is one network, whoever
 * reads it and when.
 *
 * @throws {RegistryError} NETWORK_INVALID
 */
export function readManifestJson(text: string): Invite {
  const fields = objectIn(text)
  const given = Object.fromEntries(Object.entries(fields).filter(([key]) => FIELDS.includes(key)))
  const usual = { suffix: DEFAULT_SUFFIX, bootstrap: [], registrars: [], required: 0 }
  const network = networkOf({ ...usual, ...given, created: timeIn(given['created'] ?? 0) } as unknown as Manifest)
  const { network: id = network.id, addresses = [] } = fields
  if (id !== network.id) throw invalid(`it says that its ID is ${String(id).slice(0, 80)}, and it is ${network.id}`)
  try {
    return { network, addresses: listOf(addresses, 'addresses', MAX_INVITE_ADDRESSES, isPeerAddress) }
  } catch (error) {
    throw invalid((error as Error).message)
  }
}

/** `network show` writes times as people read them. */
function timeIn(created: unknown): unknown {
  return typeof created === 'string' ? Date.parse(created) : created
}

function objectIn(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('it is neither an invite nor JSON')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw invalid('it is no object')
}

function invalid(why: string): RegistryError {
  return new RegistryError(
    'NETWORK_INVALID',
    `The file of a network was refused: ${why}.`,
    'it holds the line that `network invite` printed there, or what `network show --json` did',
  )
}
