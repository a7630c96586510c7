/** The numbers of the use cases, each with its reason. */

/** The most gas that this node's own user may ask for in one call: about five seconds of work on a laptop (specs/vm.md). */
export const MAX_GAS: bigint = 10_000_000_000n
/** The most for everybody else: between two turns of one caller, each of the others waits a second at most. */
export const MAX_STRANGER_GAS: bigint = 2_000_000_000n
/** The last resort: a call that gas did not end within this time is thrown away, in milliseconds. */
export const WATCHDOG_MS: number = 20_000

/** What this node lets a service have at most, whatever its manifest says, in bytes: memory, arguments, result and change of one call. */
export const MAX_MEMORY_BYTES: number = 64 * 1024 * 1024
export const MAX_ARGUMENT_BYTES: number = 1024 * 1024
export const MAX_RESULT_BYTES: number = 16 * 1024 * 1024
export const MAX_DELTA_BYTES: number = 32 * 1024 * 1024
/**
 * The same for what goes to other nodes: a frame of the internode protocol takes 1 MiB. A call has an envelope around its arguments; a result
 * has beside it the commit block (64 KiB), a block of calls (200 KiB), events, logs and the chain of keys.
 */
export const MAX_REMOTE_ARGUMENT_BYTES: number = 1020 * 1024
export const MAX_REMOTE_RESULT_BYTES: number = 512 * 1024
/** Longest signed call that goes to another node, in bytes: its frame has 1 KiB for the rest. */
export const MAX_REMOTE_ENVELOPE_BYTES: number = MAX_REMOTE_ARGUMENT_BYTES + 2_048

/** Calls and queries waiting for one service, and those of one node among them; the next one is told SERVICE_BUSY. */
export const MAX_QUEUE: number = 1_000
export const MAX_QUEUE_PER_SOURCE: number = 128

/** Calls that are made durable together at most; a commit of the store takes 1,024. */
export const MAX_GROUP: number = 512
/** Bytes of envelopes, and of content for them, that a group takes at most; with the results they have to fit a commit. */
export const MAX_GROUP_BYTES: number = 4 * 1024 * 1024
/** Bytes that seed the random numbers of a query, and seeds that are made at a time. */
export const SEED_BYTES = 32
export const SEEDS_AT_ONCE = 128
/** How long queries go on before calls have a turn, in milliseconds: as long as a group of calls takes in the VM. */
export const QUERY_TURN_MS: number = 50
/** Queries to one service that are in the VM at a time, while each takes no longer than this, in milliseconds. Slow ones go one by one. */
export const MAX_QUESTIONS: number = 32
export const QUICK_QUESTION_MS: number = 1

/** Pieces of content that one call may read, as in the VM: each that it was not given makes it start again. */
export const MAX_CONTENT_READS: number = 64
/** How long a commit may take that is only named, in milliseconds: that of a sealed service never comes. */
export const COMMIT_TIMEOUT_MS: number = 5_000
/** How long a piece may take to come from the network, in milliseconds. */
export const CONTENT_TIMEOUT_MS: number = 10_000

/** Queries at past commits: each opens a memory of up to 64 MiB, so few run and few wait. */
export const MAX_PAST: number = 2
export const MAX_PAST_PER_SOURCE: number = 8
export const MAX_PAST_QUEUE: number = 64

/** Queries at a time of services that a call has to itself: those of one state share a memory. */
export const MAX_ASIDE: number = 8

/** Streams that are open at a time, of all and of each source: each is an instance, and a seat in a worker. */
export const MAX_STREAMS: number = 16
export const MAX_STREAMS_PER_SOURCE: number = 4
/** Bytes of the memories of all of them, twice for the copy that each keeps: four of the largest services, or any number of small ones. */
export const MAX_STREAM_BYTES: number = 512 * 1024 * 1024
/** How much of the streams, and of who follows, other nodes may have together. */
export const STRANGERS_SHARE: number = 0.75
/** Items that are made at a time. */
export const MAX_STREAM_STEPS: number = 2
/** How long a stream stays open when nobody asks for the next item, in milliseconds. */
export const STREAM_IDLE_MS: number = 60_000
/** Gas of all items of one stream: some 20 seconds of work. */
export const MAX_STREAM_GAS: bigint = 100_000_000_000n

/** Who may follow services at a time, in all and of one source: each holds a page of CIDs. */
export const MAX_FOLLOWERS: number = 256
export const MAX_FOLLOWERS_PER_SOURCE: number = 16
/** Commits whose CIDs are looked up at a time for one who follows. */
export const FOLLOW_PAGE: number = 64
/** Who follows and is further behind than so many commits gets the newest of them. */
export const MAX_FOLLOW_BEHIND: number = 256
/** Bytes of the events of one commit that are told: those of 16 calls at least, and a commit may hold hundreds. */
export const MAX_FOLLOW_EVENT_BYTES: number = 1024 * 1024
/** How often one who follows a service of another node tries to reach it again, and how long it waits before, in milliseconds: twice as long each time. */
export const MAX_FOLLOW_RETRIES: number = 6
export const FOLLOW_RETRY_MS: number = 500

