/** Gives a service other code and keeps its state: tried on a copy first, and what was tried is what the service becomes. */
import { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Write } from '../../store/database-types.ts'
import type { Head, History, NewUpgrade } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import type { LocalService, Names } from '../names/names.ts'
import { isSealed } from '../run/check-access.ts'
import type { Instance } from '../run/instances.ts'
import type { Carry, Order } from '../run/orders.ts'
import type { Waiting } from '../types.ts'
import { planUpgrade, runningVersion, versionFor } from '../versions/choose.ts'
import { withVersion } from '../versions/line.ts'
import type { Tried, TryCode } from '../versions/try-code.ts'
import type { Contracts } from './contracts.ts'
import type { ImportForks } from './import-forks.ts'
import { UPGRADE } from './lifecycle.ts'

export interface UpgradeOptions {
  /** as which it is published; only for a service that is. @default the manifest's, or the next one */
  version?: string | undefined
  /** also if it breaks callers; the history says so */
  force: boolean
  /** only the trial */
  dryRun: boolean
  signal: AbortSignal
  /** told while what it imports as forks is brought here */
  onProgress?: Waiting['onProgress']
}

export interface Upgraded {
  /** contracts */
  from: CID
  to: CID
  /** undefined after a dry run, and if nothing was to be done */
  head?: Head
  warnings: string[]
  breaks: string[]
}

/** @throws CallsError NOT_THE_HOST, NOT_THE_OWNER, MAJOR_NEEDS_OWN_NAME, UPGRADE_BREAKS, UPGRADE_FAILED_TRIAL, VERSION_TAKEN... */
export type Upgrade = (local: LocalService, contract: Contract, options: UpgradeOptions) => Promise<Upgraded>

export interface UpgradeParts {
  vm: Pick<Vm, 'engine'>
  history: History
  contracts: Contracts
  names: Names
  carry: Carry
  tryCode: TryCode
  /** what the new code imports as forks; that is on this node by now */
  forks: Pick<ImportForks, 'make' | 'undo' | 'behind'>
}

export function createUpgrade({ vm, history, contracts, names, carry, tryCode, forks }: UpgradeParts): Upgrade {
  const { load } = contracts

  return async ({ entry, service, line }, contract, { version: wanted, force, dryRun, signal }) => {
    const { name } = entry
    const head = await history.head(service)
    const from = head!.contract
    if (from.equals(contract.cid))
      return { from, to: contract.cid, warnings: [`${name} runs this code already`], breaks: [] }

    const isPublished = line !== null
    const version = isPublished
      ? await versionFor(entry, contract, wanted, load)
      : (wanted ?? contract.manifest.version)
    const older = await load(from)
    const now = { contract: older, version: runningVersion(entry, older, line), line }
    const planned = planUpgrade(name, now, { contract, version }, force || dryRun)
    const forced = planned.isForced && force
    const args = () => [contract.cid.toString(), forced]
    const task = async ({ key, head, owner }: Instance, order: Order): Promise<Upgraded> => {
      const old = { from: key, service: key, owner, parent: head.commit }
      const tried = await tryCode(old, order, contract, { signal })
      const warnings = [...planned.warnings, ...tried.warnings, ...(await forks.behind(service, contract))]
      const done = { from, to: contract.cid, breaks: planned.breaks, warnings }
      if (dryRun) return done
      const current = (await names.get(name)) ?? entry
      const named = isPublished ? [names.write(withVersion(current, service, version, contract.cid))] : []
      const { also, ...next } = upgradeOf(contract, tried, order, vm)
      // a fork that somebody imports may be for fewer than its code says
      const sealed = isSealed(await contracts.of({ service, contract: contract.cid }))
      const written = { ...next, sealed, parent: head.commit, forced, also: [...named, ...also] }
      return { ...done, head: await history.upgrade(service, written) }
    }
    // they are there when the new code is: calls wait already
    const made = dryRun ? [] : await forks.make(service, contract)
    try {
      return await carry(service, { method: UPGRADE, args }, task, signal)
    } catch (error) {
      await forks.undo(made)
      throw error
    }
  }
}

/** The commit of code that was tried. */
export function upgradeOf(
  contract: Contract,
  { outcome, origin, content }: Tried,
  { envelope, time }: Order,
  { engine }: Pick<Vm, 'engine'>,
): Omit<NewUpgrade, 'parent' | 'forced' | 'also'> & { also: Write[] } {
  return {
    contract: contract.cid,
    sealed: isSealed(contract),
    engine: CID.parse(engine),
    time,
    call: { envelope, result: outcome.result, gas: outcome.gas },
    image: origin.image,
    root: origin.root,
    content: content.map((cid) => CID.parse(cid)),
    also: outcome.writes.map(({ cid, bytes }) => ({ put: 'block', cid: CID.parse(cid), bytes })),
  }
}
