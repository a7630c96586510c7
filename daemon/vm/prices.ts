/**
 * What the host charges for besides the work inside the engine, in units of gas. A unit is an instruction of the engine, some 0.1 to
 * 0.5 ns; each price is about what the thing costs everybody who holds the service, not only the host that runs the call.
 */

/** A byte of the arguments: it is signed, sent, stored in a commit for ever, and read again by every replay. */
export const ARGUMENT_BYTE_GAS = 10n
/** A byte of the result: the same. */
export const RESULT_BYTE_GAS = 10n
/** A line of 256 bytes that a call changed: compared, copied, hashed with its page (up to 3.5 us), deflated, stored, sent. */
export const CHANGED_LINE_GAS = 4_000n
/** A page of 64 KiB by which the memory grew, charged inside the engine: cleared, hashed, part of every checkpoint from here on. */
export const GROWN_PAGE_GAS = 100_000

/** Charged by the functions that the engine imports, when they are called, before they do anything: */

/**
 * Any of them: leaving the engine, coming back, and a short text each way. With it the two cheapest, a line that is not kept and gasLeft(), cost 0.22
 * ns a unit where a loop of additions costs 0.14 (specs/vm.md).
 */
export const HOST_CALL_GAS = 2_500n
/** A byte of the arguments of an ask: as of arguments. */
export const ASK_BYTE_GAS = 10n
/** A byte of the result that an ask is answered with: stored with the commit, as of a result. */
export const ANSWER_BYTE_GAS = 10n
/** A byte that the contract logs: copied and shown, not kept for ever. */
export const LOG_BYTE_GAS = 5n
/** A byte of an event's name and value: as of a result. */
export const EVENT_BYTE_GAS = 10n
/** Reading or writing a piece of content, however short: its name is checked or made, 5 us beside the call. */
export const CONTENT_GAS = 16_000n
/** A byte of content that is read: copied in, and fetched and kept by whoever replays the call. */
export const CONTENT_READ_BYTE_GAS = 5n
/** A byte of content that is written: copied out, hashed, stored with the commit. */
export const CONTENT_WRITE_BYTE_GAS = 15n
/** A hash, however short: 1.3 us beside the call. */
export const SHA256_GAS = 5_000n
/** A byte that is hashed for the contract with sha-256: some 1 ns. */
export const SHA256_BYTE_GAS = 5n
/** An Ed25519 signature that is checked: 70 to 90 us. */
export const SIGNATURE_GAS = 400_000n
