/** Gives a service other code and keeps its state: tried on a copy first, and what was tried is what the service becomes. */
import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { heapBytesOf } from '../contract/limits.ts'
import type { Contract } from '../contract/types.ts'
import type { Write } from '../store/database-types.ts'
import type { Head, History } from '../store/types.ts'
import { VmError } from '../vm/errors.ts'
import type { Origin, Outcome, Vm } from '../vm/types.ts'
import { isSealed } from './check-access.ts'
import type { ContentNeeded, ContentSource, Needed } from './content.ts'
import { contextOf } from './context.ts'
import type { Contracts } from './contracts.ts'
import { callFailed } from './errors.ts'
import type { Instance } from './instances.ts'
import { migrate, UPGRADE } from './lifecycle.ts'
import type { Names } from './names.ts'
import type { Carry, Order } from './orders.ts'
import { checkTrial, failedTrial } from './trial.ts'
import type { LocalName } from './types.ts'
import { decodeResult } from './values.ts'
import { planUpgrade, runningVersion, versionFor } from './versions.ts'

export interface UpgradeOptions {
  /** as which it is published; only for a service that is. @default the manifest's, or the next one */
  version?: string | undefined
  /** also if it breaks callers; the history says so */
  force: boolean
  /** only the trial */
  dryRun: boolean
  signal: AbortSignal
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
export type Upgrade = (entry: LocalName, contract: Contract, options: UpgradeOptions) => Promise<Upgraded>

export interface UpgradeParts {
  vm: Vm
  history: History
  contracts: Contracts
  content: ContentSource
  names: Names
  carry: Carry
}

interface Tried {
  outcome: Outcome & { ok: true }
  origin: Origin
  content: readonly string[]
}

export function createUpgrade({ vm, history, contracts, content, names, carry }: UpgradeParts): Upgrade {
  /** The new service in a place of its own, from the state of the old one; closed again before this returns. */
  const tryOut = async (
    instance: Instance,
    { envelope, time }: Order,
    contract: Contract,
    needed: Needed,
    signal: AbortSignal,
  ): Promise<Tried | ContentNeeded> => {
    const to = `upgrade/${randomBytes(8).toString('hex')}`
    const { key, head, owner } = instance
    const given = await content.read(needed)
    const context = contextOf({ caller: owner, owner, service: key }, envelope, head.commit, time)
    const options = { heapBytes: heapBytesOf(contract.manifest.limits) }
    const module = await contracts.module(contract)
    try {
      const { outcome, origin, isUnread } = await migrate(vm, {
        from: key,
        to,
        module,
        options,
        context,
        content: given,
        signal,
      })
      if (!outcome.ok) {
        if (outcome.error.needs !== undefined) return { needs: outcome.error.needs }
        if (outcome.error.code === 'CANCELLED') signal.throwIfAborted()
        const what = isUnread ? 'the old state could not be written down' : 'the state was not taken over'
        throw failedTrial(contract, what, callFailed(outcome.error))
      }
      await checkTrial(vm, { key: to, contract, context, signal })
      const used = new Set([...outcome.reads, ...outcome.writes.map(({ cid }) => cid)])
      return { outcome, origin: origin!, content: [...used] }
    } catch (error) {
      if (error instanceof VmError && error.code === 'TOO_LARGE') {
        throw failedTrial(contract, 'its state is too large to be taken over', error)
      }
      throw error
    } finally {
      await vm.close(to)
    }
  }

  const plan = async (entry: LocalName, older: Contract, contract: Contract, wanted?: string) => {
    const isPublished = entry.published.length > 0
    const newest = isPublished ? await contracts.load(entry.published.at(-1)!.contract) : undefined
    const version = isPublished ? versionFor(entry, contract, newest, wanted) : (wanted ?? contract.manifest.version)
    return { older: { contract: older, version: runningVersion(entry, older), isPublished }, version }
  }

  return async (entry, contract, { version: wanted, force, dryRun, signal }) => {
    const { name, service } = entry
    const head = await history.head(service)
    const from = head!.contract
    if (from.equals(contract.cid))
      return { from, to: contract.cid, warnings: [`${name} runs this code already`], breaks: [] }

    const { older, version } = await plan(entry, await contracts.load(from), contract, wanted)
    const planned = planUpgrade(name, older, { contract, version }, force || dryRun)
    const forced = planned.isForced && force
    const args = () => [contract.cid.toString(), forced]
    return carry(
      service,
      { method: UPGRADE, args },
      async (instance, order) => {
        const tried = await content.supply((needed) => tryOut(instance, order, contract, needed, signal), { signal })
        const { outcome, origin } = tried
        const done = {
          from,
          to: contract.cid,
          breaks: planned.breaks,
          warnings: [...planned.warnings, ...lossOf(outcome)],
        }
        if (dryRun) return done
        const current = (await names.get(name)) ?? entry
        const isNew = older.isPublished && !current.published.some((one) => one.version === version)
        const published = isNew ? [...current.published, { version, contract: contract.cid }] : current.published
        const { envelope, time } = order
        const upgraded = await history.upgrade(service, {
          parent: instance.head.commit,
          contract: contract.cid,
          sealed: isSealed(contract),
          engine: CID.parse(vm.engine),
          time,
          call: { envelope, result: outcome.result, gas: outcome.gas },
          forced,
          image: origin.image,
          root: origin.root,
          content: tried.content.map((cid) => CID.parse(cid)),
          also: [
            names.write({ ...current, published }),
            ...outcome.writes.map(({ cid, bytes }): Write => ({ put: 'block', cid: CID.parse(cid), bytes })),
          ],
        })
        return { ...done, head: upgraded }
      },
      signal,
    )
  }
}

/** What of the old state the new code has no place for. */
function lossOf({ result }: { result: Uint8Array }): string[] {
  const { dropped } = decodeResult(result) as { dropped?: string[] }
  return (dropped ?? []).map(
    (path) => `${path} of the old state is not taken over: the new code has nothing of that name`,
  )
}
