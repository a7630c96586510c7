/** The database under the history, and who signs: what the store needs of others, and what others get of its disk. */
import type { LevelBlockstore } from 'blockstore-level'
import type { LevelDatastore } from 'datastore-level'
import type { CID } from 'multiformats/cid'

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
  /** the first key wanted, without the prefix. @default no bound */
  from?: string
  /** the last key wanted, without the prefix. @default no bound */
  upTo?: string
  /** the last key first. @default false */
  reverse?: boolean
  /** @default no bound */
  limit?: number
}

export type Write =
  /** with a seal it is not for everybody */
  | { put: 'block'; cid: CID; bytes: Uint8Array; seal?: string }
  | { put: 'meta'; key: string; value: Uint8Array }
  | { delete: 'meta'; key: string }
  /** by whoever knows that nobody else needs it */
  | { delete: 'block'; cid: CID; seal?: string }

/** Writes that join a batch of the history; as a function they get the CID of the commit that is being made. */
export type Also = readonly Write[] | ((commit: CID) => readonly Write[])

/** One LevelDB holds everything, so that blocks and the head that names them are written in one atomic, synced batch. */
export interface Database {
  blocks: Blocks
  meta: Meta
  /** All or nothing, and on disk (fsync) when it returns. */
  commit(writes: readonly Write[]): Promise<void>
}

/** Blocks, many at a time; all that are on this disk, unless it is a Scope. */
export interface LocalBlocks extends Blocks {
  getMany(cids: readonly CID[]): Promise<(Uint8Array | undefined)[]>
  hasMany(cids: readonly CID[]): Promise<boolean[]>
}

/** A part of the blocks. What is put into it gets its seal. */
export type Scope = LocalBlocks

/** The database as its owner holds it: also the views for Helia and libp2p, and the end. */
export interface LocalDatabase extends Database {
  blocks: LocalBlocks
  /** What is for everybody, and what has this seal. */
  scope(seal?: string): Scope
  /** what is for everybody, for Helia */
  readonly blockstore: LevelBlockstore
  /** peer store, DHT records and whatever else libp2p and Helia keep, apart from `meta` */
  readonly datastore: LevelDatastore
  /** Gives the room of what was deleted back to the disk. */
  compact(): Promise<void>
  /** Waits for what is being written. The second call does nothing. What comes later throws STORE_CLOSED. */
  close(): Promise<void>
}

/** Signs and verifies for the store, which knows no keys. */
export interface Signer {
  /** the node key's public half, as libp2p protobuf bytes */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** Whether `sig` is the signature of `bytes` by the key with these libp2p protobuf bytes. */
export type Verify = (publicKey: Uint8Array, bytes: Uint8Array, sig: Uint8Array) => Promise<boolean>
