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
/** Heads that are told once more behind what is published: as many as a peer may send in a second. */
export const MAX_HEADS_TOLD_AGAIN = 50
/** Who comes to the user's topic is told what this node publishes: those who come within so many milliseconds together. */
export const GREET_MS = 1_000
/** Topics that one peer may be on, as far as this node listens to it: more than anybody follows. */
export const MAX_PEER_TOPICS = 1_024
/** For how long a peer is refused that is on more, in milliseconds. */
export const TOPIC_BAN_MS: number = 60 * 60_000
/** Heads of others that are remembered: about 3 MB. */
export const MAX_KNOWN_HEADS = 10_000
/** Users that this node follows: each is a topic of gossipsub, and a question every few minutes. */
export const MAX_FOLLOWS = 128
/** How often those are asked who are followed, in case something was missed; below the time for which what was pushed counts as fresh. */
export const REFRESH_MS: number = 4 * 60_000

/** Peers that have to find what was published, and how many are asked for that at most. */
export const PROVE_PEERS = 3
export const PROVE_TRIES = 6
/** A peer that has just come is told of the publication first; and so often is asked again while nobody has seen it, in milliseconds. */
export const PROVE_SETTLE_MS = 1_000
export const PROVE_AGAIN_MS = 10_000
/** What looking for another node may cost the one that looks: time, blocks and bytes that it fetches and throws away. */
export const SEEN_MS = 8_000
export const SEEN_BLOCKS = 256
export const SEEN_BYTES: number = 4 << 20
/** And how often: for one peer, and at a time for all; peers that are counted. */
export const SEEN_PER_SECOND = 0.2
export const SEEN_BURST = 10
export const SEEN_AT_ONCE = 4
export const MAX_SEEN_ASKERS = 1_024
