/** What a question is about that gets an instance of its own: the contract and the state at one commit. */
import type { CID } from 'multiformats/cid'
import type { Contract } from '../../contract/types.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Head, History } from '../../store/types.ts'
import type { Contracts } from '../life/contracts.ts'
import type { Caller } from '../receipt/hosts.ts'
import type { Asking } from '../types.ts'
import { commitOf } from '../view/commit-of.ts'
import { checkAccess } from './check-access.ts'
import { askerOf } from './context.ts'
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
  /** As it stands on the disk, whoever is using it. @param commit where it stood a moment ago; @default its head @throws CallsError SERVICE_NOT_FOUND */
  durable(service: CID, commit?: CID): Promise<Snapshot>
  /** As it was at one of its commits. @param by who wants to know @throws CallsError SERVICE_NOT_FOUND, ACCESS_DENIED, NOT_A_COMMIT */
  at(service: CID, at: CID, by: Caller): Promise<Snapshot>
}

export interface SnapshotParts {
  history: History
  contracts: Contracts
  instances: Pick<Instances, 'ask'>
}

export function createSnapshots({ history, contracts, instances }: SnapshotParts): Snapshots {
  const of = async (head: Head, commit: Commit): Promise<Snapshot> => {
    const { genesis } = await history.commit(head.service)
    const contract = await contracts.of({ service: head.service, contract: commit.contract })
    const { cid, seq, time } = commit
    return { contract, owner: genesis?.owner ?? '', commit: cid, seq, time, trust: head.trust }
  }

  return {
    async durable(service, commit) {
      const head = await history.head(service)
      if (head === undefined) throw notHere(service)
      return of(head, await history.commit(commit ?? head.commit))
    },
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
    async at(service, at, by) {
      const head = await history.head(service)
      if (head === undefined) throw notHere(service)
      const commit = await commitOf(history, service, at)
      const found = await of(head, commit)
      // who may read the past is for the service to say as it is now
      checkAccess(await contracts.of(head), askerOf(by, found.owner), 'history')
      return found
    },
  }
}
