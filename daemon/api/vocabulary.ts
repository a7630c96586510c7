/**
 * The words of the local API: every method with its parameters and its answer, as plain JSON. The daemon serves them, the
 * command line and other local programs speak them; neither knows more of the other. See specs/api.md.
 *
 * CIDs, peer IDs and user IDs are strings, times are ISO 8601, gas, seq and sizes are numbers.
 */

import type {
  CallSummary,
  ChatMessage,
  CommitSummary,
  ContractUpload,
  Copied,
  FunctionSummary,
  Json,
  Mismatch,
  NodeStatus,
  Patience,
  PeerSummary,
  Progress,
  ProvenCall,
  PrunedHistory,
  ServiceRules,
} from './words.ts'

export type * from './words.ts'

/** method name: parameters and answer */
export interface Methods {
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
    params: { contract: ContractUpload; as?: string; version?: string; init?: Json; force?: boolean }
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
    result: { name: string; service: string; functions: FunctionSummary[] } & ServiceRules
  }
  call: {
    params: { name: string; method: string; args: Json[]; gas?: number }
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
    }
  }
  query: {
    params: { name: string; method: string; args: Json[]; at?: string; gas?: number }
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
    }
  }
  /** newest first */
  log: {
    params: { name: string; limit?: number /** only what came before this commit */; before?: string }
    /** `more`: there are older ones; `pruned`: those before the last one are no longer here */
    result: { service: string; trust: string; commits: CommitSummary[]; more: boolean; pruned: boolean } & Copied
  }
  show: {
    params: { commit: string }
    result: Omit<CommitSummary, 'calls'> & {
      service: string
      epoch: number
      /** peer ID of the host that signed it */
      host: string
      engine: string
      /** Merkle roots of the memory, in hexadecimal */
      before: string | null
      root: string
      trust: string
      /** user ID, of a genesis and a fork */
      owner: string | null
      /** arguments of `init`, of a genesis */
      init: Json[] | null
      /** changed lines of 256 bytes; null where the commit has no delta */
      delta: { lines: number; pages: number } | null
      /** CIDs of content that the calls read or wrote */
      content: string[]
      calls: (CallSummary & { id: string; result: Json; events: { name: string; value: Json }[] })[]
    }
  }
  /** the logical state (specs/state.md) */
  state: {
    params: { name: string; path?: string[]; at?: string }
    /** `cid`: the same as a dag-cbor DAG on this node */
    result: { state: Json; service: string; commit: string; seq: number; trust: string; cid: string } & Copied
  }
  /** what changed in the logical state between two commits, or heads of services */
  diff: {
    params: { a: string; b: string }
    result: {
      from: { service: string; commit: string; seq: number }
      to: { service: string; commit: string; seq: number }
      /** path as a JSON pointer (RFC 6901); a side is absent where the path leads nowhere */
      changes: { path: string; from?: Json; to?: Json }[]
      /** there are more changes than an answer holds */
      more: boolean
    } & Copied
  }
  fork: {
    params: { name: string; as: string; at?: string }
    result: { name: string; service: string; from: string; commit: string; trust: string; url: string }
  }
  verify: {
    /** a name, a commit (up to it), or a receipt; `from`: only what came after this commit */
    params: { name: string; from?: string } | { receipt: Json }
    /** `from` and `to`: the first and the last commit that were looked at; `trust`: what the state is worth now */
    result: {
      ok: boolean
      commits: number
      calls: number
      trust: string
      from: string
      to: string
      mismatch?: Mismatch
      /** of a receipt that holds */
      proves?: ProvenCall
    } & Copied
  }
  upgrade: {
    params: { name: string; contract: ContractUpload; dryRun?: boolean; force?: boolean }
    /** `commit` is null after a dry run; `breaks`: what callers of the old one could rely on and no longer can */
    result: {
      service: string
      from: string
      to: string
      commit: string | null
      warnings: string[]
      breaks: string[]
    }
  }
  rollback: {
    params: { name: string; commit: string }
    result: { service: string; from: string; to: string; commit: string; warnings: string[] }
  }
  /** @param keep `all`, a number of checkpoints, or what came since a time (ISO 8601) */
  prune: {
    params: { name: string; keep: { checkpoints: number } | { since: string } | 'all' }
    result: PrunedHistory
  }
  pull: {
    params: { name: string /** answer only when its history has been replayed here */; verify?: boolean }
    result: {
      contract: string
      service: string | null
      commit: string | null
      trust: string
      blocks: number
      bytes: number
      /** blocks among them that the disk had lost or damaged */
      mended: number
      /** what is missing or damaged still: nobody who could be reached has it */
      lost: string[]
      ms: number
      files: { path: string; bytes: string }[]
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
      source: string
      age: number
      expires: string | null
    }
  }
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

/**
 * Methods as the daemon implements them; `signal` aborts when the patience of the caller ends or the daemon stops. `onProgress`
 * is there if the caller wants to hear how far it is; it may be called as often as anything moves, and never throws.
 */
export type Implementation = {
  [M in Method]: (
    params: Params<M>,
    options: { signal: AbortSignal; onProgress?: (progress: Progress) => void },
  ) => Promise<Result<M>>
}
