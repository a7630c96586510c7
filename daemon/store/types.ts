/** What the rest of the daemon knows of the store: blocks, the history of each service, and the head that makes it durable. */
import type { LevelBlockstore } from 'blockstore-level'
import type { LevelDatastore } from 'datastore-level'
import type { CID } from 'multiformats/cid'
import type { Delta, Image } from '../vm/types.ts'

/** Content-addressed blocks on this disk; never asks the network. */
export interface Blocks {
  get(cid: CID): Promise<Uint8Array | undefined>
  has(cid: CID): Promise<boolean>
  /** Not synced by itself: it becomes durable with the next head, or the next synced write. */
  put(blocks: readonly { cid: CID; bytes: Uint8Array }[]): Promise<void>
}

/** Small values under string keys, in the same database as the blocks. */
export interface Meta {
  get(key: string): Promise<Uint8Array | undefined>
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /** Written and synced before it returns, as is `delete`. */
  put(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
  /** In the order of the keys. */
  list(prefix: string, options?: ListOptions): AsyncIterable<{ key: string; value: Uint8Array }>
}

export interface ListOptions {
  /** the last key wanted, without the prefix. @default no bound */
  upTo?: string
  /** the last key first. @default false */
  reverse?: boolean
  /** @default no bound */
  limit?: number
}

export type Write =
  | { put: 'block'; cid: CID; bytes: Uint8Array }
  | { put: 'meta'; key: string; value: Uint8Array }
  | { delete: 'meta'; key: string }

/** Writes that join a batch; as a function they get the CID of the commit that is being made. */
export type Also = readonly Write[] | ((commit: CID) => readonly Write[])

/** One LevelDB holds everything, so that blocks and the head that names them are written in one atomic, synced batch. */
export interface Database {
  blocks: Blocks
  meta: Meta
  /** All or nothing, and on disk (fsync) when it returns. */
  commit(writes: readonly Write[]): Promise<void>
}

/** Blocks, many at a time. */
export interface LocalBlocks extends Blocks {
  getMany(cids: readonly CID[]): Promise<(Uint8Array | undefined)[]>
  hasMany(cids: readonly CID[]): Promise<boolean[]>
}

/** The database as its owner holds it: also the views for Helia and libp2p, and the end. */
export interface LocalDatabase extends Database {
  blocks: LocalBlocks
  /** the same blocks, for Helia; and what libp2p and Helia keep, apart from `meta` */
  readonly blockstore: LevelBlockstore
  readonly datastore: LevelDatastore
  /** Waits for what is being written. What comes later throws STORE_CLOSED; a second call does nothing. */
  close(): Promise<void>
}

/** Signs for the store, which knows no keys; `publicKey` is libp2p protobuf bytes. */
export interface Signer {
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** Whether `sig` is the signature of `bytes` by the key with these libp2p protobuf bytes. */
export type Verify = (publicKey: Uint8Array, bytes: Uint8Array, sig: Uint8Array) => Promise<boolean>

/** One call in a commit, as it came: the signed envelope's bytes, and what became of it. */
export interface CallRecord {
  /** the caller's signed envelope, byte for byte (specs/internode.md) */
  envelope: Uint8Array
  result: Uint8Array
  gas: bigint
  /** JSON text of `[[name, value], ...]`: what the contract emitted, in order; @default nothing */
  events?: Uint8Array
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
  delta?: CID | Delta
  /** root of the checkpoint with the first memory; of a genesis and an upgrade */
  checkpoint?: CID
  /** the commit whose memory this one takes; of a fork and a rollback */
  from?: CID
  /** raw blocks that the calls read or wrote by CID; a replay needs them */
  content: CID[]
  /** an upgrade that breaks callers, and was asked for all the same */
  forced: boolean
  /** Merkle root of the memory before it: the parent's `root`; absent in the first commit */
  before?: Uint8Array
  /** Merkle root of the memory after it */
  root: Uint8Array
  /** host's public key, libp2p protobuf bytes */
  host: Uint8Array
}

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
  checkpoint: { cid: CID; seq: number }
  trust: Trust
  /** whether this node's key signs the commits */
  hosted: boolean
}

/** `also`: more to write in the same atomic batch; a function gets the commit, or the new service's ID. */
type New = { time: number; also?: Also }

export interface NewService extends New {
  genesis: Genesis
  contract: CID
  engine: CID
  image: Image
  root: Uint8Array
}

/** A new service with the state of a commit that is on this node: nothing is copied, nothing runs, and `args` is empty. */
export type NewFork = New & { from: CID; genesis: Genesis }

/** What the owner ordered, with the signed order. */
interface Ordered extends New {
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
}

/** Back to an ancestor of the head. */
export type NewRollback = Ordered & { to: CID }

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

export interface AdoptOptions {
  signal?: AbortSignal
  /** a checkpoint to start from instead of the genesis; its root must be that of the commit with its sequence number */
  checkpoint?: CID
  /** commits to walk at most. @default MAX_ADOPT_COMMITS */
  budget?: number
}

/** The history of the services on this node. One writer per service: the caller appends to it one commit at a time. */
export interface History {
  create(service: NewService): Promise<Head>
  /** Durable when it returns. Writes a checkpoint of its own accord every so many commits. */
  append(service: CID, commit: NewCommit): Promise<Head>
  fork(fork: NewFork): Promise<Head>
  upgrade(service: CID, upgrade: NewUpgrade): Promise<Head>
  rollback(service: CID, rollback: NewRollback): Promise<Head>
  /** the oldest commit whose state can be opened */
  base(service: CID): Promise<{ commit: CID; seq: number }>
  head(service: CID): Promise<Head | undefined>
  heads(): AsyncIterable<Head>
  commit(cid: CID): Promise<Commit>
  /** newest first */
  log(service: CID, options?: { from?: CID; limit?: number }): AsyncIterable<Commit>
  /** The state at the head, or at a commit: newest checkpoint before it plus deltas; nothing is executed. */
  image(service: CID, at?: CID): Promise<{ image: Image; root: Uint8Array }>
  /**
   * Takes over a history whose blocks were fetched into the block store, and makes `commit` the head, with trust `signed`.
   * Never goes back: a commit that the head already descends from changes nothing.
   *
   * Guarantees: every commit from the genesis (or the known head) to this one follows its parent and is signed by the key of
   * the genesis, and the state at the new head has the root that was signed. Nothing is executed.
   *
   * @throws StoreError BLOCK_MISSING (with the CID to fetch), BLOCK_INVALID, BAD_SIGNATURE, BROKEN_CHAIN, ROOT_MISMATCH,
   * EQUIVOCATION (with the two commits), BUDGET_EXCEEDED, APPEND_CONFLICT
   */
  adopt(service: CID, commit: CID, options?: AdoptOptions): Promise<Head>
}

/** The history as its owner holds it. */
export interface LocalHistory extends History {
  /** Notes that the caller executed everything up to this commit again and got its root. Does nothing once the head has moved on. */
  markReplayed(service: CID, commit: CID): Promise<Head>
  /** Resolves when no checkpoint is being written: before the database is closed, or to observe one. */
  idle(): Promise<void>
}
