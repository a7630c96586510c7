import { createHash } from 'node:crypto'
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { decodeCanonical, fieldsOf } from '../codec.ts'
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_HOME_BYTES,
  MAX_HOME_DEPTH,
  MAX_HOME_ITEMS,
  MAX_HOME_NODES,
  MAX_HOME_SERVICES,
} from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { isLabel, SERVICE_NAME } from '../grammar/label.ts'
import { parseVersion } from '../grammar/version.ts'
import { cborLink, isLink } from '../link.ts'
import type { Home, HomeService } from '../types.ts'
import { isPeerId } from '../user-id.ts'

const LIMITS = { bytes: MAX_HOME_BYTES, depth: MAX_HOME_DEPTH, items: MAX_HOME_ITEMS }
const SERVICE_FIELDS = ['name', 'version', 'service', 'contract', 'host', 'head', 'description'] as const

/** Control characters and directional overrides: a description is shown in terminals and pages as it is. */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu

/** A home as it is stored: the block and its name. */
export interface EncodedHome {
  cid: CID
  bytes: Uint8Array
}

/**
 * Encodes a home as one dag-cbor block (specs/registry.md, "Home").
 * @throws {RegistryError} HOME_INVALID: what could not be read back is not written
 */
export function encodeHome({ nodes, services }: Home): EncodedHome {
  const bytes = checked(() => {
    const plain = services.map((service) => Object.fromEntries(SERVICE_FIELDS.map((field) => [field, service[field]])))
    return dagCbor.encode({ v: 1, nodes, services: plain })
  })
  decodeHome(bytes)
  return { cid: homeLink(bytes), bytes }
}

/**
 * Decodes and checks the block of a home.
 * @throws {RegistryError} HOME_INVALID
 */
export function decodeHome(bytes: Uint8Array): Home {
  return checked(() => {
    const { v, nodes, services } = fieldsOf(decodeCanonical(bytes, LIMITS), ['v', 'nodes', 'services'])
    if (v !== 1) throw new Error('its version is not 1')
    if (!Array.isArray(services) || services.length > MAX_HOME_SERVICES) {
      throw new Error(`its services are not a list of at most ${MAX_HOME_SERVICES}`)
    }
    const home = { nodes: checkNodes(nodes, MAX_HOME_NODES), services: services.map(checkService) }
    const names = new Set(home.services.map(({ name, version }) => `${name}@${version}`))
    if (names.size !== home.services.length) throw new Error('it lists one version of a service twice')
    return home
  })
}

/** The service with its description as a home takes it: one line, clipped. A contract's own may be longer. */
export function withSummary(service: HomeService): HomeService {
  const line = service.description.toWellFormed().replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim()
  if (line.length <= MAX_DESCRIPTION_LENGTH) return { ...service, description: line }
  // A pair of surrogates that the cut parts leaves a replacement character, which is text still
  return { ...service, description: `${line.slice(0, MAX_DESCRIPTION_LENGTH - 1)}\u2026`.toWellFormed() }
}

/** The CID of a home's block. */
export function homeLink(bytes: Uint8Array): CID {
  return cborLink(Uint8Array.from(createHash('sha256').update(bytes).digest()))
}

/** A list of different peer IDs. @throws {Error} */
export function checkNodes(value: unknown, max: number): string[] {
  const valid = Array.isArray(value) && value.length <= max && new Set(value).size === value.length
  if (!valid || !value.every((node) => typeof node === 'string' && isPeerId(node))) {
    throw new Error(`its nodes are not a list of at most ${max} different peer IDs`)
  }
  return value
}

function checkService(value: unknown): HomeService {
  const { name, version, service, contract, host, head, description } = fieldsOf(value, SERVICE_FIELDS)
  if (typeof name !== 'string' || !isLabel(name, SERVICE_NAME)) throw new Error('a service has no valid name')
  if (typeof version !== 'string' || parseVersion(version) === undefined)
    throw new Error(`the version of ${name} is not semver`)
  if (!isLink(service) || !isLink(contract) || !isLink(head))
    throw new Error(`a link of ${name} is not a CID of a block`)
  if (typeof host !== 'string' || !isPeerId(host)) throw new Error(`the host of ${name} is not a peer ID`)
  if (typeof description !== 'string' || description.length > MAX_DESCRIPTION_LENGTH || !isPlainText(description)) {
    throw new Error(`the description of ${name} is not one line of at most ${MAX_DESCRIPTION_LENGTH} characters`)
  }
  return { name, version, service, contract, host, head, description }
}

function isPlainText(text: string): boolean {
  return text.isWellFormed() && text.search(UNPRINTABLE) < 0
}

function checked<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RegistryError) throw error
    const why = error instanceof Error ? error.message : 'it cannot be read'
    throw new RegistryError('HOME_INVALID', `the home is not valid: ${why}`, 'whoever publishes it has to correct it')
  }
}
