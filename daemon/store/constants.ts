/** Every number of the store, with its reason. Layouts are in specs/history.md. */

/** Of the rows and keys of the database: raised with every change that an older reader, or a reader of older ones, would take for damage. */
export const STORE_FORMAT = 1

/** Of the row that names the format: a number and a version take 40. */
export const MAX_FORMAT_BYTES = 256

/** Blocks of a history that are read at once to see whether they are whole: 64 MiB at the most. */
export const MEND_BATCH = 64

/** Fetches in vain after which nobody is asked for more: each takes as long as the network is given. */
export const MAX_FUTILE_FETCHES = 4

/** Largest block that enters or leaves: bitswap peers refuse more than 2 MiB, and 1 MiB is the custom. */
export const MAX_BLOCK_BYTES: number = 1 << 20

/** Bytes in one linked block: 1 MiB without what says which commit it belongs to. */
export const MAX_PART_BYTES: number = MAX_BLOCK_BYTES - 256

/** Largest commit block: a whole chain of them is read to check a history, so they stay small. */
export const MAX_COMMIT_BYTES: number = 64 << 10

/** What is larger than this inside a commit is a linked block: a log can be read without the bulk. */
export const MAX_INLINE_BYTES: number = 4 << 10

/** Calls in one commit: what is made durable together under load. Their chunks are 64 links, 3 KiB of the commit. */
export const MAX_CALLS_PER_COMMIT = 1024

/** Calls in one linked list: each with an envelope, a result and events of MAX_INLINE_BYTES, they take 200 KB. */
export const CALLS_PER_CHUNK = 16

/** The calls of a commit are linked when their list is longer: the rest of the commit takes 10 KiB at most. */
export const MAX_INLINE_CALLS_BYTES: number = 48 << 10

/** All envelopes and results of one commit together, and the arguments of a genesis: what reading one commit may bring into memory. */
export const MAX_CALLS_BYTES: number = 16 << 20

/** Largest delta, before and after deflating: half of the largest memory. */
export const MAX_DELTA_BYTES: number = 32 << 20

/** Room for all else in a delta: at most 5 bytes of index and 8 of mask for each of 131,072 lines, and the registers. */
export const MAX_DELTA_HEADER_BYTES: number = 2 << 20

/** What a delta leaves out of a line or not: pointers and halves of values. A transfer takes 590 bytes with 4, 620 with 8, 595 with 1. */
export const WORD = 4

/** Bytes of a line's mask: a bit for each of 64 words. */
export const LINE_MASK = 8

/** Lines kept of what a service changed lately, and services: 512 KiB each, 16 MiB in all. */
export const RECENT_LINES = 2048
export const RECENT_SERVICES = 32

/** Registers of an engine, and addresses that its host keeps: a handful in truth. */
export const MAX_GLOBALS = 64
export const MAX_ANCHORS = 256

/** Page links in one node of a checkpoint's index: 42 KB a node, and 16 nodes for 64 MiB. */
export const PAGES_PER_NODE = 1024

/** dag-cbor items in one block: a full index node has 2,049, a full list of calls about 800. */
export const MAX_BLOCK_ITEMS = 16_384

/** dag-cbor nesting in one block: a call record in a commit is 4 deep. */
export const MAX_BLOCK_DEPTH = 16

/** Blocks of content in one commit, read or written by its calls: their links are 20 KB. */
export const MAX_CONTENT_PER_COMMIT = 512

/** Longest name of a kind of commit. */
export const MAX_KIND_LENGTH = 16

/** Longest owner ID: a CID or peer ID is below 70 characters. */
export const MAX_OWNER_LENGTH = 128

/** Longest nonce of a genesis. */
export const MAX_NONCE_BYTES = 64

/** Deltas longer than this are deflated and inflated off the main thread; a shorter one takes well under 1 ms on it. */
export const SYNC_DEFLATE_BYTES: number = 64 << 10

/** zlib level: a delta of 4.6 KB becomes 1.69 KB in 63 us; level 1 gives 1.75 KB in 59 us, level 6 gives 1.62 KB in 95 us. */
export const DEFLATE_LEVEL = 3

/** A checkpoint is written after so many commits, or so many bytes of deltas, whichever comes first: opening reads no more than that. */
export const CHECKPOINT_COMMITS = 48
/** A service that is put aside gets one after fewer: each commit behind a checkpoint takes 0.1 ms to open, and a checkpoint some 100 KB. */
export const REST_COMMITS = 8
export const CHECKPOINT_DELTA_BYTES: number = 4 << 20

/** Commits between the checkpoints that `adopt` leaves on its way: fewer than the host's, since old states are read rarely. */
export const ADOPT_CHECKPOINT_COMMITS = 1024

/** Commits one `adopt` walks at most. A longer history is adopted in steps, older heads first. */
export const MAX_ADOPT_COMMITS = 100_000

/** Deltas held while the way back to a checkpoint is looked for: 8 MiB at most. The rest of a longer way is read twice. */
export const MAX_DELTAS_HELD = 2048

/** Forks of forks that are followed down when a history is adopted. */
export const MAX_FORKS = 64

/** Values that are read on the spot at a time: 3 to 10 us each from memory, where a round through the thread pool takes 50. */
export const MAX_SYNC_GETS = 4

/** Every so many of those reads goes through the thread pool all the same: a long walk lets others have their turn. */
export const SYNC_GETS_PER_TURN = 32

/** Blocks read or written at one go: at most 16 MiB of blocks in memory, 1 MiB of pages. */
export const BLOCKS_PER_BATCH = 256

/** Pages hashed before others get their turn: sha-256 of 4 KiB takes 3.5 us, so about 4 ms. */
export const HASHES_PER_TURN = 1024

/** Bytes of one synced batch when a large checkpoint is written in pieces: LevelDB's own write buffer. */
export const BATCH_BYTES: number = 4 << 20

/** Prefix of what the host signs: no signature for another purpose can be taken for a commit's. */
export const COMMIT_DOMAIN = 'amigos/commit/1\0'

/** Prefix of what the owner signs when another key shall go on with a history. */
export const HANDOVER_DOMAIN = 'amigos/handover/1\0'

/** Commits that pruning deletes in one synced batch. */
export const COMMITS_PER_PRUNE_BATCH = 256

/** Pages that one round of pruning looks for in all other checkpoints: some 100 bytes of memory each. */
export const MAX_PRUNE_PAGES = 250_000

/** After so many bytes were deleted the database is told to give them back to the disk now. */
export const COMPACT_BYTES: number = 16 << 20

/** Bytes of randomness in the name of a seal, and its length in hexadecimal. */
export const SEAL_BYTES = 8
export const MAX_SEAL_CHARS = 16

/** Handovers in one history: their links stand in the row of its head, 10 KiB. A machine that breaks every month fills it in 20 years. */
export const MAX_EPOCH = 256

/** Lengths of an Ed25519 signature, and of an Ed25519 public key as libp2p protobuf. */
export const SIGNATURE_BYTES = 64
export const PUBLIC_KEY_BYTES = 36
