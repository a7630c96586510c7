/** Homes: what a user and the user's nodes publish, and how it is judged and found. */
import type { CID } from 'multiformats/cid'
import type { IpnsRecord } from '../ipns/record.ts'
import type { Signer } from '../types.ts'

/** A key that took the place of another, as the other says. */
export interface KeyLink {
  /** libp2p protobuf bytes of the new public key */
  key: Uint8Array
  sig: Uint8Array
}

/** Signs for a user whose keys may change: `sign` uses the newest. */
export interface UserSigner extends Signer {
  /** of the first key, which the user's ID stands for */
  readonly publicKey: Uint8Array
  /** how the first key led to the one that signs now, oldest first */
  links(): readonly KeyLink[]
}

/** One service as its node lists it: what runs. */
export interface ListedService {
  name: string
  /** semver */
  version: string
  service: CID
  contract: CID
  /** newest commit when this was published */
  head: CID
  description: string
}

/** One published version: a contract, for ever. */
export interface ListedVersion {
  name: string
  /** semver */
  version: string
  contract: CID
  /** withdrawn: chosen by its exact version or its CID only */
  yanked: boolean
  /** why not to use it any more; null if nothing speaks against it */
  deprecated: string | null
}

/** What one node runs and has published: one dag-cbor block, carried by its NodeRecord. */
export interface NodeList {
  services: ListedService[]
  versions: ListedVersion[]
}

/** A service with the node that runs it. */
export interface HomeService extends ListedService {
  /** peer ID */
  host: string
}

export type HomeVersion = ListedVersion

/** A user's home: one dag-cbor block, named by its CID, carried by a HomeRecord. It changes rarely. */
export interface Home {
  /** peer IDs of the nodes that speak for the user, at most 16; those certified first come first */
  nodes: string[]
  /** what the user's page is made from */
  page: CID | null
  /** usernames that the user says to hold; the registrar's records decide */
  usernames: string[]
}

/** The small record on the DHT under the user's ID, signed with the user's key. */
export interface HomeRecord {
  /** user ID: base36 libp2p-key CID of the user's first Ed25519 public key, `k51...` */
  user: string
  /** the user's public keys so far, in libp2p protobuf bytes: the first one first, the one that signed this last */
  keys: Uint8Array[]
  /** how each of them was named by the one before */
  links: KeyLink[]
  network: string
  seq: number
  /** milliseconds since 1970 */
  expires: number
  issued: number
  /** CID of the Home block */
  home: CID
  /** peer IDs to ask for it, at most 8 */
  nodes: string[]
}

/** The small record on the DHT under a peer ID, signed with the node's key. It counts if the user's home names the node. */
export interface NodeRecord {
  /** peer ID */
  node: string
  /** user ID */
  user: string
  network: string
  seq: number
  /** milliseconds since 1970 */
  issued: number
  expires: number
  /** CID of the NodeList block */
  list: CID
}

/** What one node of a user says. */
export interface NodeEntry {
  record: NodeRecord
  list: NodeList
}

/** Fetches the block of a home or a list from these peers, or from whoever has it; the hash is checked by the fetcher. */
export type FetchBlock = (cid: CID, nodes: string[], options: { signal: AbortSignal }) => Promise<Uint8Array>

/** Stores the block of an own home or list here and offers it to others; a record that names it follows. */
export type PutBlock = (bytes: Uint8Array, cid: CID) => Promise<void>

/** A service has moved on, says the node that runs it. */
export interface HeadNews {
  network: string
  /** peer ID */
  node: string
  service: CID
  commit: CID
  /** of the commit, from 1 */
  seq: number
  /** milliseconds since 1970 */
  time: number
}

/** What became of what was pushed. */
export interface Taken {
  /** something in it was not known here */
  isNews: boolean
  /** a list was not sent with its record: it has to be asked for */
  isPart: boolean
}

/** What somebody says of a user: bytes that nobody has judged yet. */
export interface HomeAnswer {
  /** home record; null if the user is not known there */
  record: Uint8Array | null
  /** block of the home; null if the asker has it */
  home: Uint8Array | null
  /** node records, and the blocks of their lists; null where the asker has it, or where it is too large for the answer */
  nodes: { record: Uint8Array; list: Uint8Array | null }[]
}

