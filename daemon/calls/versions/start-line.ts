/** Starts a new major version, or a pre-release: a service of its own with new code, from the state of one that runs on. */
import { randomBytes } from 'node:crypto'
import { breaksOf } from '../../contract/compare.ts'
import type { Contract } from '../../contract/types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { NONCE_BYTES } from '../constants.ts'
import type { Contracts } from '../life/contracts.ts'
import type { ImportForks } from '../life/import-forks.ts'
import { UPGRADE } from '../life/lifecycle.ts'
import { upgradeOf } from '../life/upgrade.ts'
import type { Names } from '../names/names.ts'
import { makeCall } from '../receipt/signed-call.ts'
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
 * Two commits in one synced batch, with the name and the version: a fork of the origin's head, and the owner's order to go over to the new
 * code. Afterwards either all of it is there or nothing. The origin is not stopped: what is called there meanwhile stays there.
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
  const { vm, history, contracts, names, identity, tryCode, forks, now } = parts

  return async ({ entry, origin, version }, contract, { signal }) => {
    const { name } = entry
    const before = (await history.head(origin.service))!
    const { time: earliest } = await history.commit(before.commit)
    const older = await contracts.load(before.contract)
    const time = Math.max(now(), earliest)
    const inherited = await forks.heirs(origin.service)
    const from = `origin/${randomBytes(8).toString('hex')}`
    const warnings = warningsOf({ name, version: runningVersion(entry, older, origin.line) }, older, version, contract)
    // an instance of its own: the one that serves calls goes on
    await vm.open(from, await history.image(origin.service, before.commit))
    try {
      const head = await history.fork({
        from: before.commit,
        sealed: isSealed(older),
        genesis: { owner: identity.user, nonce: randomBytes(NONCE_BYTES), args: new Uint8Array(0) },
        time,
        async upgrade(service) {
          const args = [contract.cid.toString(), false]
          const order = { envelope: await makeCall({ service, method: UPGRADE, args }, 'call', identity), time }
          const old = { from, service: service.toString(), owner: identity.user, parent: service }
          const tried = await tryCode(old, order, contract, { signal })
          warnings.push(...tried.warnings)
          const { also, ...next } = upgradeOf(contract, tried, order, vm)
          const current = (await names.get(name)) ?? entry
          const named = names.write(withVersion(current, service, version, contract.cid))
          return { ...next, forced: false, also: [...also, named, ...inherited(service)] }
        },
      })
      return { head, warnings }
    } finally {
      await vm.close(from)
    }
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
