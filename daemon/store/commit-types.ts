/** A commit as the rest of the daemon reads it. */
import type { CID } from 'multiformats/cid'

/** One call in a commit, as it came: the signed envelope's bytes, and what became of it. */
export interface CallRecord {
  /** the caller's signed envelope, byte for byte (specs/internode.md) */
  envelope: Uint8Array
  result: Uint8Array
  gas: bigint
  /** JSON text of `[[name, value], ...]`: what the contract emitted, in order; @default nothing */
  events?: Uint8Array
  /** what came of the calls that the contract made of other services, in the order in which it made them; @default it made none */
  inputs?: Uint8Array
}

/** The first commit's extra fields; they make the service ID. */
export interface Genesis {
  /** user ID */
  owner: string
  /** module-independent randomness, so that the same contract can be deployed twice */
  nonce: Uint8Array
  /** arguments of `init`, as in CallRequest.args */
  args: Uint8Array
}

/** What kind of step a commit is; it says where the memory after it comes from. */
export type CommitKind =
  /** the first memory of a contract: in `checkpoint` */
  | 'genesis'
  /** a first commit whose memory is that of the commit `from`, of another service */
  | 'fork'
  /** the parent's memory with `delta` */
  | 'step'
  /** another contract: its memory, made by migration, is in `checkpoint` */
  | 'upgrade'
  /** the memory and the contract of the commit `from`, an ancestor */
  | 'rollback'
  /** the parent's memory and contract; from here on another key signs, in the next epoch: the owner's word for it is in `handover` */
  | 'handover'

/** The owner's word that after a commit another key signs the history; specs/history.md, "Handover". */
export interface Handover {
  /** libp2p protobuf bytes of the key that the user ID in the genesis stands for */
  owner: Uint8Array
  /** by that key */
  sig: Uint8Array
}

/** What a commit changes in memory, without what stays as it was in the lines it touches. */
export interface SparseDelta {
  /** as in a Delta */
  lines: Uint32Array
  /** 8 bytes for each line: bit b of byte k, the lowest first, says that the word of 4 bytes at (8 k + b) x 4 is in `words` */
  masks: Uint8Array
  /** the new content of these words, one after the other */
  words: Uint8Array
  pages: number
  globals: number[]
}

/** A commit, read back and its signature checked. */
export interface Commit {
  kind: CommitKind
  cid: CID
  /** absent in the genesis block, whose own CID is the service ID */
  service?: CID
  genesis?: Genesis
  seq: number
  epoch: number
  parent?: CID
  contract: CID
  engine: CID
  /** milliseconds since 1970 */
  time: number
  calls: CallRecord[]
  /** of a step; a link when it is longer than 4 KiB */
  delta?: CID | SparseDelta
  /** root of the checkpoint with the first memory; of a genesis and an upgrade */
  checkpoint?: CID
  /** the commit whose memory this one takes; of a fork and a rollback */
  from?: CID
  /** raw blocks that the calls read or wrote by CID; a replay needs them */
  content: CID[]
  /** an upgrade that breaks callers, and was asked for all the same */
  forced: boolean
  /** of a handover */
  handover?: Handover
  /** Merkle root of the memory before it: the parent's `root`; absent in the first commit */
  before?: Uint8Array
  /** Merkle root of the memory after it */
  root: Uint8Array
  /** host's public key, libp2p protobuf bytes */
  host: Uint8Array
}
