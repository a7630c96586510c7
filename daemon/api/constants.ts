/** All numbers of the local API. */

/** Largest request body in bytes: a contract's blocks in base64, with room to spare. */
export const MAX_BODY_BYTES: number = 32 * 1024 * 1024

/** Largest answer, or line of one, that a client reads, in bytes: a pull carries sources in base64. */
export const MAX_ANSWER_BYTES: number = 64 * 1024 * 1024

/** Bodies being read at one time, in bytes, over all connections. */
export const MAX_BUFFERED_BYTES: number = 128 * 1024 * 1024

/** Nesting of a body: deeper than any value a service takes, shallow enough for every recursive reader. */
export const MAX_DEPTH = 128

/** Values in a body. 32 MiB of `[]` would otherwise become half a gigabyte of objects. */
export const MAX_ELEMENTS = 1_000_000

/** Requests that run at one time. */
export const MAX_RUNNING = 256

/** Requests on top of that for `status` and `down`, so that a stuck daemon can still be looked at and stopped. */
export const MAX_RUNNING_URGENT: number = MAX_RUNNING + 16

export const MAX_CONNECTIONS = 512

/** Request line and headers in bytes; ours are 200. */
export const MAX_HEADER_BYTES: number = 8 * 1024

/** How long a request may take to arrive, in milliseconds; the peer is on the same machine. */
export const RECEIVE_MS = 30_000

/** How long a caller waits who does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 30_000

/** The longest a caller may ask for, in milliseconds: one hour. */
export const MAX_TIMEOUT_MS: number = 60 * 60 * 1000

/** How long what works through histories, or asks many nodes, usually may take, in milliseconds. */
export const LONG_TIMEOUT_MS: number = 5 * 60 * 1000
export const PUBLISH_TIMEOUT_MS = 60_000

/** The longest that anything goes on because it reports progress, in milliseconds: a day. */
export const MAX_PROGRESS_MS: number = 24 * 60 * 60 * 1000

/** At least so long between two lines of progress, in milliseconds: five a second are enough for every eye. */
export const PROGRESS_EVERY_MS = 200

/** Longest word on what is being done, in characters. */
export const MAX_DOING_CHARS = 64

/** After the signal fired: how long a handler may take to say in its own words what it was waiting for, in milliseconds. */
export const GRACE_MS = 500

/** How long a client waits beyond the time it asked for before it gives the daemon up, in milliseconds. */
export const CLIENT_GRACE_MS = 5_000

/** How long a refused request may go on sending before its connection is cut, in milliseconds. */
export const DRAIN_MS = 1_000

/** How long stop() waits for answers that are being written, in milliseconds. */
export const STOP_MS = 2_000

/** Longest path of a Unix socket in bytes: 104 with the final zero on macOS, 108 on Linux. */
export const MAX_SOCKET_PATH_BYTES = 100

/** How long to wait for the owner of an existing socket to accept, in milliseconds. */
export const PROBE_MS = 1_000

/** Longest message or hint in an error, in characters: a contract may throw a book. */
export const MAX_SENTENCE_CHARS = 4_096

/** Far above the 512 of the grammar, which says in a sentence of its own what is too long. */
export const MAX_NAME_CHARS: number = 64 * 1_024
export const MAX_FUNCTION_CHARS = 256
export const MAX_CID_CHARS = 128
/** Pings of one request. */
export const MAX_PINGS = 1_000
export const MAX_ADDRESS_CHARS = 1_024
/** Twice the 4,000 characters of a message: an emoji takes two units here. What is over the limit, the use case says. */
export const MAX_CHAT_CHARS = 8_000
/** A user ID, a slash and 32 hexadecimal digits. */
export const MAX_MESSAGE_ID_CHARS = 128
/** Messages in one answer. */
export const MAX_INBOX_PAGE = 1_000
/** Commits in one answer. */
export const MAX_LOG_PAGE = 1_000
/** Keys of a path into the state, and characters of each: values nest no deeper than 64 levels, and classes add some. */
export const MAX_PATH_KEYS = 128
export const MAX_KEY_CHARS = 4_096
export const MAX_CHECKPOINTS = 1_000_000
export const MAX_TIME_CHARS = 40
export const MAX_ARGUMENTS = 1_024
export const MAX_BLOCKS = 4_096

/** One block of at most 1 MiB in base64. */
export const MAX_BLOCK_CHARS: number = Math.ceil((1024 * 1024) / 3) * 4

/** Longest invite to a network, in characters, with the line breaks of a message. */
export const MAX_INVITE_CHARS = 8192
/** Why a version is withdrawn or deprecated; a list of the registry carries a line of 280 of them. */
export const MAX_LINE_CHARS = 4_096

/** How far a graph of services may be followed. */
export const MAX_GRAPH_DEPTH: number = 16
