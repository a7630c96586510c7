/** What the use cases share. */
import type { CID } from 'multiformats/cid'

/** Signs in somebody's name. */
export interface Signer {
  /** libp2p protobuf bytes */
  readonly publicKey: Uint8Array
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

/** Who this node is, and for whom it works. */
export interface Identity {
  peerId: string
  /** user ID, `k51...` */
  user: string
  node: Signer
  owner: Signer
  network: { name: string; id: string }
}

/** A service of this node under its local name. */
export interface LocalName {
  name: string
  service: CID
  /** versions published under the user's key, newest last; empty: not published */
  published: { version: string; contract: CID }[]
}

/** Who asks, and for how long. */
export interface Asking {
  /** whose turn it takes: `local`, `page`, or the peer ID of another node */
  from: string
  signal: AbortSignal
}

/** What a call did, as its host tells it. */
export interface Executed {
  result: Uint8Array
  gas: bigint
  commit: CID
  seq: number
  /** the call's place in the commit */
  index: number
  /** the block whose CID is the service: it names the host */
  genesis: Uint8Array
  /** the signed commit block */
  block: Uint8Array
  /** the block with the call, where the commit only links it */
  chunk?: Uint8Array
  /** JSON text of what the contract emitted, absent if that is nothing */
  events?: Uint8Array
  logs: string[]
}

/** What a query found. */
export interface Answered {
  result: Uint8Array
  gas: bigint
  /** the commit whose state answered */
  commit: CID
  seq: number
  trust: string
  logs: string[]
}

/** What a name stands for. */
export type Target =
  | {
      kind: 'service'
      name: string
      service: CID
      contract?: CID
      version?: string
      /** peer ID of the host */
      host: string
      /** the name is of this commit, not of what the service is now */
      at?: CID
      source: string
      /** milliseconds */
      age: number
      expires?: number
    }
  | { kind: 'contract'; name: string; contract: CID; version: string; source: string; age: number }
  | { kind: 'node'; name: string; peers: string[]; user?: string; source: string; age: number; expires?: number }
  | { kind: 'content'; name: string; cid: CID; source: string; age: number }
