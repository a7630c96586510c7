/** What the registry needs from its surroundings, and what it gives. It imports nothing else of ours. */
import type { CID } from 'multiformats/cid'

/** What stands behind the `@` of a name. */
export type VersionSelector =
  /** nothing, or `@latest` */
  | { kind: 'latest' }
  /** `@1.2.0`, `@1.2.0-beta.1` */
  | { kind: 'exact'; version: string }
  /** `@^1.2`, `@~1.2.3`; `version` has one to three numbers */
  | { kind: 'range'; operator: '^' | '~'; version: string }
  /** `@v1` */
  | { kind: 'major'; major: number }
  /** `@bafy...`: a contract or a commit */
  | { kind: 'cid'; cid: string }

/** Whose: by a username, which a registrar or a petname book turns into a user ID, or by the user ID itself. */
export type Owner = { username: string } | { key: string }

/** Code from elsewhere, through a resolver plug-in. */
export interface ExternalName {
  kind: 'external'
  /** `https`, or a host such as `github.com` */
  resolver: string
  /** what follows `https://` or the host and its slash */
  location: string
  /** tag, branch or commit behind the `@` */
  ref: string | null
}

/** A name of any form, read and checked. `network` is null for the node's current network. Plain JSON. */
export type Name =
  /** a user's personal node: `alice.amigos.net`, `~k51...`, `preview.land/alice` */
  | { kind: 'page'; network: string | null; owner: Owner }
  /** `alice.amigos.net/forum@^1.2`, `alice/forum`, `~k51.../forum`, `preview.land/alice/forum` */
  | { kind: 'service'; network: string | null; owner: Owner; service: string; version: VersionSelector }
  /** `local.land/_/forum` */
  | { kind: 'local'; service: string; version: VersionSelector }
  /** `bafy.../path`; the path is empty for the block itself */
  | { kind: 'cid'; cid: string; path: string }
  /** `./forum`, `../forum`, `/srv/forum` */
  | { kind: 'folder'; path: string }
  /** `12D3Koo...` */
  | { kind: 'peer'; peer: string }
  | ExternalName

export interface NameOptions {
  /** suffix of the node's current network, from its manifest; @default 'amigos.net' */
  suffix?: string
}

export interface Signer {
  /** libp2p protobuf bytes of the public key */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** One service as a user publishes it. */
export interface HomeService {
  name: string
  version: string
  service: CID
  contract: CID
  /** peer ID of the host */
  host: string
  /** newest commit when this was published */
  head: CID
  description: string
}

/** A user's directory: one dag-cbor block, named by its CID, carried by a HomeRecord. */
export interface Home {
  /** peer IDs of the user's nodes, at most 16 */
  nodes: string[]
  services: HomeService[]
}

/** The small signed record on the DHT under the user's key. */
export interface HomeRecord {
  /** user ID: base36 libp2p-key CID of the user's Ed25519 public key, `k51...` */
  user: string
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

/** The slice of a DHT that the registry uses. */
export interface RecordNetwork {
  /** number of peers that stored it; refused or unreachable peers do not count */
  put(key: Uint8Array, value: Uint8Array, options: { signal: AbortSignal }): Promise<number>
  /** values as peers answer; the reader leaves early */
  get(key: Uint8Array, options: { signal: AbortSignal }): AsyncIterable<Uint8Array>
  /** peers in the routing table */
  size(): number
  /** Keeps a value on this node, so that whoever asks it finds it; in the background, and all there is to do without peers. */
  keep(key: Uint8Array, value: Uint8Array): void
  /** Calls back when the routing table has a new peer. Answers how to end it. */
  onPeer(listener: () => void): () => void
}

/** Small durable values. */
export interface Memory {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
}

/** Fetches the block of a home from these peers, or from whoever has it; the hash is checked by the fetcher. */
export type FetchHome = (home: CID, nodes: string[], options: { signal: AbortSignal }) => Promise<Uint8Array>

/** Stores the block of an own home here and offers it to others; a record that names it follows. */
export type PutHome = (bytes: Uint8Array, home: CID) => Promise<void>

export interface ResolvedHome {
  record: HomeRecord
  home: Home
  /** where this answer came from */
  source: 'own' | 'dht' | 'cache'
  /** milliseconds since the record was issued */
  age: number
}

export interface Publication {
  record: HomeRecord
  /** number of other nodes that stored it */
  seenBy: number
}

/** Checks of records, shared by the DHT (validators, selectors) and the registry, so that both remember the same. */
export interface Validation {
  /**
   * Checks a record against its key, the network, the clock and the highest sequence seen, which it advances.
   * @throws {RegistryError} RECORD_..., SIGNATURE_INVALID
   */
  accept(key: Uint8Array, value: Uint8Array): Promise<HomeRecord>
  /** sequence and expiry of the newest record of this user that ever passed, as far as it is remembered */
  highest(user: string): Promise<{ seq: number; expires: number } | undefined>
  /** as @libp2p/kad-dht takes them, keyed by the namespace */
  readonly validators: Record<string, (key: Uint8Array, value: Uint8Array) => Promise<void>>
  readonly selectors: Record<string, (key: Uint8Array, values: Uint8Array[]) => Promise<number>>
}

export interface Registry {
  /** Makes the next record and puts it on the network; own names answer from memory at once. */
  publish(home: Home, options: { signal: AbortSignal }): Promise<Publication>
  /** Own home from memory, else the network, else the last known good from disk, marked as such. */
  resolve(user: string, options: { signal: AbortSignal }): Promise<ResolvedHome>
  /** the newest publication of this node's user, if any, with its lag */
  publication(): { record: HomeRecord; home: Home; seenBy: number; publishedAt: number } | undefined
  start(): Promise<void>
  stop(): Promise<void>
}
