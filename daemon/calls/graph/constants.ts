/** The numbers of graphs of services: specs/imports.md, "Graphs". */

/** Services that said they import one service or contract of this node, and all together: about 500 bytes of disk and 2 KB of memory each. */
export const MAX_DEPENDENTS = 1_000
export const MAX_ALL_DEPENDENTS = 10_000
/** Announcements of one peer: so many at once, then one in so many seconds; at a time for all; and peers that are counted. */
export const ANNOUNCED_BURST = 20
export const ANNOUNCED_PER_SECOND = 0.2
export const ANNOUNCED_AT_ONCE = 4
export const MAX_ANNOUNCERS = 1_024
/** How long looking up the home of who announces may take, in milliseconds. */
export const CHECK_HOME_MS = 8_000
/** Longest range of an import, in characters: that of a contract. */
export const MAX_RANGE_CHARS = 64

/** What is published one behind the other is announced together, after so many milliseconds. */
export const ANNOUNCE_SETTLE_MS = 250
/** The answer to an announcement: whoever is asked looks up a home first. */
export const ANNOUNCE_MS: number = CHECK_HOME_MS + 2_000
/** Hosts that are told at a time, and announcements of one round. */
export const ANNOUNCE_AT_ONCE = 4
export const MAX_ANNOUNCEMENTS = 2_000
/** After a round in which somebody was not reached: the first pause, and the longest, in milliseconds. */
export const ANNOUNCE_AGAIN_MS = 10_000
export const MAX_ANNOUNCE_AGAIN_MS: number = 30 * 60_000
/** An announcement counts until the home expires; once that has moved by more than this, it is made again. */
export const ANNOUNCE_SLACK_MS: number = 60 * 60_000

/** Services that called one service: so many are remembered. */
export const MAX_CALLERS = 1_000
/** How long a history is read for them in one go, in milliseconds: some 1,000 commits. And parts of it that may be left for later. */
export const MAX_CALLERS_MS = 1_000
export const MAX_CALLER_GAPS = 16

/** Dependents in an answer to another node: 500 bytes each. */
export const MAX_TOLD_DEPENDENTS = 200
/** Longest name or version in it: a user ID and a label with its version. */
export const MAX_TOLD_CHARS = 256

/** How far a graph is followed, unless told otherwise; things that are drawn in each direction. */
export const GRAPH_DEPTH = 5
export const MAX_GRAPH_ITEMS = 200
/** Questions under way at a time. */
export const GRAPH_AT_ONCE = 16
/** The whole of it, in milliseconds: what is not known by then is said not to be. */
export const GRAPH_MS = 10_000
/** To look up a name, to ask a host whether it is up, and to fetch the first block of a contract. */
export const GRAPH_RESOLVE_MS = 5_000
export const GRAPH_UP_MS = 3_000
export const GRAPH_FETCH_MS = 3_000
/** Hosts of which it is remembered when they last answered. */
export const MAX_SEEN_HOSTS = 1_024
