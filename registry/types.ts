/** What the registry needs from its surroundings, and what it gives. It imports nothing else of ours. */

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
