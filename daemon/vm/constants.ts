/** The unit in which changes are recorded, in bytes: small enough that a typical call's delta is a few KiB. */
export const LINE = 256
/** The leaf of the Merkle tree and the block of a checkpoint, in bytes. */
export const PAGE = 4096
/** The unit in which a WebAssembly memory grows, in bytes (WebAssembly core specification, 4.2.8). */
export const WASM_PAGE = 65536
/** Children per node of the Merkle tree: four levels above the leaves of the largest memory, 512 bytes to hash per node. */
export const FANOUT = 16
/** Bytes of a sha-256 digest. */
export const HASH = 32
/** Largest memory of a contract, in pages of 64 KiB: 64 MiB. Untouched pages cost nothing. */
export const MAX_WASM_PAGES = 1024

/**
 * What a contract may allocate, in bytes. The rest of the memory is for static data, the stack and fragmentation, so that
 * the engine can still make the error that says "out of memory", and the host can still read it.
 */
export const GUEST_HEAP_BYTES: number = 60 * 2 ** 20
/** Least that a contract can be given, in bytes: the engine itself takes half of it. */
export const HEAP_BYTES_MIN: number = 2 * 2 ** 20
/** Stack of the engine, in bytes. With it 8 MB of native stack are never used up, whatever recurses (specs/vm.md). */
export const GUEST_STACK_BYTES: number = 256 * 1024
/** Native stack of a worker, in MB: 4 were too few for GUEST_STACK_BYTES, 8 were enough; this doubles that. */
export const WORKER_STACK_MB = 16
/** JavaScript heap of a worker, in MB. Contracts live outside it: it holds messages and the trees of open services. */
export const WORKER_HEAP_MB = 256
/** More workers than this gain nothing on the machines we know; fewer cores mean fewer workers. */
export const MAX_WORKERS = 4
/** Warm instances per worker: about 4 MB each when small. Beyond it the one idle for longest is closed. */
export const MAX_OPEN_PER_WORKER = 64
/** A worker without services ends after this long, in milliseconds, and gives back its 20 to 50 MB; a new one takes 0.1 s. */
export const WORKER_IDLE_MS = 60_000
/** How often opening is tried when another service ends the worker meanwhile. */
export const MAX_SEAT_ATTEMPTS = 3

/** Largest contract, in bytes of its module. */
export const MODULE_BYTES_MAX: number = 4 * 2 ** 20
/** Largest arguments, in bytes of their encoding; a frame of the protocol is smaller. */
export const ARGS_BYTES_MAX: number = 8 * 2 ** 20
/**
 * Longest state that a contract takes over from the one before it, in bytes of its JSON text. It is sent to nobody and stored nowhere, so this is
 * half of the largest memory, in which it needs room beside what is made of it.
 */
export const MIGRATION_BYTES_MAX: number = 32 * 2 ** 20
/** Room for a failure's message: 1,000 characters of at most 3 bytes each, one letter, and " (line 1234567)". */
export const MESSAGE_BYTES_MAX = 3100
/** Lines and bytes that one call may log; what comes after is dropped. */
export const LOG_LINES_MAX = 100
export const LOG_BYTES_MAX: number = 16 * 1024
/** Events that one call may emit, and the bytes of their names and values together. */
export const EVENTS_MAX = 100
export const EVENT_BYTES_MAX: number = 64 * 1024
/** Largest piece of content, in bytes: a block that every node takes. */
export const CONTENT_BYTES_MAX: number = 2 ** 20
/** Pieces of content that one call may read, and as many that it may write. */
export const CONTENT_COUNT_MAX = 64
/** Calls of imported functions that one call may make. */
export const ASKS_MAX = 64
/** Services that may stand above one in a tree of calls: each has a 64th less gas than the one before, and names of all go to the last. */
export const CHAIN_MAX = 64
/** Longest arguments of one ask, in bytes: a call that is sent has no more. And of all that one call makes: they are in memory until it ends. */
export const ASK_BYTES_MAX: number = 2 ** 20
export const ASKS_BYTES_MAX: number = 8 * 2 ** 20
/** Longest result that an ask is answered with, in bytes: what a host may be made to allow. */
export const ANSWER_BYTES_MAX: number = 16 * 2 ** 20
/** Longest code, and message, of an answer that is a failure, in characters: as long as what a contract throws may say. */
export const ANSWER_CODE_MAX = 64
export const ANSWER_MESSAGE_MAX = 1000
/** Longest name of a module that is looked at, in bytes. */
export const MODULE_NAME_BYTES_MAX = 256
/** Most gas that a call can be given: far beyond what any watchdog allows, and far from the end of 64 bits. */
export const GAS_MAX: bigint = 2n ** 61n
/** Latest time that a contract can be told, in ms since 1970: its clock counts nanoseconds in 64 bits. Year 2540. */
export const TIME_MAX = 18_000_000_000_000
/** Bytes of the seed of Math.random. */
export const SEED_BYTES = 32

