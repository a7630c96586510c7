/** What parameters and answers of the local API are made of, as plain JSON; vocabulary.ts has the methods. */

import type { OwnUsername, ReleaseStatus } from './name-words.ts'

import type { ServiceSummary } from './service-words.ts'

export type { ForkedFrom, Mismatch, PulledUpstream, ServiceSummary, UsageBy } from './service-words.ts'

/** A value in the JSON encoding of specs/values.md. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** What a method may be told besides its parameters. */
export interface Patience {
  /** how long the caller is willing to wait, in milliseconds; @default as is usual for the method, see specs/api.md */
  timeoutMs?: number
}

/** A user whom this node follows. */
export interface FollowSummary {
  /** as it was typed */
  name: string
  user: string
  since: string
  /** that are known here */
  services: number
  /** milliseconds since the newest of the user's records was issued; null if none is known */
  age: number | null
  expires: string | null
}

export interface NodeStatus {
  peerId: string
  /** user ID, `k51...` */
  user: string
  /** null until the user has a registered name */
  username: string | null
  /** all that are registered for this user */
  usernames: OwnUsername[]
  addresses: string[]
  http: string
  /** of programs in browsers that may ask this node */
  origins: string[]
  home: string
  network: string
  pid: number
  version: string
  /** the newest that the hub of the network told of */
  release: ReleaseStatus['newest']
  /** seconds */
  uptime: number
  peers: number
  services: ServiceSummary[]
  /** what this user publishes: age and expiry, so that falling behind is visible */
  names: {
    name: string
    version: string
    /** when others last stored the record of it */
    published: string
    expires: string
    /** nodes that found and fetched it when they were asked, since it was last published */
    seenBy: number
    /** nodes that stored the record at the last attempt */
    storedBy: number
    /** when it is put again, if nothing happens before */
    renews: string
    /** milliseconds that it is behind: nobody took it, or not again, when it was time; 0 if all is well */
    lag: number
  }[]
  traffic: { sent: number; received: number }
}

/** A node that this one is connected to. */
export interface PeerSummary {
  peerId: string
  /** what it calls itself; null until it has said so */
  agent: string | null
  addresses: string[]
  /** who opened the oldest connection: `inbound` or `outbound` */
  direction: string
  /** every connection with it leads over another node */
  relayed: boolean
  connectedAt: string
  /** a conversation is open */
  internode: boolean
  /** milliseconds; null if it is not measured yet */
  roundTripMs: number | null
  /** of the conversations that are open */
  sent: { frames: number; bytes: number }
  received: { frames: number; bytes: number }
  /** requests either way that have no answer yet */
  inFlight: number
  /** how often it broke the protocol in the last minute */
  offences: number
}

export interface FunctionSummary {
  name: string
  kind: 'call' | 'query'
  params: { name: string; type: Json; text: string; optional: boolean; rest: boolean }[]
  returns: string
  doc: string
}

/** Who may do what: `public`, `owner`, or IDs of users and services. */
export type WhoJson = 'public' | 'owner' | string[]

/** What a service lets others do, and what it may use at most. */
export interface ServiceRules {
  access: { call: WhoJson; query: WhoJson; history: WhoJson; functions: { [name: string]: WhoJson } }
  /** gas and sizes of one call, as its host applies them to whoever asks; sizes in bytes */
  limits: { gas: number; memory: number; args: number; result: number; delta: number; queue: number }
}

/** What a receipt proves: this call stands in this commit, which its host signed. */
export interface ProvenCall {
  service: string
  commit: string
  seq: number
  /** its place in the commit */
  index: number
  time: string
  /** peer ID */
  host: string
  caller: string
  method: string
  args: Json[]
  result: Json
  gas: number
}

/** A call as a commit records it. One that failed is in no commit, so `ok` is always true. */
export interface CallSummary {
  caller: string
  method: string
  args: Json[]
  gas: number
  ok: boolean
}

export interface CommitSummary {
  commit: string
  seq: number
  parent: string | null
  time: string
  /** `genesis`, `fork`, `step`, `upgrade`, `merge`, `rollback` or `handover` */
  kind: string
  contract: string
  /** of a fork and a rollback: the commit whose state it took; of a merge: that whose changes */
  from: string | null
  /** of an upgrade: it breaks callers, and was asked for all the same */
  forced: boolean
  calls: CallSummary[]
}

/** What is told of a copy on this node. */
export interface Copied {
  /** its host could not be reached: there may be newer commits */
  stale?: true
}

/** How far something that takes long has come. */
export interface Progress {
  /** a few words: `replaying`, `fetching` */
  doing: string
  done: number
  /** absent while nobody knows */
  total?: number
}

/** A contract as the command line hands it to the daemon: compiled there, stored here. */
export interface ContractUpload {
  /** the root block first; each block in base64 */
  blocks: { cid: string; bytes: string }[]
}

export interface ChatMessage {
  id: string
  from: string
  to: string
  room: string | null
  time: string
  text: string
  /** `refused`: it was not taken and will not be sent again */
  state: 'queued' | 'sent' | 'delivered' | 'read' | 'received' | 'refused'
  /** why it was refused, in the words of the receiver's node; TIMED_OUT if that was not to be found for a month */
  code?: string
}

/** What a failed request answers, and what `--json` prints. */
export interface ApiFailure {
  error: { code: string; message: string; hint: string /** of a call that has no result */; outcome?: CallOutcome }
}

/**
 * What became of a call that has no result: it never went to the host; the host has it and did nothing, nor will; it took effect, and its answer
 * is gone; or it may have taken effect, now or later.
 */
export type CallOutcome = 'not-sent' | 'refused' | 'executed' | 'unknown'

/** What the time of a call was spent on, for a while. Specs/calls.md, "Trace", has the names. */
export interface TraceSpan {
  name: string
  /** peer ID of the node that measured it; `network`: what is left of the time on the wire, which nobody measured */
  by: string
  /** when it began, in milliseconds since the call was asked for; by the clock of another node, since the request came there */
  at: number
  ms: number
  /** what the node that was asked says it did in this time */
  inside?: TraceSpan[]
}

/** What pruning left, and what it took away. */
export interface PrunedHistory {
  service: string
  /** the oldest commit that is left */
  base: string
  seq: number
  commits: number
  blocks: number
  /** bytes of these blocks */
  freed: number
  /** why more was kept than was asked for */
  warnings: string[]
}
