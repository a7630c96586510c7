/** Every number of the test runner, each with its reason. */

/** Longest time of one test, in milliseconds; calls of a contract are bounded by their gas long before. */
export const TEST_MS = 60_000
/** Where the clock of a test stands at first, in milliseconds since 1970: the same each time. */
export const FIRST_TIME: number = Date.UTC(2026, 0, 1)
/** Files that are looked through for tests. */
export const MAX_FILES = 2_000
/** Characters of an error's message that are told. */
export const MAX_MESSAGE = 4_000
