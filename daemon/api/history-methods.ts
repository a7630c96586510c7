/** The words of the local API for the history of a service: what it was, whether it is true, how it goes on elsewhere. */
import type { ProvenName } from './name-words.ts'
import type {
  CallSummary,
  CommitSummary,
  ContractUpload,
  Copied,
  Json,
  Mismatch,
  ProvenCall,
  PrunedHistory,
  PulledUpstream,
  UsageBy,
} from './words.ts'

/** What a call asked of another service, and what came of it. */
export interface AskSummary {
  /** service ID; null where it is not known what was to be asked */
  service: string | null
  /** null where nothing that was signed names it: of queries, and of what was refused */
  method: string | null
  ok: boolean
  /** why it failed; null if it did not */
  code: string | null
  /** what the contract was told of the failure */
  message?: string
  /** what was answered; left out where there is too much of it */
  result?: Json
  gas: number
  /** of a call that was executed, the commit that records it there; of a query on another node, the commit whose state answered, by its host's word */
  commit: string | null
}

/** method name: parameters and answer */
export interface HistoryMethods {
  /** newest first */
  /** where a service stands now: its newest commit, as its host says */
  head: {
    params: { name: string }
    result: { service: string; commit: string; seq: number }
  }
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
      calls: (CallSummary & {
        id: string
        result: Json
        events: { name: string; value: Json }[]
        /** in their order */
        asks: AskSummary[]
      })[]
    }
  }
  /** the logical state (specs/state.md) */
  state: {
    params: { name: string; path?: string[]; at?: string }
    /** `cid`: the same as a dag-cbor DAG on this node */
    result: { state: Json; service: string; commit: string; seq: number; trust: string; cid: string } & Copied
  }
  /** who called it, counted from the signed calls in its history; gas without what it had others do */
  usage: {
    params: { name: string }
    /** `by`: who used most gas first; `pruned`: what came before is not here */
    result: { service: string; commits: number; calls: number; gas: number; by: UsageBy[]; pruned: boolean } & Copied
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
  /** takes what changed in the service that a fork comes from into the fork, as its contract merges states */
  merge: {
    params: { name: string }
    /** `from`: what was taken in; `base`: what both come from; `commit` is null if nothing was new */
    result: {
      name: string
      service: string
      upstream: string
      from: string
      base: string
      commit: string | null
      trust: string
      warnings: string[]
    }
  }
  fork: {
    /** `logical`: a memory of its own, made of the logical state, in place of the bytes of the origin */
    params: { name: string; as: string; at?: string; logical?: boolean }
    result: {
      name: string
      service: string
      from: string
      commit: string
      trust: string
      url: string
      warnings: string[]
    }
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
      /** of a username: the record that was compared with the book */
      username?: ProvenName
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
  /** A contract with what it is made of, so that another can be compiled against it. No history is fetched. */
  contract: {
    /**
     * @param mode what for: of `live` and `fork` that of a version that runs, of `code` that of any; for `fork` its history has to be open
     * to this node's user. @default live
     * @param invite to the network that the name names, whatever this node calls so. @default what it calls so
     */
    params: { name: string; mode?: 'live' | 'code' | 'fork'; invite?: string }
    result: {
      /** as it can be imported: without a version, and no name of this node alone */
      name: string
      version: string
      contract: string
      /** what runs it, and its newest commit; null of what does not run */
      service: string | null
      commit: string | null
      /** the first block of the contract, in base64 */
      root: string
      files: { path: string; bytes: string }[]
      /** of a name that names a network: its ID, and how it is reached */
      network: { id: string; invite: string } | null
      warnings: string[]
    }
  }
  pull: {
    params: {
      name: string
      /** answer only when its history has been replayed here */
      verify?: boolean
      /** look through everything that is here of it first, and fetch again what the disk lost or damaged */
      check?: boolean
      /** not the service, but the one that it was forked from */
      upstream?: boolean
    }
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
      /** where the fork stands beside it, if that was asked for */
      upstream?: PulledUpstream
    }
  }
}
