/** Every bound and period of the registry. Sources: specs/registry.md. */

// Names (specs/registry.md, "Grammar")
/** longest text that is looked at as a name, in UTF-16 units: long enough for a URL, short enough to scan at once */
export const MAX_NAME_LENGTH = 512
export const MIN_USERNAME_LENGTH = 2
export const MAX_USERNAME_LENGTH = 32
export const MAX_SERVICE_LENGTH = 64
/** a version with its pre-release part, in characters */
export const MAX_VERSION_LENGTH = 64
/** git tags and branches */
export const MAX_REF_LENGTH = 128
export const DEFAULT_SUFFIX = 'amigos.net'
/** hosts whose paths a resolver plug-in reads; anything else is written out with https:// */
export const EXTERNAL_HOSTS: readonly string[] = ['github.com']

// Homes (specs/registry.md, "Home", "List")
/** nodes, a link and usernames, at their longest */
export const MAX_HOME_BYTES: number = 4 * 1024
export const MAX_HOME_NODES = 16
export const MAX_HOME_USERNAMES = 16
/** home or list, entries, entry, link: nothing deeper exists */
export const MAX_HOME_DEPTH = 5
/** heads of CBOR items: nodes, usernames, and the frame */
export const MAX_HOME_ITEMS = 64
/** 1,000 services of usual size, each in one version: 20 ms of reading it, as long as anything may take at a time */
export const MAX_LIST_BYTES: number = 384 * 1024
export const MAX_LIST_SERVICES = 2_000
export const MAX_LIST_VERSIONS = 5_000
/** heads of CBOR items: services with 6 names, 6 values and 3 link tags, versions with 5, 5 and 1, and the frame */
export const MAX_LIST_ITEMS = 100_000
/** in UTF-16 units; one line in a list */
export const MAX_DESCRIPTION_LENGTH = 280

// Records (specs/registry.md, "Home record", "Node record")
export const HOME_RECORD_NAMESPACE = 'amigos-home'
export const NODE_RECORD_NAMESPACE = 'amigos-node'
/** Prefixes of what is signed: they separate these signatures from all others made with the same keys. */
export const HOME_RECORD_DOMAIN = 'amigos/home/2\0'
export const NODE_RECORD_DOMAIN = 'amigos/node/1\0'
export const LINK_DOMAIN = 'amigos/rotate/1\0'
export const HEAD_DOMAIN = 'amigos/head/1\0'
export const SIGNATURE_BYTES = 64
/** a user's key may be changed so often */
export const MAX_KEY_LINKS = 8
export const MAX_HOME_RECORD_BYTES = 2048
export const MAX_NODE_RECORD_BYTES = 512
export const MAX_HEAD_BYTES = 512
export const MAX_RECORD_DEPTH = 5
export const MAX_HOME_RECORD_ITEMS = 96
export const MAX_NODE_RECORD_ITEMS = 32
export const MAX_RECORD_NODES = 8
export const MAX_NETWORK_LENGTH = 64
/** longest life of a record; equal to what kad-dht serves without a refresh */
export const MAX_LIFETIME_MS: number = 48 * 3600_000
/** how far a publisher's clock may be ahead of ours */
export const MAX_CLOCK_SKEW_MS: number = 10 * 60_000

// Memory of the highest sequences (specs/registry.md, "Memory"): 4096 x 16 names, at most about 16 MB of disk
export const SEEN_BUCKETS = 4096
export const SEEN_BUCKET_ENTRIES = 16
/** buckets kept in RAM, at most about 3 KB each */
export const SEEN_BUCKETS_IN_RAM = 512
/** after this no record older than the one remembered can be alive, so forgetting it costs nothing */
export const SEEN_KEEP_MS: number = MAX_LIFETIME_MS + MAX_CLOCK_SKEW_MS

// Homes of others on disk: the one learnt first is forgotten first
export const MAX_CACHED_HOMES = 1_000
export const MAX_CACHE_BYTES: number = 64 << 20
/** their sizes count in steps of so many bytes, so that the index need not be written with each change */
export const CACHE_STEP_BYTES = 4_096
/** and those in RAM, decoded, the ones used last */
export const MAX_HOMES_IN_RAM = 256
export const MAX_RAM_BYTES: number = 32 << 20

// Resolving
/** answers that make a quorum */
export const QUORUM = 3
/** values looked at in one query; what a kad-dht query of 20 peers can yield, and then some */
export const MAX_QUERY_VALUES = 64
export const QUERY_TIMEOUT_MS = 10_000
export const FETCH_TIMEOUT_MS = 10_000
/** One request to a node of the user, and after how long without an answer the next one is asked as well. */
export const ASK_TIMEOUT_MS = 5_000
export const ASK_NEXT_MS = 1_000
/** nodes of one user that are asked at a time, and lists that are fetched at a time */
export const ASK_AT_ONCE = 3
/** Lists in one answer about a user; those that do not fit are fetched as blocks. */
export const MAX_ANSWER_BYTES: number = 1 << 20
/** who is asked for a user whose own nodes do not answer */
export const MAX_NEIGHBOURS = 6
/** How long a caller waits for better than the last known good, which the search goes on to replace. */
export const PATIENCE_MS = 3_000
/** what is pushed here counts as fresh for so long after a node of the user was last heard of */
export const FRESH_MS: number = 10 * 60_000
/** where a node of the user answers, the DHT is asked as often as this all the same, behind the answer: the node may be one that lost its place */
export const RECHECK_MS: number = 10 * 60_000
/** users of whom it is remembered when they were last heard of */
export const MAX_RECENT_USERS = 4_096
/** a node of a user that nobody knows is looked for so often */
export const SEEK_AGAIN_MS = 10_000
/** different names being resolved at the same time */
export const MAX_LOOKUPS = 256

// Publishing
export const PUT_TIMEOUT_MS = 15_000
/** what an adapter may take to count its acknowledgements after its signal fired */
export const PUT_GRACE_MS = 1000
/** kad-dht forgets after 48 h and never republishes; peers come and go faster than that */
export const REPUBLISH_MS: number = 4 * 3600_000
/** a record with less life left than this is replaced by a new one */
export const RESIGN_MS: number = 24 * 3600_000
/** how often the loop looks whether there is something to do; looking is free */
export const TICK_MS = 5000
/** gap after any attempt, so that a table that fills up is not told at each peer; after one that reached too few it doubles up to the largest */
export const RETRY_MS = 5_000
export const MAX_RETRY_MS: number = 10 * 60_000
/** peers that a DHT of this kind stores a value on (K) */
export const REPLICATION = 20

// kad-dht adapter
/** queries at once: kad-dht allows 32 streams in and 64 out per connection */
export const KAD_CONCURRENCY = 16
/** Time for one write to the DHT's own store, in milliseconds. */
export const LOCAL_COPY_MS = 1_000
