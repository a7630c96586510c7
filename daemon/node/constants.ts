/** The numbers of the node, each with its reason. */

export const KIB: number = 1024
export const MIB: number = 1024 * KIB

/** Ports of a personal node, so that its address stays the same from day to day; any free one when they are taken. */
export const DEFAULT_TCP_PORT: number = 4150
export const DEFAULT_WS_PORT: number = 4151
export const DEFAULT_HTTP_PORT: number = 4152

/** Yamux: the window must be below the read buffer, or a paused stream is reset instead of held back. */
export const STREAM_WINDOW_BYTES: number = 1 * MIB
export const STREAM_READ_BUFFER_BYTES: number = 4 * MIB

/** Streams per connection each way; the library's own limit of 1,000 times a 4 MiB buffer bounds nothing. */
export const MAX_STREAMS_PER_CONNECTION: number = 256

/** A small connection budget: a home router forgets connections beyond a few hundred. */
export const MAX_CONNECTIONS: number = 200
/** Everybody behind one address (a school, a test on one machine) counts as one peer: the default of 5 a second is too few. */
export const INBOUND_CONNECTIONS_PER_SECOND: number = 100
export const MAX_PENDING_INBOUND: number = 100

export const DIAL_TIMEOUT_MS: number = 10_000

/** A lone node asks again soon; kad-dht's own five minutes leave it alone for five minutes. */
export const DHT_SELF_QUERY_MS: number = 30_000
export const DHT_INITIAL_SELF_QUERY_MS: number = 100

/** A seed that is down at start, or restarts later, is dialled again: libp2p's bootstrap module tries once. */
export const REDIAL_FIRST_MS: number = 1_000
export const REDIAL_MAX_MS: number = 30_000

/** Largest block that is fetched or served (bitswap's own message limit is 4 MiB). */
export const MAX_BLOCK_BYTES: number = 1 * MIB
/** Budget of one pull: blocks, bytes and depth. 64 MiB of memory are 16,384 pages; the rest is history. */
export const MAX_FETCH_BLOCKS: number = 200_000
export const MAX_FETCH_BYTES: number = 512 * MIB
export const MAX_FETCH_DEPTH: number = 100_000
/** Blocks wanted at the same time within one session: more only fills the other side's want list. */
export const FETCH_CONCURRENCY: number = 64
/** A block that a provider announces and then withholds hangs a bitswap session: give each its own deadline. */
export const BLOCK_TIMEOUT_MS: number = 15_000

/** A gossipsub message carries an announcement, never a body. */
export const MAX_GOSSIP_BYTES: number = 64 * KIB
