/** Forks a service and gives the fork code at once: its memory is made of the logical state of the origin, as at an upgrade. */
import { randomBytes } from 'node:crypto'
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Write } from '../../store/database-types.ts'
import type { Head, History, NewUpgrade } from '../../store/types.ts'
import type { Vm } from '../../vm/types.ts'
import { makeCall } from '../receipt/signed-call.ts'
import type { Identity } from '../types.ts'
import type { TryCode } from '../versions/try-code.ts'
import { genesisOfFork, serviceOf, UPGRADE } from './lifecycle.ts'
import { upgradeOf } from './upgrade.ts'

export interface CodedFork {
  /** whose state it begins with */
  from: Commit
  /** the code that it gets */
  contract: Contract
  /** whether the history of what it comes from is for some only */
  sealed: boolean
  time: number
  /** What is written with it; asked for when the code has been tried. */
  also: (service: CID) => Write[] | Promise<Write[]>
}

/**
 * Two commits in one synced batch: a fork, and the owner's order to go over to the code. Afterwards either all of it is there or nothing.
 *
 * @throws CallsError UPGRADE_FAILED_TRIAL: nothing was changed
 */
export type ForkWithCode = (
  fork: CodedFork,
  options: { signal: AbortSignal },
) => Promise<{ head: Head; warnings: string[] }>

export interface ForkWithCodeParts {
  vm: Pick<Vm, 'engine' | 'open' | 'close'>
  history: Pick<History, 'image' | 'fork'>
  identity: Identity
  tryCode: TryCode
}

export function createForkWithCode({ vm, history, identity, tryCode }: ForkWithCodeParts): ForkWithCode {
  return async ({ from, contract, sealed, time, also }, { signal }) => {
    const key = `origin/${randomBytes(8).toString('hex')}`
    const warnings: string[] = []
    const upgrade = async (service: CID): Promise<Omit<NewUpgrade, 'parent'>> => {
      const args = [contract.cid.toString(), false]
      const order = { envelope: await makeCall({ service, method: UPGRADE, args }, 'call', identity), time }
      const old = { from: key, service: service.toString(), owner: identity.user, parent: service }
      // an instance of its own: the one that serves calls goes on
      await vm.open(key, await history.image(serviceOf(from), from.cid))
      const tried = await tryCode(old, order, contract, { signal })
      warnings.push(...tried.warnings)
      const { also: written, ...next } = upgradeOf(contract, tried, order, vm)
      return { ...next, forced: false, also: [...written, ...(await also(service))] }
    }
    try {
      const genesis = genesisOfFork(identity.user)
      return { head: await history.fork({ from: from.cid, sealed, genesis, time, upgrade }), warnings }
    } finally {
      await vm.close(key)
    }
  }
}
