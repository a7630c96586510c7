/** The bulk stream as its users see it. Wire format: specs/pull.md. */
import type { CID } from 'multiformats/cid'

export interface Block {
  cid: CID
  bytes: Uint8Array
}

/** What is asked for. */
export interface Wanted {
  /** CIDv1, raw or dag-cbor, sha2-256, like all that a pull follows: 1 to 64 */
  roots: readonly CID[]
  /** where the walk stops, because it is here with all below it: at most 1,024. @default nothing */
  have?: readonly CID[]
  /** the service whose history it is part of, if it is not for everybody */
  service?: CID
  /** the word of somebody who may read it, section 12 of specs/internode.md */
  grant?: Uint8Array
}

/** What a peer asks for when it wants more than what is for everybody. */
export interface Claim {
  service?: CID
  grant?: Uint8Array
}

/** Where what is sent comes from. */
export interface Source {
  get(cid: CID): Promise<Uint8Array | undefined>
  /** many at a time. @default one after the other */
  getMany?(cids: readonly CID[]): Promise<(Uint8Array | undefined)[]>
}

/**
 * What this peer may have: of a service what its readers may have, without one what is for everybody. What it throws is told to the
 * peer if it has a code.
 */
export type Open = (peer: string, claim: Claim, options: { signal: AbortSignal }) => Promise<Source>

/** A block that the peer does not have. */
export interface Missing {
  cid: CID
  /** which block led to it; undefined for a root */
  parent: CID | undefined
}

export interface Pulled {
  /** that came, and their bytes */
  blocks: number
  bytes: number
  missing: Missing[]
}

export interface PullOptions {
  signal: AbortSignal
  /** Keeps blocks whose hashes are checked, in the order of the walk; called again when it has resolved. */
  take(blocks: Block[]): Promise<void>
  /** what is here: as long as the walk finds its blocks in it, nothing is asked for. @default nothing */
  here?: { get(cid: CID): Promise<Uint8Array | undefined>; has(cid: CID): Promise<boolean> }
  /** @default as many as the protocol allows */
  limits?: { blocks?: number; bytes?: number; blockBytes?: number }
  /** `total`: how many blocks there are as far as is known; it grows */
  onProgress?: ((at: { blocks: number; bytes: number; total: number }) => void) | undefined
}

export interface Pulls {
  /**
   * Brings what the peer has below the roots, over a stream of its own that is opened again, and goes on, when it breaks.
   * What was taken before a failure stays taken.
   *
   * @throws ProtocolError PULL_UNSUPPORTED, PEER_UNREACHABLE, BUSY, CONNECTION_LOST, TIMED_OUT, CANNOT_RESUME, PULL_TOO_LARGE, an
   * offence (WRONG_BLOCK, FRAME_...), or the peer's own code; whatever `take` throws
   */
  pull(peer: string, wanted: Wanted, options: PullOptions): Promise<Pulled>
  start(): Promise<void>
  stop(): Promise<void>
}
