/** The history of each service, as the rest of the daemon knows it; the head makes it durable. */
import type { CID } from 'multiformats/cid'
import type { Delta, Image } from '../vm/types.ts'
import type { CallRecord, Commit, Genesis, Handover } from './commit-types.ts'
import type { Also } from './database-types.ts'
import type { Mended, MendOptions, Pruned, PruneOptions, Retention, Retired } from './upkeep-types.ts'

/** How far the state of a service is to be trusted: made here, re-executed here, or only signed by its host. */
export type Trust = 'own' | 'replayed' | 'signed'

export interface Head {
  service: CID
  commit: CID
  seq: number
  epoch: number
  contract: CID
  /** Merkle root of the memory at the head */
  root: Uint8Array
  trust: Trust
  /** whether this node's key signs the commits */
  hosted: boolean
  /** the commits, oldest first, at which the history went over to another key: who holds them and the genesis knows whose key counts */
  handovers: readonly CID[]
  /** of its blocks that are not for everybody, if there are any */
  seal?: string
}

interface New {
  time: number
  /** more to write in the same atomic batch; a function gets the commit that is being made, or the new service's ID */
  also?: Also
}

/** What another contract decides. */
interface Coded extends New {
  /** its history is not for everybody: neither are its blocks. @default false */
  sealed?: boolean
}

export interface NewService extends Coded {
  genesis: Genesis
  contract: CID
  engine: CID
  image: Image
  root: Uint8Array
}

/** A new service with the state of a commit that is on this node: nothing is copied, nothing runs, and `args` is empty. */
export interface NewFork extends Coded {
  from: CID
  genesis: Genesis
  /**
   * Other code for it at once: asked for when its ID is known and nothing is written yet. Both commits are one batch, with what either
   * wants to have written beside it. @default it keeps the code that it has
   */
  upgrade?: (service: CID) => Promise<Omit<NewUpgrade, 'parent'>>
}

/** What the owner ordered, with the signed order. */
interface Ordered extends Coded {
  /** the head it was made on: on another it is refused */
  parent: CID
  call: CallRecord
}

/** Other code under the same service ID, with the memory that its migration made. */
export interface NewUpgrade extends Ordered {
  contract: CID
  engine: CID
  forced: boolean
  image: Image
  root: Uint8Array
  content?: readonly CID[]
  /** what its state is worth, if that is less than before: it was made of another one, too. @default as before */
  trust?: Trust
}

/** Back to an ancestor of the head. */
export type NewRollback = Ordered & { to: CID }

/** This node goes on with the history from its head, under its own key and in the next epoch. */
export interface NewHandover extends New {
  /** the head that the owner's word is about */
  parent: CID
  handover: Handover
}

/** Where a history begins on a node that does not have the older part of it. */
export interface Base {
  commit: CID
  /** with the memory after that commit */
  checkpoint: CID
  /** the handovers before it, or that it is itself, oldest first. @default none */
  handovers?: readonly CID[]
}

export interface NewCommit extends New {
  /** the head it was made on: an append on another is refused. @default not checked */
  parent?: CID
  contract: CID
  engine: CID
  calls: CallRecord[]
  delta: Delta
  root: Uint8Array
  /** raw blocks that the calls read or wrote; those written are in `also` */
  content?: readonly CID[]
}

/** A commit that was just made, with the blocks that prove its calls. */
export interface Appended extends Head {
  block: Uint8Array
  /** of its calls, if they are linked */
  chunks: readonly Uint8Array[]
  /** of its calls */
  count: number
}

/** A commit that was signed and is being written: who makes the next one meanwhile knows its CID. */
export interface Begun extends Appended {
  /** Resolves when it is durable, rejects if nothing of it was written. Until then every other write to the service is refused. */
  durable: Promise<void>
}

export interface AdoptOptions {
  signal?: AbortSignal
  /** a checkpoint to start from instead of the genesis; its root must be that of the commit with its sequence number */
  checkpoint?: CID
  /** the host has nothing older than this: the chain is checked down to it, and its key by the genesis and the handovers */
  base?: Base
  /** of the blocks, which are not for everybody. @default they are */
  seal?: string
  /** down to the genesis or the base, also below what is known here: then all of that is here again. @default false */
  anew?: boolean
  /** commits to walk at most. @default MAX_ADOPT_COMMITS */
  budget?: number
}

/** A memory, with what its reader need not compute again. */
export interface State {
  image: Image
  /** the one that is signed */
  root: Uint8Array
  /** digests of the 4 KiB pages, 32 bytes each: compared with the pages, and they make the root */
  leaves: Uint8Array
}

