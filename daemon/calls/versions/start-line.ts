/** Starts a new major version, or a pre-release: a service of its own with new code, from the state of one that runs on. */
import type { CID } from 'multiformats/cid'
import { breaksOf } from '../../contract/compare.ts'
import type { Contract } from '../../contract/types.ts'
import type { Write } from '../../store/database-types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import type { Contracts } from '../life/contracts.ts'
import { createForkWithCode } from '../life/fork-with-code.ts'
import type { ImportForks } from '../life/import-forks.ts'
import type { Names } from '../names/names.ts'
import { isSealed } from '../run/check-access.ts'
import type { Identity, LocalName, RunningService } from '../types.ts'
import { runningVersion } from './choose.ts'
import { withVersion } from './line.ts'
import type { TryCode } from './try-code.ts'

export interface NewLine {
  entry: LocalName
  /** whose state it begins with */
  origin: RunningService
  /** as which it is published */
  version: string
}

/**
 * A fork of the origin's head with the new code, in one batch with the name and the version. The origin is not stopped: what is called there
 * meanwhile stays there.
 *
 * @throws CallsError UPGRADE_FAILED_TRIAL: nothing was changed
 */
export type StartLine = (
  line: NewLine,
  contract: Contract,
  options: { signal: AbortSignal },
) => Promise<{ head: Head; warnings: string[] }>

export interface StartLineParts {
  vm: Vm
  history: History
  contracts: Contracts
  names: Names
  identity: Identity
  tryCode: TryCode
  /** the new service gets forks of those that the origin imports */
  forks: Pick<ImportForks, 'heirs'>
  now: () => number
}

export function createStartLine(parts: StartLineParts): StartLine {
  const { history, contracts, names, forks, now } = parts
  const forkWithCode = createForkWithCode(parts)

  return async ({ entry, origin, version }, contract, { signal }) => {
    const { name } = entry
    const before = (await history.head(origin.service))!
    const from = await history.commit(before.commit)
    const older = await contracts.load(before.contract)
    const inherited = await forks.heirs(origin.service)
    const warnings = warningsOf({ name, version: runningVersion(entry, older, origin.line) }, older, version, contract)
    const fork = { from, contract, sealed: isSealed(older), time: Math.max(now(), from.time) }
    const also = async (service: CID): Promise<Write[]> => {
      const current = (await names.get(name)) ?? entry
      return [names.write(withVersion(current, service, version, contract.cid)), ...inherited(service)]
    }
    const made = await forkWithCode({ ...fork, also }, { signal })
    return { head: made.head, warnings: [...warnings, ...made.warnings] }
  }
}

/** What those who go over from the origin have to mend. */
function warningsOf(
  { name, version }: { name: string; version: string },
  older: Contract,
  next: string,
  newer: Contract,
): string[] {
  const breaks = breaksOf(older.interface, newer.interface)
  if (breaks.length === 0) return []
  const list = breaks.map(({ function: what, reason }) => `${what}: ${reason}`).join('; ')
  return [`who uses ${name} ${version} and goes over to ${next} has to mind: ${list}`]
}