/** Commits in one answer of the log unless the caller says otherwise, and at most, as the local API promises; its bytes are bounded, too. */
export const LOG_PAGE: number = 20
export const MAX_LOG_PAGE: number = 1_000

/** Commits that a host lists at a time for whoever pulls a history: 500 links are 20 KB, and take the host 0.2 s to read. */
export const MAX_HISTORY_PAGE: number = 500
/** Commits that are asked for in this way; what goes beyond is fetched link by link. */
export const MAX_HISTORY_HINTS: number = 100_000

/** Blocks of a sealed service that are asked for at a time, and the bytes of an answer: a single block of 1 MiB still fits a frame. */
export const MAX_PULL_BLOCKS: number = 64
export const MAX_BLOCKS_ANSWER_BYTES: number = 1024 * 1024 - 1024
/** Pages of histories, and answers with blocks, that are read for other nodes at a time, and those that wait for one node, and in all: each takes the disk a while. */
export const MAX_PAGES_READ: number = 4
export const MAX_PAGES_PER_SOURCE: number = 64
export const MAX_PAGES_QUEUE: number = 512
/** Blocks, and bytes, of one pull of a sealed service: the same as for one that everybody may read. */
export const MAX_SEALED_PULL_BLOCKS: number = 200_000
export const MAX_SEALED_PULL_BYTES: number = 512 * 1024 * 1024

/** The same of what comes in bulk, and how many blocks come between two words about the progress. */
export const MAX_PULL_TOTAL_BLOCKS: number = MAX_SEALED_PULL_BLOCKS
export const MAX_PULL_TOTAL_BYTES: number = MAX_SEALED_PULL_BYTES
export const PROGRESS_BLOCKS: number = 64

/**
 * A call whose connection was lost is sent again this often, the same bytes: the host executes them once. With the pauses between, 12 s at
 * most: a host that restarts is back by then.
 */
export const MAX_RESENDS: number = 8
/** The longest that the first pause takes, and that any does, in milliseconds. */
export const RESEND_FIRST_MS: number = 100
export const RESEND_MAX_MS: number = 3_000
/** The same of what only reads, 1.5 s at most: there may be a copy here that answers instead. */
export const MAX_READS_AGAIN: number = 4

/** How long a call on this node that was given up may take to say what became of it, in milliseconds: less than the local API waits. */
export const OUTCOME_GRACE_MS: number = 300

/** Values inside one call's arguments: reading more would hold up everybody else for longer than 20 ms. */
export const MAX_ARGUMENT_ELEMENTS: number = 65_536

/** Answers that a commit records of one call: as many asks as the VM lets it make. */
export const MAX_INPUTS = 64
/** Characters of what a contract is told of an ask that failed. */
export const MAX_ASK_MESSAGE = 1_000
/** Who used a service: rows that are told apart; what came of all others is one more. */
export const MAX_USAGE_ROWS = 1_000
/** Of so many of them it is found out how they are called, in so many milliseconds: each may have to be looked up. */
export const MAX_USAGE_NAMES = 20
export const USAGE_NAMES_MS = 3_000
/** What another service may answer to a contract, in bytes: it becomes a part of the history of who asked. */
export const MAX_ASK_RESULT_BYTES: number = 1024 * 1024
/** Of the answers that a commit records so many bytes are shown with it: they may be far more than fits an answer of the local API. */
export const MAX_SHOWN_ANSWERS_BYTES: number = 4 * 1024 * 1024
/** How long a call and all that it asks for may take, in milliseconds: meanwhile its services take no other call. */
export const MAX_TREE_MS: number = 20_000
/** What of the time that is left an ask may take: the rest is for the contract to make good what failed. */
export const ASK_TIME_SHARE = 0.8
/** Commits of a tree on one node, and their bytes: they are in memory until all of them are written in one batch. */
export const MAX_TREE_CALLS = 1_024
export const MAX_TREE_BYTES: number = 64 * 1024 * 1024
/** How often a tree begins anew that gave way to an older one, and within what part of its time: then the contract is told what is busy. */
export const MAX_TREE_TRIES = 40
export const RETRY_TIME_SHARE = 0.5
/** How long it waits before, as a part of what is waited after a connection was lost: 10 to 300 ms. */
export const TREE_PAUSE_SHARE = 0.1
/** Functions that are known to ask others, so that their calls need not be tried in a group first. */
export const MAX_KNOWN_ASKING = 1_024
/** How long a signed call may wait for its turn at the host, in milliseconds from the host's receipt. */
export const CALL_TTL_MS: number = 60_000

/** The most a host may take to answer, in milliseconds; the caller's own patience usually ends it before. */
export const MAX_REMOTE_MS: number = 600_000

/** How long the page waits for a contract's render, in milliseconds. */
export const RENDER_TIMEOUT_MS: number = 10_000

