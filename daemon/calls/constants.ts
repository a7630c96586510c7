/** The numbers of the use cases, each with its reason. */

/** Gas of one call unless the caller says otherwise: about a second of work on a laptop (specs/vm.md). */
export const DEFAULT_GAS: bigint = 2_000_000_000n
/** The most a caller may ask for, so that a stranger cannot occupy a host for minutes. */
export const MAX_GAS: bigint = 10_000_000_000n
/** The last resort: a call that gas did not end within this time is thrown away, in milliseconds. */
export const WATCHDOG_MS: number = 20_000

/** Largest arguments and largest result, in bytes of their encoding; both fit a frame of the internode protocol. */
export const MAX_ARGUMENT_BYTES: number = 512 * 1024
export const MAX_RESULT_BYTES: number = 768 * 1024

/** Calls waiting for one service; the next one is told SERVICE_BUSY. */
export const MAX_QUEUE: number = 1_000

/** How long a signed call may wait for its turn at the host, in milliseconds from the host's receipt. */
export const CALL_TTL_MS: number = 60_000

/** The most a host may take to answer, in milliseconds; the caller's own patience usually ends it before. */
export const MAX_REMOTE_MS: number = 600_000

/** How long the page waits for a contract's render, in milliseconds. */
export const RENDER_TIMEOUT_MS: number = 10_000

/** Chat: messages kept, for all senders together and from one; a text's length is the protocol's business. */
export const MAX_INBOX: number = 10_000
export const MAX_INBOX_PER_SENDER: number = 1_000
export const MAX_OUTBOX: number = 1_000
/** A queued message is tried when its receiver connects, and this often besides, in milliseconds. */
export const CHAT_RETRY_MS: number = 30_000
export const CHAT_DELIVERY_TIMEOUT_MS: number = 10_000

/** Bytes of the random number that makes two equal calls two. */
export const NONCE_BYTES: number = 16

/** Contracts kept decoded in memory. */
export const CONTRACT_CACHE: number = 256
/** How often a call is tried again when its service was closed under it, by the end of a worker that it shared with another. */
export const MAX_REOPENINGS: number = 3
/** Services kept warm in the VM; the others are opened again from their last commit when somebody calls. */
export const MAX_WARM_SERVICES: number = 32

/** The longest line of a contract's log that is taken from a host, in characters; the VM bounds all of a call's lines to 16 KiB. */
export const MAX_LOG_LINE: number = 16 * 1024
