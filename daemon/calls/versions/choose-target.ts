/** Which of what a user runs and has published a name with a version means. Pure. */
import { CID } from 'multiformats/cid'
import { findService, findVersion, type Versioned } from '../../../registry/grammar/service-of.ts'
import { type Marks, markServices, warningsOf } from '../../../registry/home/marks.ts'
import type { ListedVersion } from '../../../registry/home/types.ts'
import type { VersionSelector } from '../../../registry/types.ts'
import type { CommitOwner } from '../names/named-commit.ts'
import { notACommit } from '../view/commit-of.ts'
import { orderOf } from './line.ts'

/** What there is to choose from. */
export interface Offer<S extends Versioned> {
  services: readonly S[]
  versions: readonly ListedVersion[]
}

export interface Wanted {
  name: string
  version: VersionSelector
  /** the code will do: also of a version that does not run. @default false */
  code?: boolean | undefined
  /** of the commit that is named, if that is known; null: none of these services has it */
  service?: CommitOwner
}

type Running = Versioned & { service: CID }

export type Choice<S> = { warnings: string[] } & (
  | { service: S & Marks /** it is named by this commit of its past */; at?: CID }
  | { contract: ListedVersion }
)

/**
 * The newest that fits: what runs; where the code will do and a version or a range is named, a newer one that does not run, too. `@bafy...` that is
 * no contract is a commit: the service as it was then, and also if that is its newest one.
 *
 * @throws RegistryError SERVICE_NOT_PUBLISHED, VERSION_NOT_RUNNING, VERSION_NOT_FOUND; CallsError NOT_A_COMMIT
 */
export function chooseTarget<S extends Running>(offer: Offer<S>, wanted: Wanted): Choice<S> {
  const { name, version, code = false } = wanted
  const services = markServices(offer.services, offer.versions)
  const runs = attempt(() => findService(services, name, version))
  // a name, or name and line, is the service, with what it is now: its code may have gone back to an older version
  const isService = ['latest', 'major'].includes(version.kind) && runs.found !== undefined
  const published = code && !isService ? attempt(() => findVersion(offer.versions, name, version)) : undefined
  if (published?.found && (!runs.found || orderOf(published.found.version, runs.found.version) > 0))
    return { contract: published.found, warnings: warningsOf(published.found) }
  if (runs.found) {
    const isHead = version.kind === 'cid' && runs.found.contract.toString() !== version.cid
    return { service: runs.found, ...(isHead && { at: CID.parse(version.cid) }), warnings: warningsOf(runs.found) }
  }
  if (version.kind !== 'cid') throw published?.error ?? runs.error
  // what was taken back is meant all the same, if it is named by a commit
  const all = services.filter((one) => one.name === name).map((one) => ({ ...one, yanked: false }))
  const at = CID.parse(version.cid)
  const known = all.find((one) => wanted.service?.equals(one.service))
  if (known !== undefined) return { service: known, at, warnings: [] }
  const newest = findService(all, name, { kind: 'latest' })
  if (wanted.service !== undefined) throw notACommit(version.cid, ` of ${name}, nor that of a contract it had`)
  const warnings = code ? [`nobody gave the commit, so it is not known whether ${name} has it`] : []
  return { service: newest, at, warnings }
}

function attempt<T>(find: () => T): { found: T; error?: never } | { found?: never; error: unknown } {
  try {
    return { found: find() }
  } catch (error) {
    return { error }
  }
}
