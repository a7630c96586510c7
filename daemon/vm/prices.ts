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