/** Asks a node what it knows of a user. @param known blocks that need not be sent */
export type AskHome = (
  peer: string,
  user: string,
  known: readonly CID[],
  options: { signal: AbortSignal },
) => Promise<HomeAnswer>

/** Where an answer came from: this node's own user, somebody who pushes it here, a node of the user, the DHT, or this node's disk. */
export type Source = 'own' | 'push' | 'node' | 'dht' | 'cache'

/** A user's home with what the user's nodes say. */
export interface ResolvedHome {
  record: HomeRecord
  home: Home
  nodes: NodeEntry[]
  /** of all nodes together */
  services: HomeService[]
  versions: HomeVersion[]
  /** where the nodes contradict each other, or one is missing */
  warnings: string[]
  source: Source
  /** nobody who should know better answered: it may have changed */
  stale: boolean
  /** milliseconds since the newest of the records was issued */
  age: number
  /** when the first of the records expires, in milliseconds since 1970 */
  expires: number
}

/** What this node publishes, and how far it got. */
export interface Publication {
  record: HomeRecord
  home: Home
  node: NodeRecord
  list: NodeList
  /** number of other nodes that stored the node's record at the last attempt */
  seenBy: number
  /** when others last stored it; when it was signed, if nobody did */
  publishedAt: number
  /** when it is put again, if nothing happens before */
  renewAt: number
  dueAt: number // when it should be put; once that has passed, it is behind
}

/** Checks of records, shared by the DHT (validators, selectors) and the registry, so that all remember the same. */
export interface Validation {
  /**
   * Checks a record against its key, the network, the clock and the highest sequence seen, which it advances.
   * @throws {RegistryError} RECORD_..., SIGNATURE_INVALID
   */
  acceptHome(key: Uint8Array, value: Uint8Array): Promise<HomeRecord>
  acceptNode(key: Uint8Array, value: Uint8Array): Promise<NodeRecord>
  acceptIpns(key: Uint8Array, value: Uint8Array): Promise<IpnsRecord>
  /** what is remembered of the newest record of this user or node that ever passed */
  highest(id: string): Promise<Highest | undefined>
  /** as @libp2p/kad-dht takes them, keyed by the namespace */
  readonly validators: Record<string, (key: Uint8Array, value: Uint8Array) => Promise<void>>
  readonly selectors: Record<string, (key: Uint8Array, values: Uint8Array[]) => Promise<number>>
}

/** The newest record that ever passed: of two, the one with more key links is newer, then the one with the higher sequence. */
export interface Highest {
  seq: number
  expires: number
  /** links in its chain of keys */
  rotations: number
}

export interface ResolveOptions {
  signal: AbortSignal
  /** home record that somebody gave, so that the DHT need not be asked for it */
  record?: Uint8Array | undefined
  /** asks others, however fresh what is known here is */
  fresh?: boolean | undefined
}

export interface Registry {
  /** bytes of the newest home record of this node's user, to be put beside the user's name */
  ownRecord(): Uint8Array | undefined
  /** Makes the next record of this node and puts it on the network, after the user's home if that has to change. */
  publish(list: NodeList, options: { signal: AbortSignal }): Promise<Publication>
  /** What the home says besides the nodes; published with the next home, which is made at once if one was published before. */
  describe(profile: Partial<Pick<Home, 'page' | 'usernames'>>, options: { signal: AbortSignal }): Promise<void>
  /** Own home from memory, then what is pushed here, a node of the user, the network, the last known good from disk, marked as such. */
  resolve(user: string, options: ResolveOptions): Promise<ResolvedHome>
  /** Asks others for the newest of a user, every node of the user for itself. @throws {RegistryError} as resolve */
  refresh(user: string, options: { signal: AbortSignal }): Promise<void>
  /** What is known here of a user, without asking anybody: what this node answers others. */
  known(user: string, without: readonly CID[]): Promise<HomeAnswer>
  /**
   * Takes what somebody pushed.
   * @throws {RegistryError} about what in it is wrong
   */
  take(user: string, answer: HomeAnswer): Promise<Taken>
  /** What is known here of a user, own or not, alive or not: nobody is asked. */
  lastKnown(user: string): Promise<ResolvedHome | undefined>
  /** the newest publication of this node, if any, with its lag */
  publication(): Publication | undefined
  /** Calls back when this node has new records of its own. Answers how to end it. */
  onPublish(listener: () => void): () => void
  start(): Promise<void>
  stop(): Promise<void>
}