/** A failed call that made the memory larger than it was by this many pages of 64 KiB costs its instance: 4 MiB. */
export const BLOAT_WASM_PAGES = 64
/** A worker that has had nothing to do for so long, in ms, makes an instance for the next service. */
export const PREPARE_MS = 20
/** A buffer of at least this many bytes is moved between threads, a smaller one is copied, which is quicker. */
export const TRANSFER_BYTES_MIN: number = 16 * 1024
/** Largest change of state that one call, and one group of calls, can make, in bytes of changed lines: half of the largest memory. */
export const DELTA_BYTES_MAX: number = 32 * 2 ** 20
/** Units of gas between two looks at whether a call is to be ended: half a millisecond to one. */
export const PAUSE_GAS: bigint = 4_000_000n
/** How long a job may take to end when it is told to, in ms, before its worker is ended: a few operations on huge numbers cannot be interrupted. */
export const ENDING_MS = 250
/** A group of calls ends after the call with which it has taken this long, in ms: whatever else waits for the worker has its turn then. */
export const GROUP_MS = 25
/**
 * A job that has run for so long, in ms, makes room: what waits behind it for other services is done in another worker. Twice what a group
 * takes, so that a service that is merely busy does not count.
 */
export const SLOW_MS = 50
/** A service with a job that took so long, in ms, is to live apart, too, if others wait behind it: a group of calls takes GROUP_MS and one call. */
export const HEAVY_JOB_MS = 30
/** A service whose job was slow is kept apart from others for so long, in ms. */
export const HEAVY_MS = 60_000
/** A service that was moved stays where it is for so long, in ms: opening it again takes 5 to 100. */
export const MOVED_MS = 1_000
/** Workers beyond MAX_WORKERS, where those live that others are kept apart from. */
export const SPARE_WORKERS = 1
/** Jobs that may wait in one worker: each service has a few, and there are MAX_OPEN_PER_WORKER. */
export const JOBS_PER_WORKER_MAX = 4096
/** Most calls in one group. */
export const GROUP_CALLS_MAX = 1024

/**
 * A query that is asked on the main thread has so much gas there, at most: a quarter of a millisecond. What takes longer gains little by not
 * going to a worker and back, which takes 0.14 ms.
 */
export const MIRROR_QUERY_GAS = 1_000_000
/** What the main thread does for such a query besides, as gas: 10 us. */
export const MIRROR_OWN_GAS = 40_000
/** Gas for making a mirror of a service on the main thread: 4 MiB take 5 ms. */
export const MIRROR_MADE_GAS = 20_000_000
/** The same for a line of a commit that is copied to a mirror: 0.1 us. */
export const MIRROR_LINE_GAS = 400
/**
 * Gas that all mirrors together may use in a millisecond, on average, whatever contracts do: a fifth of the main thread, as a unit is a
 * quarter of a nanosecond at the most.
 */
export const MIRROR_GAS_PER_MS = 800_000
/** What of it may be saved up, and used in one go: 2 ms. */
export const MIRROR_GAS_SAVED: number = 8 * MIRROR_QUERY_GAS
/** Services that have a mirror at a time, and the largest memory of one, in pages of 64 KiB: 4 MiB, of which a mirror holds two copies. */
export const MIRRORS_MAX = 8
export const MIRROR_WASM_PAGES = 64
/** Queries of a service that are asked in its worker before it has a mirror. */
export const MIRROR_AFTER = 32
/** Twice as many each time that its mirror was lost, or could not be made, up to this. */
export const MIRROR_AFTER_MAX = 65_536
/** A commit that changes more lines than this, 64 KiB, costs a mirror: a new one is made if the service is still asked often. */
export const MIRROR_LINES_MAX = 256
/** A mirror goes when it was not asked for so long, in ms. */
export const MIRROR_IDLE_MS = 10_000
/** So many queries of a function go to the worker when one of them did not succeed on the mirror; twice as many each time, up to the maximum. */
export const DETOUR = 8
export const DETOUR_MAX = 1024
/** Functions of one service of which that is remembered. */
export const DETOURS_MAX = 64

/** How long a worker may take to start, in ms; it may have to build the engine first, which takes less than a second. */
export const WORKER_START_MS = 60_000
/** How long opening or closing a service may take, in ms; 64 MiB take 0.2 s. */
export const OPEN_MS = 30_000
