/** The numbers of publishing, finding and following users between nodes: specs/registry.md. */

/** How long a node may take to say what it knows of a user, in milliseconds: it looks into its own memory only. */
export const ASK_HOME_MS: number = 5_000

/** What is pushed to followers: a message of gossipsub, which carries 64 KiB at most, and room around it. */
export const MAX_PUSH_BYTES: number = 60 * 1024
export const MAX_PUSH_DEPTH = 5
/** heads of CBOR items: 16 nodes with 2 names and 2 values, and the frame */
export const MAX_PUSH_ITEMS = 128
/** What one peer may push, its own and others': more is not looked at. And how many peers are counted at a time. */
export const PUSHES_PER_SECOND = 50
export const PUSHES_AT_ONCE = 200
export const MAX_PUSHERS = 1_024
/** A service that moves all the time is announced this often, in milliseconds. */
export const HEAD_GAP_MS = 250
/** Heads of others that are remembered: about 3 MB. */
export const MAX_KNOWN_HEADS = 10_000
/** Users that this node follows: each is a topic of gossipsub, and a question every few minutes. */
export const MAX_FOLLOWS = 128
/** How often those are asked who are followed, in case something was missed; below the time for which what was pushed counts as fresh. */
export const REFRESH_MS: number = 4 * 60_000
