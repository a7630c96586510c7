/** Which of the services under one name a version belongs to: one for each major version, and one for each pre-release. Pure. */
import type { CID } from 'multiformats/cid'
import { compareVersions, parseVersion, type Version } from '../../../registry/grammar/version.ts'
import type { LocalName, PublishedVersion, RunningService } from '../types.ts'

/** `v1` for all releases 1.x.y; a pre-release stands for itself: `2.0.0-rc.1`. As it is written behind the @ of a name. */
export function lineOf(version: string): string {
  const read = parseVersion(version)
  return read?.pre.length === 0 ? `v${read.major}` : version
}

/** The order of versions. One that could not be published, because it names a build, is neither before nor after another. */
export function orderOf(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  return left && right ? compareVersions(left, right) : 0
}

/** The newest release of these; undefined if there is none. */
export function newestRelease<V extends Pick<PublishedVersion, 'version'>>(versions: readonly V[]): V | undefined {
  return versions
    .filter(({ version }) => isRelease(version))
    .toSorted((a, b) => orderOf(a.version, b.version))
    .at(-1)
}

export const isRelease = (version: string): boolean => parseVersion(version)?.pre.length === 0

/** The number of a line of releases; undefined of a pre-release, and of what is not published. */
function majorOf({ line }: Pick<RunningService, 'line'>): number | undefined {
  return line?.startsWith('v') ? Number(line.slice(1)) : undefined
}

/** The service that the bare name stands for: the newest line of releases, else what was started last. */
export function mainOf({ running }: Pick<LocalName, 'running'>): RunningService | undefined {
  const majors = running.filter((one) => majorOf(one) !== undefined).sort((a, b) => majorOf(a)! - majorOf(b)!)
  return running.find(({ line }) => line === null) ?? majors.at(-1) ?? running.at(-1)
}

/** How one of the services under a name is told from the others: `forum`, or `forum@v1` for what the bare name does not stand for. */
export function shownAs(entry: Pick<LocalName, 'name' | 'running'>, { service, line }: RunningService): string {
  return line === null || isMain(entry, service) ? entry.name : `${entry.name}@${line}`
}

/** Whether the bare name stands for this service everywhere: a pre-release alone is found here, and by nobody else. */
function isMain(entry: Pick<LocalName, 'running'>, service: CID): boolean {
  const main = mainOf(entry)
  return main?.service.equals(service) === true && majorOf(main) !== undefined
}

/**
 * Whose state a new line of services begins with: that of the newest release that runs and is not newer. A pre-release gives its state to
 * nobody.
 */
export function originOf({ running }: Pick<LocalName, 'running'>, version: string): RunningService | undefined {
  const { major }: Version = parseVersion(version)!
  const older = running.filter((one) => (majorOf(one) ?? Number.POSITIVE_INFINITY) <= major)
  return older.sort((a, b) => majorOf(a)! - majorOf(b)!).at(-1)
}

/** The name with one more service, or with this one in another line. */
export function withRunning(entry: LocalName, service: CID, line: string | null): LocalName {
  const others = entry.running.filter((one) => !one.service.equals(service))
  return { ...entry, running: [...others, { service, line }] }
}

/** The name with one more version, if it has not got it yet, and the service in its line. */
export function withVersion(entry: LocalName, service: CID, version: string, contract: CID): LocalName {
  const { published } = entry
  const isNew = !published.some((one) => one.version === version)
  const all = isNew ? [...published, { version, contract }] : published
  return withRunning({ ...entry, published: all }, service, lineOf(version))
}
