import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import { multiaddr } from '@multiformats/multiaddr'
import { decodeCanonical, fieldsOf } from '../codec.ts'
import { RegistryError } from '../errors.ts'
import { isLabel, NETWORK_NAME } from '../grammar/label.ts'
import { checkSuffix } from '../grammar/suffix.ts'
import { cborLink } from '../link.ts'
import { isPeerId } from '../user-id.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_BOOTSTRAP,
  MAX_MANIFEST_BYTES,
  MAX_MANIFEST_DEPTH,
  MAX_MANIFEST_ITEMS,
  MAX_REGISTRARS,
} from './constants.ts'
import type { Manifest, Network } from './types.ts'

const LIMITS = { bytes: MAX_MANIFEST_BYTES, depth: MAX_MANIFEST_DEPTH, items: MAX_MANIFEST_ITEMS }
const FIELDS = ['v', 'name', 'suffix', 'bootstrap', 'registrars', 'required', 'created'] as const

/**
 * The network that a manifest makes.
 * @throws {RegistryError} NETWORK_INVALID
 */
export function networkOf({ name, suffix, bootstrap, registrars, required, created }: Manifest): Network {
  return decodeManifest(encode({ v: 1, name, suffix, bootstrap, registrars, required, created }))
}

/**
 * Reads a manifest from anybody.
 * @throws {RegistryError} NETWORK_INVALID
 */
export function decodeManifest(bytes: Uint8Array): Network {
  try {
    const manifest = checkFields(decodeCanonical(bytes, LIMITS))
    const digest = Uint8Array.from(createHash('sha256').update(bytes).digest())
    return { ...manifest, id: cborLink(digest).toString(), bytes }
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'it cannot be read')
  }
}

function encode(manifest: object): Uint8Array {
  try {
    return dagCbor.encode(manifest)
  } catch {
    throw invalid('it holds what is no value')
  }
}

function checkFields(value: unknown): Manifest {
  const { v, name, suffix, bootstrap, registrars, required, created } = fieldsOf(value, FIELDS)
  if (v !== 1) throw new Error('its version is not 1')
  if (typeof name !== 'string' || !isLabel(name, NETWORK_NAME)) throw new Error('its name is no label')
  if (typeof suffix !== 'string') throw new Error('its suffix is no text')
  if (!isCount(created)) throw new Error('its time is not in whole milliseconds')
  const writers = listOf(registrars, 'registrars', MAX_REGISTRARS, isPeerId)
  const witnesses = Math.max(0, writers.length - 1)
  if (!isCount(required) || required > witnesses || (required > 0 && required <= witnesses / 2)) {
    throw new Error(`of ${witnesses} witnesses none or more than half may be required`)
  }
  return {
    name,
    suffix: checkSuffix(suffix),
    bootstrap: listOf(bootstrap, 'bootstrap', MAX_BOOTSTRAP, isPeerAddress),
    registrars: writers,
    required,
    created,
  }
}

/** Different texts of one kind. */
export function listOf(value: unknown, what: string, most: number, is: (text: string) => boolean): string[] {
  if (!Array.isArray(value) || value.length > most) throw new Error(`its ${what} is no list of at most ${most}`)
  for (const item of value) {
    if (typeof item !== 'string' || item.length > MAX_ADDRESS_LENGTH || !is(item))
      throw new Error(`its ${what} has an entry that is none`)
  }
  if (new Set(value).size !== value.length) throw new Error(`its ${what} has an entry twice`)
  return value as string[]
}

/** Whether it is a multiaddr that ends in a peer's ID, in its one written form. */
export function isPeerAddress(text: string): boolean {
  if (text.length > MAX_ADDRESS_LENGTH) return false
  try {
    const address = multiaddr(text)
    const parts = address.getComponents()
    // those of relays, too: the library takes any word for a peer ID
    const peers = parts.filter(({ name }) => name === 'p2p')
    const isNode = parts.at(-1)?.name === 'p2p' && peers.every(({ value = '' }) => isPeerId(value))
    return address.toString() === text && isNode
  } catch {
    return false
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function invalid(why: string): RegistryError {
  return new RegistryError(
    'NETWORK_INVALID',
    `The manifest of a network was refused: ${why}.`,
    'ask whoever made the network for a new invite',
  )
}
