/** What a question is about that gets an instance of its own: the contract and the state at one commit. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Asking } from '../types.ts'
import { commitOf } from '../view/commit-of.ts'
import { checkAccess } from './check-access.ts'
import { type Instances, notHere } from './instances.ts'

export interface Snapshot {
  contract: Contract
  /** user ID of the owner of the service */
  owner: string
  commit: CID
  seq: number
  /** when the commit was made, in milliseconds since 1970 */
  time: number
  /** what the state is worth */
  trust: string
}

export interface Snapshots {
  /** The service as it is now. @throws CallsError SERVICE_NOT_FOUND, SERVICE_BUSY, REPLAY_MISMATCH */
  now(service: CID, asking: Asking): Promise<Snapshot>
  /** As it was at one of its commits. @param caller user ID @throws CallsError SERVICE_NOT_FOUND, ACCESS_DENIED, NOT_A_COMMIT */
  at(service: CID, at: CID, caller: string): Promise<Snapshot>
}

export interface SnapshotParts {
  history: History
  contracts: Contracts
  instances: Pick<Instances, 'ask'>
}

export function createSnapshots({ history, contracts, instances }: SnapshotParts): Snapshots {
  return {
    now: (service, asking) =>
      instances.ask(
        service,
        async ({ contract, owner, time, head: { commit, seq, trust } }) => ({
          contract,
          owner,
          commit,
          seq,
          time,
          trust,
        }),
        asking,
      ),
    async at(service, at, caller) {
      const head = await history.head(service)
      if (head === undefined) throw notHere(service)
      const commit = await commitOf(history, service, at)
      const { genesis } = await history.commit(service)
      const owner = genesis?.owner ?? ''
      // who may read the past is for the service to say as it is now
      checkAccess(await contracts.load(head.contract), { owner, user: caller }, 'history')
      const contract = await contracts.load(commit.contract)
      return { contract, owner, commit: at, seq: commit.seq, time: commit.time, trust: head.trust }
    },
  }
}
