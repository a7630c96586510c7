/** Levels of arrays, objects, maps and sets in a value (specs/values.md). */
export const VALUE_DEPTH_MAX = 64
/** Decimal digits of a bigint in a value (specs/values.md). */
export const BIGINT_DIGITS_MAX = 10_000

/** The value, or its text, is not of the encoding. */
export class BadValue extends Error {
  readonly code = 'BAD_VALUE'
}
