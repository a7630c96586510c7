/** What is taken away from a history, and what is brought back. */
import type { CID } from 'multiformats/cid'

/** What of a history is kept. */
export type Retention =
  | { keep: 'all' }
  /** what came since one of the last checkpoints */
  | { keep: 'checkpoints'; count: number }
  /** the state at this time, in milliseconds since 1970, and what came since */
  | { keep: 'since'; time: number }

/** Who needs more of a history than the policy keeps. */
export interface Holder {
  by: 'fork' | 'rollback'
  /** the service that was forked from it, or the commit that went back */
  cid: CID
  /** of the commit it needs */
  seq: number
}

/** What pruning took away. */
export interface Pruned {
  /** the oldest commit whose state can still be opened; of older ones only the first and the handovers are left */
  base: { commit: CID; seq: number }
  commits: number
  blocks: number
  /** bytes of these blocks */
  freed: number
  /** why the history begins no later than that */
  holders: Holder[]
}

export interface PruneOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((at: { done: number; total: number }) => void) | undefined
}

/** What was fetched to make a history whole again. */
export interface Mended {
  blocks: number
  /** of these blocks */
  bytes: number
  /** checkpoints that were given up, because nobody has them whole: states are read from older ones */
  checkpoints: number
  /** what is missing or damaged still */
  lost: readonly CID[]
}

export interface MendOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((at: { done: number }) => void) | undefined
  /** A block as somebody else has it; undefined if nobody is found who does. @param isOpen whether it is for everybody */
  fetch(cid: CID, isOpen: boolean): Promise<Uint8Array | undefined>
}

/** What became of a service that was retired. */
export interface Retired {
  /** bytes of what was deleted */
  freed: number
  /** services on this node that were forked from it, for whose sake all of its history stays */
  forks: CID[]
}
