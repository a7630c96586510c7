/** Every number of the bulk stream. Sections are those of specs/pull.md. */

/** Section 1. */
export const PULL_PROTOCOL = '/amigos/pull/1.0.0'

/** Section 2: what a walk follows. A CID of the one kind: version, codec, hash function, length of the hash, and the hash. */
export const CID_BYTES = 36
/** Largest block: what bitswap peers take at most. A larger one counts as one that is not there. */
export const MAX_BLOCK_BYTES = 2_097_152
/** Links that were seen and whose turn has not come: 60 bytes each in memory, 16 MiB in all. A full block brings 51,150 at most. */
export const MAX_PENDING_LINKS = 262_144
/** Blocks of one walk, those that are not there among them: 100 bytes each in memory, 26 MB in all. */
export const MAX_WALK_BLOCKS = 262_144

/** Section 3: the request. 64 roots and 1,024 CIDs to stop at take 45 KB. */
export const MAX_REQUEST_BYTES = 65_536
export const MAX_ROOTS = 64
export const MAX_HAVE = 1_024
/** A grant is a signed query with one argument: some 300 bytes. */
export const MAX_GRANT_BYTES = 4_096
/** What an asker may send at all: one request. */
export const MAX_REQUEST_BUFFER_BYTES = 131_072

/** Section 4: the head of an entry is below 2^28, so its varint takes four bytes. */
export const MAX_HEAD_BYTES = 4
/** A code of 64, a message and a hint of 1,000 UTF-16 units in UTF-8. */
export const MAX_FAILURE_BYTES = 8_192

/** Section 5: what a node allows; each may be set when the service is made. */
export interface PullLimits {
  /** transfers being served: for one peer, and in all; memory grows with them, see section 5 */
  servedPerPeer: number
  served: number
  /** transfers being asked for */
  asked: number
  /** bytes of the blocks of one transfer; whoever wants more asks again with `skip` */
  transferBytes: number
  dialMs: number
  /** from the opened stream to the whole request */
  requestMs: number
  /** until the first entry: the peer may have a long way to walk before it has something to send */
  firstMs: number
  /** `stallBytes` at least have to come, or go, in this time */
  stallMs: number
  stallBytes: number
  /** both sides end their halves of a stream within this time */
  farewellMs: number
  /** streams opened for one pull after others broke without a single block */
  retries: number
  /** before the first of them; it doubles each time, up to so long */
  retryMs: number
  maxRetryMs: number
  /** blocks that are checked are handed on so many, or so many bytes, at a time */
  batchBlocks: number
  batchBytes: number
  /** bytes of blocks that are checked and not yet taken; then the stream is not read any more */
  heldBytes: number
  /** this many protocol offences within the window, and the peer is refused for a while */
  offences: number
  offenceWindowMs: number
  refusalMs: number
}

export const DEFAULT_PULL_LIMITS: PullLimits = {
  servedPerPeer: 4,
  served: 16,
  asked: 8,
  transferBytes: 4 * 1024 ** 3,
  dialMs: 15_000,
  requestMs: 10_000,
  firstMs: 60_000,
  stallMs: 30_000,
  stallBytes: 16_384,
  farewellMs: 5_000,
  retries: 5,
  retryMs: 250,
  maxRetryMs: 8_000,
  batchBlocks: 4_096,
  // LevelDB writes 1 MiB blocks twice as fast in batches of 16 MiB as in smaller ones: it merges less often
  batchBytes: 16 << 20,
  heldBytes: 32 << 20,
  offences: 5,
  offenceWindowMs: 60_000,
  refusalMs: 300_000,
}

/** More streams of one connection than a peer is served at a time: those beyond are told that they are. */
export const MAX_PULLS_PER_CONNECTION = 8
/** Bytes that are written at one go, and that may wait to be sent: as much as a window of yamux. */
export const WRITE_BYTES: number = 64 * 1024
export const MAX_UNSENT_BYTES: number = 1024 * 1024
/** Blocks read from the disk at one go: at first, at most, and about the bytes of them. */
export const FIRST_READ_BLOCKS = 4
export const MAX_READ_BLOCKS = 64
export const READ_BYTES: number = 4 << 20
