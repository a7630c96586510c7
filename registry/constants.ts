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

// Home (specs/registry.md, "Home")
export const MAX_HOME_BYTES: number = 64 * 1024
export const MAX_HOME_NODES = 16
export const MAX_HOME_SERVICES = 500
/** in UTF-16 units; one line in a list */
export const MAX_DESCRIPTION_LENGTH = 280
/** home, list, service, link: nothing deeper exists */
export const MAX_HOME_DEPTH = 5
/** heads of CBOR items: 500 services with 7 names, 7 values and 3 link tags, and the frame */
export const MAX_HOME_ITEMS = 10_000

// Record (specs/registry.md, "Record")
export const RECORD_NAMESPACE = 'amigos-home'
/** Prefix of what the user signs: it separates these signatures from all others made with the same key. */
export const RECORD_DOMAIN = 'amigos/home/1\0'
export const MAX_RECORD_BYTES = 1024
export const MAX_RECORD_DEPTH = 5
export const MAX_RECORD_ITEMS = 64
export const MAX_RECORD_NODES = 8
export const MAX_NETWORK_LENGTH = 64
/** longest life of a record; equal to what kad-dht serves without a refresh */
export const MAX_LIFETIME_MS: number = 48 * 3600_000
/** how far a publisher's clock may be ahead of ours */
export const MAX_CLOCK_SKEW_MS: number = 10 * 60_000

// Memory of the highest sequences (specs/registry.md, "Memory"): 4096 x 16 names, at most about 13 MB of disk
export const SEEN_BUCKETS = 4096
export const SEEN_BUCKET_ENTRIES = 16
/** buckets kept in RAM, at most about 3 KB each */
export const SEEN_BUCKETS_IN_RAM = 512
/** after this no record older than the one remembered can be alive, so forgetting it costs nothing */
export const SEEN_KEEP_MS: number = MAX_LIFETIME_MS + MAX_CLOCK_SKEW_MS

// Cache of resolved homes: the oldest learnt is forgotten first; at most 65 MB
export const MAX_CACHED_HOMES = 1000

// Resolving
/** answers that make a quorum */
export const QUORUM = 3
/** values looked at in one query; what a kad-dht query of 20 peers can yield, and then some */
export const MAX_QUERY_VALUES = 64
export const QUERY_TIMEOUT_MS = 10_000
export const FETCH_TIMEOUT_MS = 10_000
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
/** gap after an attempt that reached too few; doubles up to the largest */
export const RETRY_MS = 30_000
export const MAX_RETRY_MS: number = 10 * 60_000
/** peers that a DHT of this kind stores a value on (K) */
export const REPLICATION = 20

// kad-dht adapter
/** queries at once: kad-dht allows 32 streams in and 64 out per connection */
export const KAD_CONCURRENCY = 16
/** Time for one write to the DHT's own store, in milliseconds. */
export const LOCAL_COPY_MS = 1_000
