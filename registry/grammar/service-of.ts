import type { CID } from 'multiformats/cid'
import { RegistryError } from '../errors.ts'
import { quote } from '../quote.ts'
import type { VersionSelector } from '../types.ts'
import { formatSelector } from './selector.ts'
import { compareVersions, parsePartial, parseVersion, type Version } from './version.ts'

/** What a choice is made by; a home's services are such, and so is a list of one's own. */
export interface Versioned {
  name: string
  /** semver */
  version: string
  contract: CID
  /** newest commit, where known */
  head?: CID
}

/** how many of the names or versions at hand a hint lists */
const MAX_LISTED = 10

/**
 * Chooses the service of this name and version: the newest that the selector admits. A pre-release is chosen only by its
 * exact version or its CID.
 * @throws {RegistryError} SERVICE_NOT_PUBLISHED if the name is not there, VERSION_NOT_RUNNING if no version of it fits
 */
export function findService<S extends Versioned>(services: readonly S[], name: string, selector: VersionSelector): S {
  const named = services.filter((service) => service.name === name)
  if (named.length === 0) {
    throw new RegistryError(
      'SERVICE_NOT_PUBLISHED',
      `There is no service ${quote(name)}.`,
      listing(services.map((s) => s.name)),
    )
  }
  const fitting = named
    .map((service) => ({ service, version: parseVersion(service.version) }))
    .filter(({ service, version }) => version !== undefined && admits(selector, service, version))
    .sort((a, b) => (a.version && b.version ? compareVersions(b.version, a.version) : 0))
  const best = fitting[0]?.service
  if (best !== undefined) return best
  const wanted = formatSelector(selector) || 'that is not a pre-release'
  throw new RegistryError(
    'VERSION_NOT_RUNNING',
    `The service ${quote(name)} runs in no version ${wanted}.`,
    listing(named.map(({ version }) => `${name}@${version}`)),
  )
}

function admits(selector: VersionSelector, service: Versioned, version: Version): boolean {
  if (selector.kind === 'exact') return service.version === selector.version
  if (selector.kind === 'cid') return [service.contract, service.head].some((cid) => cid?.toString() === selector.cid)
  if (version.pre.length > 0) return false
  if (selector.kind === 'latest') return true
  if (selector.kind === 'major') return version.major === selector.major
  return isInRange(selector.operator, parsePartial(selector.version) ?? [], [
    version.major,
    version.minor,
    version.patch,
  ])
}

/**
 * npm's ranges: `~` keeps what it names of major and minor, `^` keeps everything up to the first number that is not 0
 * (or all it names, if they are all 0).
 */
function isInRange(operator: '^' | '~', from: number[], version: number[]): boolean {
  const firstSet = from.findIndex((number) => number !== 0)
  const kept = operator === '~' ? Math.min(from.length, 2) : firstSet < 0 ? from.length : firstSet + 1
  const sameLine = from.slice(0, kept).every((number, index) => number === version[index])
  const order = version.map((number, index) => number - (from[index] ?? 0)).find((difference) => difference !== 0)
  return sameLine && (order ?? 0) >= 0
}

function listing(names: readonly string[]): string {
  const different = [...new Set(names)]
  const more = different.length > MAX_LISTED ? ` and ${different.length - MAX_LISTED} more` : ''
  return different.length === 0
    ? 'nothing is published there'
    : `there is: ${different.slice(0, MAX_LISTED).join(', ')}${more}`
}
