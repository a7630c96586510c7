/** The block of a node's list: the services that it runs, and the versions that it published. specs/registry.md, "List". */
import * as dagCbor from '@ipld/dag-cbor'
import { decodeCanonical, fieldsOf } from '../codec.ts'
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_HOME_DEPTH,
  MAX_LIST_BYTES,
  MAX_LIST_ITEMS,
  MAX_LIST_SERVICES,
  MAX_LIST_VERSIONS,
} from '../constants.ts'
import { isLabel, SERVICE_NAME } from '../grammar/label.ts'
import { parseVersion } from '../grammar/version.ts'
import { isLink } from '../link.ts'
import { blockLink, type Encoded, readingHome } from './block.ts'
import type { ListedService, ListedVersion, NodeList } from './types.ts'

const LIMITS = { bytes: MAX_LIST_BYTES, depth: MAX_HOME_DEPTH, items: MAX_LIST_ITEMS }
const SERVICE_FIELDS = ['name', 'version', 'service', 'contract', 'head', 'description'] as const
const VERSION_FIELDS = ['name', 'version', 'contract', 'yanked', 'deprecated'] as const

/** Control characters and directional overrides: these texts are shown in terminals and pages as they are. */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu

/**
 * Encodes a list as one dag-cbor block.
 * @throws {RegistryError} HOME_INVALID: what could not be read back is not written
 */
export function encodeList({ services, versions }: NodeList): Encoded {
  const bytes = readingHome(() =>
    dagCbor.encode({
      v: 1,
      services: services.map((service) => pick(service, SERVICE_FIELDS)),
      versions: versions.map((version) => pick(version, VERSION_FIELDS)),
    }),
  )
  decodeList(bytes)
  return { cid: blockLink(bytes), bytes }
}

/**
 * Decodes and checks the block of a list.
 * @throws {RegistryError} HOME_INVALID
 */
export function decodeList(bytes: Uint8Array): NodeList {
  return readingHome(() => {
    const { v, services, versions } = fieldsOf(decodeCanonical(bytes, LIMITS), ['v', 'services', 'versions'])
    if (v !== 1) throw new Error('the version of its list is not 1')
    return {
      services: entriesOf(services, 'services', MAX_LIST_SERVICES, checkService),
      versions: entriesOf(versions, 'versions', MAX_LIST_VERSIONS, checkVersion),
    }
  })
}

/** Somebody's text as one line that fits a list: a contract's own description may be longer. */
export function summaryOf(text: string): string {
  const line = text.toWellFormed().replace(UNPRINTABLE, ' ').replace(/\s+/g, ' ').trim()
  if (line.length <= MAX_DESCRIPTION_LENGTH) return line
  // A pair of surrogates that the cut parts leaves a replacement character, which is text still
  return `${line.slice(0, MAX_DESCRIPTION_LENGTH - 1)}\u2026`.toWellFormed()
}

function entriesOf<T extends { name: string; version: string }>(
  value: unknown,
  what: string,
  max: number,
  check: (entry: unknown) => T,
): T[] {
  if (!Array.isArray(value) || value.length > max) throw new Error(`its ${what} are not a list of at most ${max}`)
  const entries = value.map(check)
  const different = new Set(entries.map(({ name, version }) => `${name}@${version}`))
  if (different.size !== entries.length) throw new Error(`its ${what} list one version twice`)
  return entries
}

function checkService(value: unknown): ListedService {
  const { name, version, service, contract, head, description } = fieldsOf(value, SERVICE_FIELDS)
  const named = checkNamed(name, version)
  if (!isLink(service) || !isLink(contract) || !isLink(head))
    throw new Error(`a link of ${named.name} is not a CID of a block`)
  return { ...named, service, contract, head, description: checkLine(description, named.name) }
}

function checkVersion(value: unknown): ListedVersion {
  const { name, version, contract, yanked, deprecated } = fieldsOf(value, VERSION_FIELDS)
  const named = checkNamed(name, version)
  if (!isLink(contract)) throw new Error(`the contract of ${named.name} is not a CID of a block`)
  if (typeof yanked !== 'boolean') throw new Error(`whether ${named.name} is yanked is neither true nor false`)
  return { ...named, contract, yanked, deprecated: deprecated === null ? null : checkLine(deprecated, named.name) }
}

function checkNamed(name: unknown, version: unknown): { name: string; version: string } {
  if (typeof name !== 'string' || !isLabel(name, SERVICE_NAME)) throw new Error('a service has no valid name')
  if (typeof version !== 'string' || parseVersion(version) === undefined)
    throw new Error(`the version of ${name} is not semver`)
  return { name, version }
}

function checkLine(text: unknown, name: string): string {
  const fits = typeof text === 'string' && text.length <= MAX_DESCRIPTION_LENGTH
  if (fits && text.isWellFormed() && text.search(UNPRINTABLE) < 0) return text
  throw new Error(`a text about ${name} is not one line of at most ${MAX_DESCRIPTION_LENGTH} characters`)
}

function pick<T extends object, K extends keyof T>(value: T, fields: readonly K[]): Pick<T, K> {
  return Object.fromEntries(fields.map((field) => [field, value[field]])) as Pick<T, K>
}
