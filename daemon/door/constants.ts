/** Every number of the door for programs, each with its reason. See specs/client.md. */

/** Body of a request, in bytes: a call with 1 MiB of arguments, signed and in base64, and what is around it. */
export const MAX_PROGRAM_BODY_BYTES: number = 1_536 << 10
/** Longest envelope, in base64. */
export const MAX_ENVELOPE_CHARS: number = 1_500_000
/** Longest grant, in base64: one of a user has some 300 bytes. */
export const MAX_GRANT_CHARS = 2_048
/** Requests at one time; streams and followers among them. Pages are still shown beside so many. */
export const MAX_PROGRAM_REQUESTS = 32
/** How long a request may take in milliseconds, and a stream for its next item. */
export const PROGRAM_MS: number = 60_000
/** The same for the next commit of a service that is followed: a day. */
export const FOLLOW_MS: number = 86_400_000
/** Origins that were refused and are named in the log: each once, and no more, as anybody may knock. */
export const MAX_REFUSED_TOLD = 16
/** For how long a browser remembers what it may send, in seconds. */
export const PREFLIGHT_S = 600
/** Origins that are kept: more than anybody works on. */
export const MAX_ORIGINS = 64
