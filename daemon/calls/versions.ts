/** Which version a contract gets, and whether a service may be upgraded to it. Pure (names.md: one version is one contract, for ever). */
import { compareVersions, parseVersion } from '../../registry/grammar/version.ts'
import { breaksOf, mayBreak } from '../contract/compare.ts'
import type { Contract } from '../contract/types.ts'
import { CallsError } from './errors.ts'
import type { LocalName } from './types.ts'

/** @throws CallsError VERSION_INVALID */
function checkVersion(version: string | undefined): void {
  if (version === undefined || parseVersion(version) !== undefined) return
  const message = `"${version.slice(0, 64)}" is not a version.`
  throw new CallsError('VERSION_INVALID', message, 'a version looks like 1.2.0 (semver.org)')
}

/**
 * The version to publish a contract as: the one asked for; else the one it is published as already; else its manifest's, if that is
 * free; else the next after the newest: a patch, a minor if functions were added, and what breaks callers needs to be asked for.
 *
 * @param newest the contract of the newest version that is published
 * @throws CallsError VERSION_INVALID, VERSION_TAKEN, VERSION_NOT_NEWER
 */
export function versionFor(
  { name, published }: Pick<LocalName, 'name' | 'published'>,
  contract: Contract,
  newest: Contract | undefined,
  wanted?: string,
): string {
  checkVersion(wanted)
  const same = published.findLast((one) => one.contract.equals(contract.cid))
  const last = published.at(-1)?.version
  if (wanted === undefined && same !== undefined) return same.version
  const taken = (version: string) => published.find((one) => one.version === version)
  const own = contract.manifest.version
  const version = wanted ?? (taken(own) && newest && last ? nextVersion(last, isAddition(newest, contract)) : own)
  const holder = taken(version)
  if (holder?.contract.equals(contract.cid)) return version
  if (holder !== undefined) {
    const hint = 'one version is one contract for ever: give the new one a new version in amigo.yaml or with --version'
    throw new CallsError('VERSION_TAKEN', `${name} ${version} is published already, as another contract.`, hint)
  }
  if (last === undefined || isNewer(version, last)) return version
  const hint = `publish it as a version after ${last}, with --version or in amigo.yaml`
  throw new CallsError('VERSION_NOT_NEWER', `${name} ${last} is published already, and ${version} is not newer.`, hint)
}

/** @param added with new functions */
function nextVersion(version: string, added: boolean): string {
  const { major, minor, patch } = parseVersion(version)!
  return added ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

function isAddition(older: Contract, newer: Contract): boolean {
  const before = new Set(older.interface.map(({ name }) => name))
  return newer.interface.some(({ name }) => !before.has(name))
}

function isNewer(version: string, than: string): boolean {
  const [a, b] = [parseVersion(version), parseVersion(than)]
  return a !== undefined && b !== undefined && compareVersions(a, b) > 0
}

/** The version that runs: what its contract is published as, else what its manifest says. */
export function runningVersion({ published }: Pick<LocalName, 'published'>, contract: Contract): string {
  return published.findLast((one) => one.contract.equals(contract.cid))?.version ?? contract.manifest.version
}

/** What is lost by an upgrade, and whether that is allowed. */
export interface UpgradePlan {
  /** sentences: what callers of the older one could rely on and no longer can */
  breaks: string[]
  /** it is done only because it was asked for all the same */
  isForced: boolean
  warnings: string[]
}

/**
 * @param isPublished others know the service by its name and major version
 * @throws CallsError MAJOR_NEEDS_OWN_NAME, UPGRADE_BREAKS
 */
export function planUpgrade(
  name: string,
  older: { contract: Contract; version: string; isPublished: boolean },
  newer: { contract: Contract; version: string },
  force: boolean,
): UpgradePlan {
  const [from, to] = [parseVersion(older.version), parseVersion(newer.version)]
  if (older.isPublished && from && to && from.major !== to.major) {
    const message = `${name} runs as ${older.version}, and ${newer.version} is another major version: who uses v${from.major} goes on using it.`
    const hint = `start it as a service of its own: the same command with --as ${name}-v${to.major}`
    throw new CallsError('MAJOR_NEEDS_OWN_NAME', message, hint)
  }
  const breaks = breaksOf(older.contract.interface, newer.contract.interface).map(
    ({ function: name, reason }) => `${name}: ${reason}`,
  )
  const isForced = breaks.length > 0 && !mayBreak(older.version, newer.version)
  if (isForced && !force) {
    const message = `${newer.version} breaks callers of ${name} ${older.version}: ${breaks.join('; ')}.`
    const hint =
      'keep what callers rely on, or raise the major version (below 1.0.0 the minor); --force upgrades all the same'
    throw new CallsError('UPGRADE_BREAKS', message, hint)
  }
  const isBack = from && to && compareVersions(to, from) < 0
  const warnings = isBack
    ? [`${newer.version} is older than ${older.version}: amigo rollback goes back with the state`]
    : []
  return { breaks, isForced, warnings }
}
