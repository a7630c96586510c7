/** The numbers of the hub and its witnesses, each with its reason. */

/** The book of usernames is `local.land/_/usernames` on its hub. */
export const BOOK_NAME = 'usernames'

/** A record that has less of its life left than this is replaced when it is asked for. */
export const RENEW_LEFT_MS: number = 15 * 24 * 3600_000
/** How long a witness may take to fetch and replay what is new in the book, in milliseconds. */
export const CO_SIGN_MS = 20_000
/** How long the hub may take to answer, in milliseconds: its witnesses come before. */
export const HUB_ANSWER_MS = 30_000
/** How long building and starting the book may take, in milliseconds: half a second on a laptop. */
export const BOOK_START_MS = 60_000
/** Proofs of a lie that are kept: each is a record and a few words. */
export const MAX_PROOFS = 16

/** How often a node asks the hub for the newest release, at most, and how long the hub may take, in milliseconds. */
export const RELEASE_AGAIN_MS: number = 3600_000
export const RELEASE_ANSWER_MS = 10_000
/** How often a node that has not heard from the hub within that time looks whether it is there, in milliseconds. */
export const RELEASE_LOOK_MS = 60_000
/** How often somebody who registers tries again to reach the hub: a few seconds in all, in which a node finds its peers. */
export const HUB_TRIES = 4