/** Bytes of the random number that makes two equal calls two. */
export const NONCE_BYTES: number = 16
/** Longest name of a service, in characters (specs/registry.md), and of what follows that of the importer in the name of a fork that it imports. */
export const MAX_SERVICE_NAME = 64
export const MAX_FORK_LABEL = 40
/** Names that are tried for such a fork: `blog-comments`, `blog-comments-2`, ... */
export const MAX_FORK_NAMES = 100
/** Forks that import forks, one behind the other; as deep as calls can go. */
export const MAX_FORK_DEPTH = 16

/** Contracts kept decoded in memory. */
export const CONTRACT_CACHE: number = 256
/** How often a call is tried again when its service was closed under it: its worker ended, or it had to make way. */
export const MAX_REOPENINGS: number = 5
/** A service that nobody asked for this long is closed, in milliseconds; the next call opens it again in some 10 ms. */
export const IDLE_CLOSE_MS: number = 5 * 60_000
/** Services kept warm in the VM; the others are opened again from their last commit when somebody calls. */
export const MAX_WARM_SERVICES: number = 32

/** The longest line of a contract's log that is taken from a host, in characters; the VM bounds all of a call's lines to 16 KiB. */
export const MAX_LOG_LINE: number = 16 * 1024
/** Lines of it: as many as the VM keeps. */
export const MAX_LOG_LINES: number = 100

/** How often failures that peers can cause are written to the log, for each method, in milliseconds. */
export const PEER_LOG_MS: number = 10_000

/** Gas for reading a logical state: it is a query of this node's own user, or of whoever may read the history. */
export const STATE_GAS: bigint = 10_000_000_000n
/** Longest logical state, in bytes of its JSON text: what the VM hands out at most. */
export const MAX_STATE_BYTES: number = 16 * 1024 * 1024
/** The same of one that goes over to other code: it reaches nobody. As much as the VM takes. */
export const MAX_MIGRATION_BYTES: number = 32 * 1024 * 1024
/**
 * What reading a state may use that goes over, and what taking it over may: all that fits into a memory, about ten seconds, and less than the
 * watchdog lets pass. Whoever replays an upgrade spends it again.
 */
export const MIGRATION_GAS: bigint = 20_000_000_000n
/** Largest block of a logical state as dag-cbor, and the longest key in it that is a key there, too. */
export const MAX_STATE_BLOCK_BYTES: number = 256 * 1024
export const MAX_STATE_KEY_BYTES: number = 4 * 1024
/** Changes in an answer of `diff`, and characters of their values: a sixteenth of what a client reads. */
export const MAX_DIFF_CHANGES: number = 1_000
export const MAX_DIFF_BYTES: number = 4 * 1024 * 1024

/** Characters of the arguments in one answer of `log`: a sixteenth of what a client reads. */
export const MAX_LOG_BYTES: number = 4 * 1024 * 1024

/** What `init` may use, and each question of a trial: what anybody who replays must spend again. */
export const LIFECYCLE_GAS: bigint = 10_000_000_000n

/** A call that its host made within WATCHDOG_MS is given this long when it is replayed on a slower or busier machine, in milliseconds. */
export const REPLAY_WATCHDOG_MS: number = 120_000
/** Commits after which a replay notes how far it has come: what is done again after a crash. */
export const REPLAY_NOTE_COMMITS: number = 1_024
/** Content of one commit that a replay brings into memory: a host's groups have far less, a single call at most MAX_CONTENT_READS pieces of 1 MiB. */
export const MAX_REPLAY_CONTENT_BYTES: number = 128 * 1024 * 1024
/** How often a call is tried again when the worker of the replay ends under it. */
export const MAX_REPLAY_ATTEMPTS: number = 3
/** A replay in the background waits after so many milliseconds of work, as long as it has worked. */
export const REPLAY_SLICE_MS: number = 50
/** Characters of a value that a mismatch shows. */
export const MISMATCH_TEXT: number = 200

/** Calls that were executed lately, by key: some 200 bytes each. A call that waited longer is looked up again. */
export const MAX_LATELY_EXECUTED = 32_768

/** Pings that are sent unless told otherwise, how long each may take, and the pause between two of them. */
export const USUAL_PINGS = 5
export const PING_MS = 5_000
export const PING_EVERY_MS = 100
/** Nodes that asked a service in a user's name and need not prove it again; 200 bytes each. */
export const MAX_KNOWN_ASKERS: number = 8_192
/** Grants of programs in browsers that need not be checked again; 500 bytes each. */
export const MAX_KNOWN_PROGRAMS = 1_024
/** Names of functions and users in what other nodes ask. */
export const MAX_NAME_LENGTH: number = 128

/** Laps of one trace: what most calls have, and some pieces of content; and spans that are taken from a host, which may have more names. */
export const MAX_LAPS: number = 48
export const MAX_TRACE_SPANS: number = 64
/** The longest that a span may be, in milliseconds: a day is more than any request waits. */
export const MAX_SPAN_MS: number = 24 * 60 * 60 * 1000

/** Services whose hosts were lately proven. */
export const MAX_KNOWN_HOSTS = 1_024
/** Hosts of imports that are remembered for an answer whose proof did not hold. */
export const MAX_KNOWN_LIARS = 1_024
