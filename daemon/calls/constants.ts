/** The numbers of the use cases, each with its reason. */

/** Gas of one call unless the caller says otherwise: about a second of work on a laptop (specs/vm.md). */
export const DEFAULT_GAS: bigint = 2_000_000_000n
/** The most that this node's own user may ask for in one call: about five seconds. */
export const MAX_GAS: bigint = 10_000_000_000n
/** The most for everybody else: between two turns of one caller, each of the others waits a second at most. */
export const MAX_STRANGER_GAS: bigint = 2_000_000_000n
/** The last resort: a call that gas did not end within this time is thrown away, in milliseconds. */
export const WATCHDOG_MS: number = 20_000

/** Largest arguments and largest result, in bytes of their encoding; both fit a frame of the internode protocol. */
export const MAX_ARGUMENT_BYTES: number = 512 * 1024
export const MAX_RESULT_BYTES: number = 768 * 1024

/** Largest result that is compared in a replay: all that a commit can hold. */
export const MAX_REPLAYED_BYTES: number = 16 * 1024 * 1024

/** Calls and queries waiting for one service, and those of one node among them; the next one is told SERVICE_BUSY. */
export const MAX_QUEUE: number = 1_000
export const MAX_QUEUE_PER_SOURCE: number = 128

/** Calls that are made durable together at most; a commit of the store takes 1,024. */
export const MAX_GROUP: number = 512
/** Bytes of envelopes that a group takes at most; with the results they have to fit the store's 16 MiB. */
export const MAX_GROUP_BYTES: number = 4 * 1024 * 1024

/** Queries at past commits: each opens a memory of up to 64 MiB, so few run and few wait. */
export const MAX_PAST: number = 2
export const MAX_PAST_PER_SOURCE: number = 8
export const MAX_PAST_QUEUE: number = 64

/** Commits that a host lists at a time for whoever pulls a history: 500 links are 20 KB, and take the host 0.2 s to read. */
export const MAX_HISTORY_PAGE: number = 500
/** Commits that are asked for in this way; what goes beyond is fetched link by link. */
export const MAX_HISTORY_HINTS: number = 100_000

/** A call whose connection was lost is sent again this often, the same bytes: the host executes them once. */
export const MAX_RESENDS: number = 3

/** Values inside one call's arguments: reading more would hold up everybody else for longer than 20 ms. */
export const MAX_ARGUMENT_ELEMENTS: number = 65_536

/** How long a signed call may wait for its turn at the host, in milliseconds from the host's receipt. */
export const CALL_TTL_MS: number = 60_000

/** The most a host may take to answer, in milliseconds; the caller's own patience usually ends it before. */
export const MAX_REMOTE_MS: number = 600_000

/** How long the page waits for a contract's render, in milliseconds. */
export const RENDER_TIMEOUT_MS: number = 10_000

/** So much of the mailbox: messages, and bytes, each message counted with MAIL_OVERHEAD_BYTES. */
export interface MailShare {
  messages: number
  bytes: number
}

/** Who may fill how much of the mailbox (mail-room.ts). */
export interface MailLimits {
  /** receivers whom the user wrote to last; each has a room of its own, all of them 32 MiB, which a daemon holds in memory */
  contacts: number
  /** unread messages of one contact: a holiday's worth */
  contact: MailShare
  /** unread messages of one key that the user has never written to, and of all such keys that one peer delivers */
  sender: MailShare
  peer: MailShare
  /** messages of all strangers, read and unread */
  strangers: MailShare
  /** messages that wait for their delivery */
  queued: MailShare
  /** all messages of this user: those that wait, the last to each contact, and a history as long as fits */
  outgoing: MailShare
}

export const MAIL_LIMITS: MailLimits = {
  contacts: 128,
  contact: { messages: 200, bytes: 256 * 1024 },
  sender: { messages: 20, bytes: 64 * 1024 },
  peer: { messages: 40, bytes: 128 * 1024 },
  strangers: { messages: 1_000, bytes: 4 * 1024 * 1024 },
  queued: { messages: 1_000, bytes: 8 * 1024 * 1024 },
  outgoing: { messages: 5_000, bytes: 16 * 1024 * 1024 },
}
/** What a message takes besides its text: IDs, times, keys, and the objects that hold them. */
export const MAIL_OVERHEAD_BYTES: number = 512

/** Messages in one answer unless the caller says otherwise, and the bytes of their JSON: a sixteenth of what a client reads. */
export const INBOX_PAGE: number = 100
export const MAX_INBOX_PAGE_BYTES: number = 4 * 1024 * 1024

/** How long one node of a receiver may take to acknowledge one message, and how long one turn of a receiver lasts, in milliseconds. */
export const CHAT_DELIVERY_TIMEOUT_MS: number = 10_000
export const CHAT_TURN_MS: number = 30_000
/** Receivers that are tried at one time: those that let us wait must not hold up the others. */
export const CHAT_RECEIVERS_AT_ONCE: number = 4
/** How often is looked for receivers that are due; the wait of one that is away begins with it and doubles, in milliseconds. */
export const CHAT_RETRY_MS: number = 30_000
export const MAX_CHAT_RETRY_MS: number = 15 * 60_000
/** A receiver who has not been there for a month is given up, in milliseconds. */
export const CHAT_LIFETIME_MS: number = 30 * 24 * 3_600_000

/** Bytes of the random number that makes two equal calls two. */
export const NONCE_BYTES: number = 16

/** Contracts kept decoded in memory. */
export const CONTRACT_CACHE: number = 256
/** How often a call is tried again when its service was closed under it, by the end of a worker that it shared with another. */
export const MAX_REOPENINGS: number = 3
/** A service that nobody asked for this long is closed, in milliseconds; the next call opens it again in some 10 ms. */
export const IDLE_CLOSE_MS: number = 5 * 60_000
/** Services kept warm in the VM; the others are opened again from their last commit when somebody calls. */
export const MAX_WARM_SERVICES: number = 32

/** The longest line of a contract's log that is taken from a host, in characters; the VM bounds all of a call's lines to 16 KiB. */
export const MAX_LOG_LINE: number = 16 * 1024

/** How often failures that peers can cause are written to the log, for each method, in milliseconds. */
export const PEER_LOG_MS: number = 10_000
