import type { CID } from 'multiformats/cid'
import { RegistryError } from '../errors.ts'
import { quote } from '../quote.ts'
import type { VersionSelector } from '../types.ts'
import { isInRange } from './range.ts'
import { formatSelector } from './selector.ts'
import { compareVersions, parsePartial, parseVersion, type Version } from './version.ts'

/** What a choice is made by; a home's services are such, and its versions, and so is a list of one's own. */
export interface Versioned {
  name: string
  /** semver */
  version: string
  contract: CID
  /** newest commit, where known */
  head?: CID
  /** withdrawn: chosen by its exact version or a CID only. @default false */
  yanked?: boolean
}

/** how many of the names or versions at hand a hint lists */
const MAX_LISTED = 10

/**
 * Chooses the service of this name and version among those that run: the newest that the selector admits. A pre-release, and what was
 * withdrawn, is chosen only by its exact version or its CID.
 * @throws {RegistryError} SERVICE_NOT_PUBLISHED if the name is not there, VERSION_NOT_RUNNING if no version of it fits
 */
export function findService<S extends Versioned>(services: readonly S[], name: string, selector: VersionSelector): S {
  return find(services, name, selector, 'VERSION_NOT_RUNNING', 'runs in no version')
}

/**
 * The same among all that was published, whether it runs or not: what a name stands for where only the code counts.
 * @throws {RegistryError} SERVICE_NOT_PUBLISHED, VERSION_NOT_FOUND
 */
export function findVersion<V extends Versioned>(versions: readonly V[], name: string, selector: VersionSelector): V {
  return find(versions, name, selector, 'VERSION_NOT_FOUND', 'was published in no version')
}

function find<S extends Versioned>(
  all: readonly S[],
  name: string,
  selector: VersionSelector,
  code: 'VERSION_NOT_RUNNING' | 'VERSION_NOT_FOUND',
  what: string,
): S {
  const named = all.filter((one) => one.name === name)
  if (named.length === 0) {
    throw new RegistryError(
      'SERVICE_NOT_PUBLISHED',
      `There is no service ${quote(name)}.`,
      listing(all.map((one) => one.name)),
    )
  }
  const fitting = named
    .map((one) => ({ one, version: parseVersion(one.version) }))
    .filter(({ one, version }) => version !== undefined && admits(selector, one, version))
    .sort((a, b) => (a.version && b.version ? compareVersions(b.version, a.version) : 0))
  const best = fitting[0]?.one
  if (best !== undefined) return best
  const wanted = formatSelector(selector) || 'that is neither withdrawn nor a pre-release'
  const shown = named.map(({ version, yanked }) => `${name}@${version}${yanked ? ' (withdrawn)' : ''}`)
  throw new RegistryError(code, `The service ${quote(name)} ${what} ${wanted}.`, listing(shown))
}

function admits(selector: VersionSelector, service: Versioned, version: Version): boolean {
  if (selector.kind === 'exact') return service.version === selector.version
  if (selector.kind === 'cid') return [service.contract, service.head].some((cid) => cid?.toString() === selector.cid)
  if (version.pre.length > 0 || service.yanked) return false
  if (selector.kind === 'latest') return true
  if (selector.kind === 'major') return version.major === selector.major
  return isInRange(selector.operator, parsePartial(selector.version) ?? [], [
    version.major,
    version.minor,
    version.patch,
  ])
}

function listing(names: readonly string[]): string {
  const different = [...new Set(names)]
  const more = different.length > MAX_LISTED ? ` and ${different.length - MAX_LISTED} more` : ''
  return different.length === 0
    ? 'nothing is published there'
    : `there is: ${different.slice(0, MAX_LISTED).join(', ')}${more}`
}
