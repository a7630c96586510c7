/** Checks of one decoded field each. They answer only whether it is as the specification asks. */

/** A record with exactly these fields, no fewer and no more. */
export function hasExactly(value: unknown, fields: readonly string[]): value is Record<string, unknown> {
  if (!isRecord(value) || Object.keys(value).length !== fields.length) return false
  return fields.every((field) => Object.hasOwn(value, field))
}

/** A plain object, as the decoder makes of a map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** A whole number from `least` to `most`. */
export function isInteger(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

/** A text of at most `most` UTF-16 code units, free of control characters, so that a terminal can show it. */
export function isLine(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most && !/\p{Cc}/u.test(value)
}

/** Of `least` to `most` bytes. */
export function isBytes(value: unknown, least: number, most: number): value is Uint8Array {
  return value instanceof Uint8Array && value.byteLength >= least && value.byteLength <= most
}

/** Of at most `most` items. */
export function isListOf<T>(value: unknown, most: number, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.length <= most && value.every(isItem)
}

/** An error code as it may travel: UPPER_SNAKE. */
export function isCode(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most && /^[A-Z][A-Z0-9_]*$/.test(value)
}
