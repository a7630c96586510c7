import type { CID } from 'multiformats/cid'
import type { PackedCalls } from './commit-calls.ts'
import type { PackedContent } from './commit-content.ts'
import type { Handover } from './commit-types.ts'
import type { Payload } from './payload.ts'

/** What every commit says. */
export interface Common {
  /** how often the service was handed over to another host */
  epoch: number
  contract: CID
  engine: CID
  /** milliseconds since 1970 */
  time: number
  /** none in a first commit */
  calls: PackedCalls
  /** Merkle root of the memory after it */
  root: Uint8Array
  /** libp2p protobuf bytes of the key that signs it */
  host: Uint8Array
}

/** What every first commit says, too: it makes a service. */
export interface First extends Common {
  seq: 0
  service?: undefined
  genesis: { owner: string; nonce: Uint8Array; args: Payload }
}

/** What every other commit says, too. */
export interface Later extends Common {
  /** from 1 */
  seq: number
  service: CID
  parent: CID
  /** the parent's root: whoever sees this commit alone knows both states */
  before: Uint8Array
  /** raw blocks that the calls read or wrote; absent if there are none */
  content?: PackedContent
}

/** The first commit of a service that was made of a contract: its own CID is the service, its memory the checkpoint it links. */
export interface GenesisBody extends First {
  kind: 'genesis'
  checkpoint: CID
}

/** The first commit of a service that takes over the memory of another service's commit. */
export interface ForkBody extends First {
  kind: 'fork'
  from: CID
}

/** The parent's memory with the delta applied. */
export interface StepBody extends Later {
  kind: 'step'
  delta: Payload
}

/** Another contract, with the memory that its migration made of the parent's state. */
export interface UpgradeBody extends Later {
  kind: 'upgrade'
  checkpoint: CID
  /** it breaks callers, and was asked for all the same */
  forced: boolean
}

/** The memory and the contract of an ancestor. */
export interface RollbackBody extends Later {
  kind: 'rollback'
  from: CID
}

/** The parent's memory and contract, in the next epoch and by its host. */
export interface HandoverBody extends Later {
  kind: 'handover'
  handover: Handover
}

export type FirstBody = GenesisBody | ForkBody
export type LaterBody = StepBody | UpgradeBody | RollbackBody | HandoverBody

/** What the host signs; specs/history.md, "Commit". */
export type CommitBody = FirstBody | LaterBody

/** Whether a commit is the first of its service, whose CID is the service ID. */
export const isFirst = (body: CommitBody): body is FirstBody => body.seq === 0
