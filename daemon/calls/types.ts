/** What the use cases share. */
import type { CID } from 'multiformats/cid'
import type { Network } from '../../registry/network/types.ts'
import type { Mismatch, Progress } from '../api/vocabulary.ts'
import type { Trust } from '../store/types.ts'
import type { Stopwatch } from './run/stopwatch.ts'

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
  network: Pick<Network, 'name' | 'id' | 'suffix' | 'registrars' | 'required'>
}

/** A version under which a contract was published, and what was said of it since. */
export interface PublishedVersion {
  version: string
  contract: CID
  /** withdrawn. @default false */
  yanked?: boolean
  /** why not to use it any more. @default nothing speaks against it */
  deprecated?: string
}

/** One of the services under a name. */
export interface RunningService {
  service: CID
  /** which versions it runs: `v1`, or a pre-release; null as long as it was not published */
  line: string | null
}

/** A name on this node, with what runs under it and what was published. */
export interface LocalName {
  name: string
  /** one for each major version, and one for each pre-release; the newest last. Empty: all were removed */
  running: RunningService[]
  /** versions published under the user's key, in the order in which that was done; empty: not published. None ever goes */
  published: PublishedVersion[]
  /** it was taken out of the user's home. @default false */
  unpublished?: boolean
}

/** Who asks, and for how long. */
export interface Asking {
  /** whose turn it takes: `local`, `page`, or the peer ID of another node */
  from: string
  signal: AbortSignal
  /** told what the time is spent on, where somebody wants to know */
  trace?: Stopwatch | undefined
  /** of a call that is a part of another one: what is left to it */
  tree?: TreeShare | undefined
}

/** What a call may take that is a part of another one, as the host of that says. */
export interface TreeShare {
  /** when the first call began, in milliseconds since 1970 */
  time: number
  /** units of gas */
  most: bigint
  /** milliseconds */
  ms: number
}

/** What a call did, as its host tells it. */
export interface Executed {
  result: Uint8Array
  gas: bigint
  commit: CID
  seq: number
  /** the call's place in the commit */
  index: number
  /** the block whose CID is the service: it names the first host */
  genesis: Uint8Array
  /** the commits at which the history went over to another key, up to this one, oldest first */
  handovers: Uint8Array[]
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

/** What the network says of the username in a name. */
export interface FoundName {
  source: string
  /** milliseconds */
  age: number
  expires: number
}

/** How the user in a name was found, if not by the user ID. */
interface FoundBy {
  /** the name is one of this node alone */
  petname?: string
  username?: FoundName
}

/** What a name stands for. */
export type Target =
  | (FoundBy & {
      kind: 'service'
      name: string
      /** user ID of whose it is, if the name says so */
      user?: string
      service: CID
      contract?: CID
      version?: string
      /** newest commit, as far as anybody told this node */
      head?: CID
      /** peer ID of the host */
      host: string
      /** the name is of this commit, not of what the service is now */
      at?: CID
      source: string
      /** milliseconds */
      age: number
      expires?: number
      /** nobody confirmed it */
      stale?: boolean
      /** what speaks against it */
      warnings?: string[]
      /** the versions that run under this name */
      running?: string[]
    })
  | {
      kind: 'contract'
      name: string
      contract: CID
      version: string
      /** peer ID of a node that should have it, where one is known */
      host?: string | undefined
      source: string
      age: number
      expires?: number
      stale?: boolean
      warnings?: string[]
    }
  | (FoundBy & {
      kind: 'node'
      name: string
      peers: string[]
      user?: string
      /** what the user's page is made from */
      page?: CID | undefined
      source: string
      age: number
      expires?: number
      stale?: boolean
    })
  | { kind: 'content'; name: string; cid: CID; source: string; age: number }

/** What executing a history again has shown. */
export interface Verified {
  ok: boolean
  /** the first and the last commit that were looked at */
  from: CID
  to: CID
  commits: number
  calls: number
  /** what the state at `to` is worth now */
  trust: Trust
  mismatch?: Mismatch
}

/** For whatever takes long: how to end it, and whom to tell how far it is. */
export interface Waiting {
  signal: AbortSignal
  onProgress?: ((progress: Progress) => void) | undefined
}

/** Executes what others executed, and compares. One service at a time, behind everything else. */
export interface Replayer {
  /** The head of this copy is ahead of what was executed here: it is looked at when its turn comes. Returns at once; never throws. */
  behind(service: CID): void
  /** The same at once; resolves when the head of this moment has been looked at. A mismatch is an answer, not an error. */
  now(service: CID, options: Waiting): Promise<Verified>
}