/** Commits of several services that become durable together, or not at all. It ends with `write` or `drop`. */
export interface Draft {
  /**
   * Signs the next commit of a service, on what this draft has of it. Until the end every other write to the service is refused.
   *
   * @throws StoreError as History.append
   */
  add(service: CID, commit: NewCommit): Promise<Appended>
  /** of commits */
  readonly length: number
  /** Takes back all but the first so many. */
  keep(length: number): void
  /** In one synced batch; if it fails nothing of it was written. */
  write(): Promise<void>
  drop(): void
}

/** The history of the services on this node. One writer per service: the caller appends to it one commit at a time. */
export interface History {
  create(service: NewService): Promise<Head>
  /** Durable when it returns. Writes a checkpoint of its own accord every so many commits. */
  append(service: CID, commit: NewCommit): Promise<Appended>
  /** The same, but returns as soon as the commit is signed. */
  begin(service: CID, commit: NewCommit): Promise<Begun>
  /** For commits of several services at once. */
  draft(): Draft
  fork(fork: NewFork): Promise<Head>
  upgrade(service: CID, upgrade: NewUpgrade): Promise<Head>
  rollback(service: CID, rollback: NewRollback): Promise<Head>
  /** Throws NOT_THE_OWNER if the word is not the owner's. */
  takeOver(service: CID, handover: NewHandover): Promise<Head>
  /**
   * Deletes what the policy does not keep, and nothing that another service, a fork or a rollback needs.
   *
   * @throws StoreError NO_SUCH_SERVICE, APPEND_CONFLICT
   */
  prune(service: CID, retention: Retention, options?: PruneOptions): Promise<Pruned>
  /**
   * Ends a service on this node: it has no head any more. What was forked from it keeps what it needs of it.
   *
   * @throws StoreError NO_SUCH_SERVICE, APPEND_CONFLICT
   */
  retire(service: CID, options?: { also?: Also }): Promise<Retired>
  /** The service will not be used for a while: a checkpoint is written if that makes opening it faster. Nobody waits for it. */
  rest(service: CID): Promise<void>
  /** The blocks that whoever may read the history may have. */
  blocksOf(service: CID): Promise<{ get(cid: CID): Promise<Uint8Array | undefined> }>
  /** The oldest commit whose state can be opened. */
  base(service: CID): Promise<{ commit: CID; seq: number /** absent at the first commit */; checkpoint?: CID }>
  /**
   * Where the history begins for whoever has nothing of it: undefined if all of it is here. Of a fork also what it was forked from; if that
   * is not all here, the fork begins with itself.
   */
  baseForOthers(service: CID): Promise<{ commit: CID; seq: number; checkpoint: CID } | undefined>
  head(service: CID): Promise<Head | undefined>
  heads(): AsyncIterable<Head>
  commit(cid: CID): Promise<Commit>
  /** The commit with this sequence number; undefined if the history has none, or does not go back so far on this node. */
  at(service: CID, seq: number): Promise<CID | undefined>
  /** newest first */
  log(service: CID, options?: { from?: CID; limit?: number }): AsyncIterable<Commit>
  /** The state at the head, or at a commit: newest checkpoint before it plus deltas; nothing is executed. */
  image(service: CID, at?: CID): Promise<State>
  /**
   * Takes over a history whose blocks were fetched into the block store, and makes `commit` the head, with trust `signed`.
   * Never goes back: a commit that the head already descends from changes nothing, and neither does one of an older epoch.
   *
   * Guarantees: every commit from the genesis (or the known head, or the base) to this one follows its parent and is signed by the
   * key of its epoch, and the state at the new head has the root that was signed. Nothing is executed.
   *
   * @throws StoreError BLOCK_MISSING (with the CID to fetch), BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, ROOT_MISMATCH,
   * EQUIVOCATION (with the two commits), BUDGET_EXCEEDED, APPEND_CONFLICT, PRUNED (it needs what was pruned here: fetch it, and adopt `anew`)
   */
  adopt(service: CID, commit: CID, options?: AdoptOptions): Promise<Head>
}

/** The history as its owner holds it. */
export interface LocalHistory extends History {
  /** Notes that the caller executed everything up to this commit again and got its root. Does nothing once the head has moved on. */
  markReplayed(service: CID, commit: CID): Promise<Head>
  /**
   * Reads every block of a history, and has those fetched and replaced that the disk lost or damaged. Pruning waits for it.
   *
   * @throws StoreError NO_SUCH_SERVICE
   */
  mend(service: CID, options: MendOptions): Promise<Mended>
  /** Resolves when no checkpoint is being written: before the database is closed, or to observe one. */
  idle(): Promise<void>
}
