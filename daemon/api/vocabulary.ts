/**
 * The words of the local API: every method with its parameters and its answer, as plain JSON. The daemon serves them, the
 * command line and other local programs speak them; neither knows more of the other. See specs/api.md.
 *
 * CIDs, peer IDs and user IDs are strings, times are ISO 8601, gas, seq and sizes are numbers.
 */

import type { GraphMethods } from './graph-methods.ts'
import type { HistoryMethods } from './history-methods.ts'
import type { NameMethods } from './name-methods.ts'
import type { MethodOptions, StreamedMethods } from './streamed-methods.ts'
import type { VersionMethods } from './version-methods.ts'
import type {
  ChatMessage,
  ContractUpload,
  FollowSummary,
  ForkedFrom,
  FunctionSummary,
  Json,
  NodeStatus,
  Patience,
  PeerSummary,
  ServiceRules,
  TraceSpan,
} from './words.ts'

export type { Dependency, Dependent, GraphItem, UpJson } from './graph-methods.ts'
export type { AskSummary } from './history-methods.ts'
export type * from './name-words.ts'
export type { Item, Items, Streamed } from './streamed-methods.ts'
export type { VersionMark } from './version-methods.ts'
export type * from './words.ts'

/** method name: parameters and answer */
export interface Methods extends GraphMethods, HistoryMethods, NameMethods, StreamedMethods, VersionMethods {
  status: { params: Record<string, never>; result: NodeStatus }
  down: { params: Record<string, never>; result: { stopped: true } }
  push: { params: { contract: ContractUpload }; result: { contract: string; size: number; blocks: number } }
  serve: {
    params: { contract: ContractUpload; as?: string; init?: Json; force?: boolean }
    result: {
      name: string
      service: string
      contract: string
      commit: string
      url: string
      upgraded: boolean
      warnings: string[]
    }
  }
  publish: {
    /** `contract`: or the name of a service of this node, which is published as it runs */
    params: { contract: ContractUpload | string; as?: string; version?: string; init?: Json; force?: boolean }
    result: {
      name: string
      version: string
      service: string
      contract: string
      commit: string
      url: string
      seenBy: number
      warnings: string[]
    }
  }
  describe: {
    params: { name: string }
    result: {
      name: string
      service: string
      version: string
      contract: string
      /** the versions that run under the name, if it is one */
      running?: string[]
      functions: FunctionSummary[]
      forkedFrom?: ForkedFrom
      /** what speaks against it */
      warnings: string[]
    } & ServiceRules
  }
  call: {
    params: { name: string; method: string; args: Json[]; gas?: number; trace?: boolean }
    result: {
      result: Json
      gas: number
      commit: string
      seq: number
      service: string
      receipt: Json
      host: string
      ms: number
      logs: string[]
      events: { name: string; value: Json }[]
      /** where the time went, if it was asked for */
      trace?: TraceSpan[]
    }
  }
  query: {
    params: { name: string; method: string; args: Json[]; at?: string; gas?: number; trace?: boolean }
    result: {
      result: Json
      gas: number
      commit: string
      seq: number
      ms: number
      /** who answered: the host, or a copy on this node, and how far its state is trusted */
      host: string
      trust: string
      logs: string[]
      trace?: TraceSpan[]
    }
  }
  resolve: {
    params: { name: string }
    result: {
      name: string
      kind: string
      peerId?: string
      service?: string
      contract?: string
      version?: string
      /** newest commit, as far as anybody told this node */
      head?: string
      /** the commit that the name is of: what the service was then, not what it is now */
      at?: string
      /** of a user: CID of what the page is made from */
      page?: string
      /** the versions that run under the name */
      running?: string[]
      forkedFrom?: ForkedFrom
      /** user ID of whose it is, if the name says so */
      user?: string
      /** the name is one of this node alone: to others it may mean somebody else */
      petname?: string
      /** what the network says of the username in the name */
      username?: { source: string; age: number; expires: string }
      /** where the answer came from: own, push, node, dht or cache; local, name or content for what is not looked up */
      source: string
      /** milliseconds since it was signed */
      age: number
      expires: string | null
      /** nobody who should know confirmed it: it may have changed */
      stale: boolean
      /** what speaks against it */
      warnings: string[]
    }
  }
  /** Keeps up with a user: what is new there is pushed here. @param stop no longer */
  follow: { params: { name: string; stop?: boolean }; result: { name: string; user: string; following: boolean } }
  following: { params: Record<string, never>; result: { follows: FollowSummary[] } }
  /** @param change puts a new key in the place of the one that signs homes */
  key: { params: { change?: boolean }; result: { user: string; key: string; changes: number } }
  peers: { params: Record<string, never>; result: { peers: PeerSummary[] } }
  /** Asks a node for nothing, one time after the other. @param count how often. @default 5 */
  ping: {
    params: { name: string; count?: number }
    /** milliseconds; null if every one was lost */
    result: { peerId: string; sent: number; lost: number; min: number | null; avg: number | null; max: number | null }
  }
  connect: { params: { address: string }; result: { peerId: string; address: string; ms: number } }
  chat: {
    params: { to: string; text: string }
    result: { id: string; to: string; state: ChatMessage['state']; code?: string }
  }
  inbox: {
    params: {
      /** those that this answer holds */
      markRead?: boolean
      /** the newest so many. @default 100 */
      limit?: number
      /** only what came before the message with this ID */
      before?: string
      /** only what was said with this user or node */
      with?: string
    }
    /** oldest first, in the order in which this node learned of them; `more`: there are older ones */
    result: { messages: ChatMessage[]; more: boolean }
  }
}

export type Method = keyof Methods
export type Params<M extends Method> = Methods[M]['params'] & Patience
export type Result<M extends Method> = Methods[M]['result']

/** Methods as the daemon implements them. */
export type Implementation = {
  [M in Method]: (params: Params<M>, options: MethodOptions<M>) => Promise<Result<M>>
}
