import type { CID } from 'multiformats/cid'
import type { Network } from '../network/types.ts'

/** What a name record is judged by: the manifest of the network, as far as it is about names. */
export type Registrars = Pick<Network, 'id' | 'registrars' | 'required'>

/** The signed binding of a username to a user: what the hub's book says at a commit. */
export interface NameRecord {
  network: string
  username: string
  /** user ID; null: the name was released, and nobody has it */
  user: string | null
  seq: number
  /** milliseconds since 1970 */
  issued: number
  expires: number
  /** the service that is the book */
  book: CID
  /** the commit of it that says so */
  commit: CID
}

/** What the DHT holds under a username: the name's record, and that of its user's home, so that one query is enough. */
export interface NameValue {
  name: Uint8Array
  home: Uint8Array | null
}

/** One signature of a record. */
export interface Signature {
  /** libp2p protobuf of the public key */
  key: Uint8Array
  sig: Uint8Array
}

/** What stands behind a username. */
export interface ResolvedName {
  record: NameRecord
  /** the record as it was signed */
  bytes: Uint8Array
  /** user ID */
  user: string
  /** bytes of the home record that came with it, not judged; null if none did */
  home: Uint8Array | null
  /** where this answer came from: an own name, the DHT, the hub itself, or the disk */
  source: 'own' | 'dht' | 'hub' | 'cache'
  /** milliseconds since somebody on the network last said so */
  age: number
}

/** Asks the hub of the network; null if nobody has the name. */
export type AskHub = (username: string, options: { signal: AbortSignal }) => Promise<Uint8Array | null>

/** A name of this node's user, and how far it is known. */
export interface OwnName {
  record: NameRecord
  bytes: Uint8Array
  /** number of other nodes that stored it */
  seenBy: number
  /** when that was, in milliseconds since 1970; when it was issued, if nobody ever did */
  publishedAt: number
}

/** Usernames: those of this node's user are kept on the network, all are resolved. */
export interface Usernames {
  /** @throws {RegistryError} NAME_NOT_FOUND, NAME_EXPIRED, NO_ANSWER, NO_PEERS */
  resolve(username: string, options: { signal: AbortSignal }): Promise<ResolvedName>
  /** Takes a record that the hub gave: it is put on the network, and kept there if it is of this node's user. @returns nodes that stored it */
  publish(username: string, record: Uint8Array, options: { signal: AbortSignal }): Promise<number>
  /** those of this node's user, the one held longest first */
  own(): OwnName[]
  start(): Promise<void>
  stop(): Promise<void>
}

/** Checks of name records, shared by the DHT and whoever resolves names, so that both remember the same. */
export interface NameValidation {
  /**
   * Checks a record against the manifest, the clock and the highest sequence seen of this name, which it advances.
   * @throws {RegistryError} RECORD_..., SIGNATURE_INVALID
   */
  accept(username: string, record: Uint8Array): Promise<NameRecord>
  /** as @libp2p/kad-dht takes them, keyed by the namespace */
  readonly validators: Record<string, (key: Uint8Array, value: Uint8Array) => Promise<void>>
  readonly selectors: Record<string, (key: Uint8Array, values: Uint8Array[]) => Promise<number>>
}
