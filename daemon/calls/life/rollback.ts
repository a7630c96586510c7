/** Takes a service back to a commit of its past, as a new commit: nothing of its history is lost. */
import type { CID } from 'multiformats/cid'
import type { Head, History } from '../../store/types.ts'
import { parseCommit } from '../methods/parse.ts'
import { isSealed } from '../run/check-access.ts'
import type { Carry } from '../run/orders.ts'
import { commitOf, notACommit } from '../view/commit-of.ts'
import type { Contracts } from './contracts.ts'
import type { ImportForks } from './import-forks.ts'
import { NO_RESULT, ROLLBACK } from './lifecycle.ts'

export interface RolledBack {
  head: Head
  /** commits: the head before, and the one whose state the service has now */
  from: CID
  to: CID
  warnings: string[]
}

export interface RollbackParts {
  history: History
  contracts: Pick<Contracts, 'of'>
  carry: Carry
  forks: Pick<ImportForks, 'namesOf'>
}

/** @throws CallsError NOT_A_COMMIT, PRUNED, NOT_THE_HOST, NOT_THE_OWNER */
export type Rollback = (service: CID, commit: string, options: { signal: AbortSignal }) => Promise<RolledBack>

export function createRollback({ history, contracts, carry, forks }: RollbackParts): Rollback {
  return async (service, text, { signal }) => {
    const to = parseCommit(text)
    return carry(
      service,
      { method: ROLLBACK, args: () => [to.toString()] },
      async ({ head }, { envelope, time }) => {
        const { contract } = await commitOf(history, service, to)
        const sealed = isSealed(await contracts.of({ service, contract }))
        const back = await history
          .rollback(service, { parent: head.commit, to, sealed, time, call: { envelope, result: NO_RESULT, gas: 0n } })
          .catch((error: { code?: string }) => {
            throw error.code === 'BROKEN_CHAIN' ? notACommit(text) : error
          })
        const isOther = !back.contract.equals(head.contract)
        const warnings = isOther ? [`its code is ${back.contract} again`] : []
        for (const own of await forks.namesOf(service))
          warnings.push(`${own}, which it imports as a fork, stays as it is: it can be taken back by itself`)
        return { head: back, from: head.commit, to, warnings }
      },
      signal,
    )
  }
}
