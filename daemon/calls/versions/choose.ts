/** Which version a contract gets, and whether a service may be upgraded to it. Pure (names.md: one version is one contract, for ever). */
import type { CID } from 'multiformats/cid'
import { parseVersion } from '../../../registry/grammar/version.ts'
import { breaksOf, mayBreak } from '../../contract/compare.ts'
import type { Contract } from '../../contract/types.ts'
import { CallsError } from '../errors.ts'
import type { LocalName, PublishedVersion } from '../types.ts'
import { isRelease, lineOf, newestRelease, orderOf } from './line.ts'

/** @throws CallsError VERSION_INVALID */
function checkVersion(version: string | undefined): void {
  if (version === undefined || parseVersion(version) !== undefined) return
  const message = `"${version.slice(0, 64)}" is not a version.`
  throw new CallsError('VERSION_INVALID', message, 'a version looks like 1.2.0 (semver.org)')
}

/**
 * The version to publish a contract as: the one asked for; else the one it is published as already; else its manifest's, if that is
 * free; else the next of the same major version: a patch, a minor if functions were added. What breaks callers is refused by the plan of
 * the upgrade, not here.
 *
 * @param load reads a contract that is published
 * @throws CallsError VERSION_INVALID, VERSION_TAKEN, VERSION_NOT_NEWER
 */
export async function versionFor(
  entry: Omit<LocalName, 'unpublished'>,
  contract: Contract,
  wanted: string | undefined,
  load: (cid: CID) => Promise<Contract>,
): Promise<string> {
  checkVersion(wanted)
  const { name, published } = entry
  const same = published.findLast((one) => one.contract.equals(contract.cid))?.version
  const version = wanted ?? same ?? (await freeVersion(published, contract, load))
  const holder = published.find((one) => one.version === version)
  if (holder !== undefined && !holder.contract.equals(contract.cid)) {
    const hint = 'one version is one contract for ever: give the new one a new version in amigo.yaml or with --version'
    throw new CallsError('VERSION_TAKEN', `${name} ${version} is published already, as another contract.`, hint)
  }
  const before = holder === undefined || isRetired(entry, version) ? mostToBeat(entry, version) : undefined
  if (before === undefined) return version
  const what = holder === undefined ? 'is not newer' : `its ${lineOf(version)} no longer runs`
  const hint = `publish it as a version after ${before}, with --version or in amigo.yaml`
  throw new CallsError('VERSION_NOT_NEWER', `${name} ${before} is published already, and of ${version} ${what}.`, hint)
}

/** The manifest's; else the next one after the newest of its line. */
async function freeVersion(
  published: readonly PublishedVersion[],
  contract: Contract,
  load: (cid: CID) => Promise<Contract>,
): Promise<string> {
  const own = contract.manifest.version
  checkVersion(own)
  const taken = new Set(published.map(({ version }) => version))
  if (!taken.has(own)) return own
  if (!isRelease(own)) {
    let next = nextPre(own)
    while (taken.has(next)) next = nextPre(next)
    return next
  }
  const last = newestRelease(published.filter(({ version }) => lineOf(version) === lineOf(own)))!
  const { major, minor, patch } = parseVersion(last.version)!
  return isAddition(await load(last.contract), contract) ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

/** `1.0.0-rc.1` gives `1.0.0-rc.2`: what was meant as a pre-release does not become a release unasked. */
function nextPre(version: string): string {
  const number = /\.(\d+)$/.exec(version)?.[1]
  return number === undefined ? `${version}.1` : `${version.slice(0, -number.length)}${Number(number) + 1}`
}

function isAddition(older: Contract, newer: Contract): boolean {
  const before = new Set(older.interface.map(({ name }) => name))
  return newer.interface.some(({ name }) => !before.has(name))
}

/** All services of its line were removed, and others of the name run. */
function isRetired({ running }: Pick<LocalName, 'running'>, version: string): boolean {
  return running.length > 0 && !running.some(({ line }) => line === null || line === lineOf(version))
}

/**
 * The release that a version would have to be newer than, and is not: that of the same major version, or of all if a service begins with
 * it; so an older major version can be mended as long as it runs.
 */
function mostToBeat(
  { running, published }: Pick<LocalName, 'running' | 'published'>,
  version: string,
): string | undefined {
  const line = `v${parseVersion(version)!.major}`
  const isOpen = running.some((one) => one.line === line)
  const rivals = isOpen ? published.filter((one) => lineOf(one.version) === line) : published
  const last = newestRelease(rivals)?.version
  return last !== undefined && orderOf(version, last) <= 0 ? last : undefined
}

/** The version that a service runs: what its contract is published as in this line, else at all, else what its manifest says. */
export function runningVersion(
  { published }: Pick<LocalName, 'published'>,
  contract: Contract,
  line: string | null = null,
): string {
  const named = published.filter((one) => one.contract.equals(contract.cid))
  const found = named.findLast(({ version }) => lineOf(version) === line) ?? named.at(-1)
  return found?.version ?? contract.manifest.version
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
 * @param older `line`: where others find it; null if nobody knows it
 * @throws CallsError MAJOR_NEEDS_OWN_NAME, UPGRADE_BREAKS
 */
export function planUpgrade(
  name: string,
  older: { contract: Contract; version: string; line: string | null },
  newer: { contract: Contract; version: string },
  force: boolean,
): UpgradePlan {
  if (older.line !== null && older.line !== lineOf(newer.version)) {
    const message = `${name} runs ${older.version}, and ${newer.version} is not for who uses ${older.line}: that goes on.`
    const hint = `amigo publish starts ${newer.version} as a service of its own, with this state, beside ${older.line}`
    throw new CallsError('MAJOR_NEEDS_OWN_NAME', message, hint)
  }
  const breaks = breaksOf(older.contract.interface, newer.contract.interface).map(
    ({ function: name, reason }) => `${name}: ${reason}`,
  )
  const isForced = breaks.length > 0 && !mayBreak(older.version, newer.version)
  if (isForced && !force) {
    const message = `${newer.version} breaks callers of ${name} ${older.version}: ${breaks.join('; ')}.`
    const next = Number.parseInt(older.version, 10) + 1
    const hint = `keep what callers rely on; or publish it beside the old one, as a new major version: --version ${next}.0.0, or in amigo.yaml (below 1.0.0 a new minor does, in its place); --force upgrades all the same`
    throw new CallsError('UPGRADE_BREAKS', message, hint)
  }
  const isBack = orderOf(newer.version, older.version) < 0
  const warnings = isBack
    ? [`${newer.version} is older than ${older.version}: amigo rollback goes back with the state`]
    : []
  return { breaks, isForced, warnings }
}
