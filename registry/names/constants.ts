/** Every bound and period of name records. Sources: specs/names.md. */

export const NAME_NAMESPACE = 'amigos-name'
/** Prefix of what registrars sign: it separates these signatures from all others made with the same key. */
export const NAME_DOMAIN = 'amigos/name/1\0'
/** a body of at most 350 bytes, and 8 signatures of 115 bytes each */
export const MAX_NAME_RECORD_BYTES = 1536
export const MAX_NAME_RECORD_DEPTH = 5
export const MAX_NAME_RECORD_ITEMS = 96
/** a name record and a home record, and their frame */
export const MAX_NAME_VALUE_BYTES = 4096
export const MAX_NAME_VALUE_DEPTH = 2
export const MAX_NAME_VALUE_ITEMS = 8
/** longest life of a name record: so long a lie of a hub that nobody hears of any more can last */
export const MAX_NAME_LIFETIME_MS: number = 30 * 24 * 3600_000

// Resolving
/** How long what the network said of a name is taken without asking again: so long a transfer may go unnoticed by who knew the name. */
export const NAME_FRESH_MS: number = 3600_000
/** how long the hub may take when the DHT knows nothing */
export const HUB_TIMEOUT_MS = 10_000
/** names whose records are kept on disk, those learnt last: 1024 x 4, at most 7 MB */
export const NAME_CACHE_BUCKETS = 1024
export const NAME_CACHE_BUCKET_ENTRIES = 4

// Publishing
/** names of one user that this node keeps on the network */
export const MAX_OWN_NAMES = 64
/** a name record with less life left than this is replaced by a new one from the hub */
export const NAME_RENEW_MS: number = 15 * 24 * 3600_000
/** how often the hub is asked for a record that has little life left, at most: one that ends with the book's year gets no longer by asking */
export const NAME_ASK_MS: number = 3600_000
