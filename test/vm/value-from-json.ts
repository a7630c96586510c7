/** From JSON in the encoding of specs/values.md to values, written a second time, to check what guest/decode.ts reads inside the VM. */
import { BadValue, BIGINT_DIGITS_MAX, VALUE_DEPTH_MAX } from './value-bounds.ts'

/**
 * The value for which the JSON stands. Objects are plain; a key `__proto__` becomes an own property like any other.
 *
 * @param json as JSON.parse made it; not trusted
 * @throws BadValue
 */
export function valueFromJson(json: unknown): unknown {
  return fromJson(json, 0)
}

function fromJson(json: unknown, depth: number): unknown {
  if (typeof json === 'number' && !Number.isFinite(json)) throw malformed('a number is too large')
  if (typeof json !== 'object' || json === null) return json
  if (depth >= VALUE_DEPTH_MAX) throw malformed(`it nests deeper than ${VALUE_DEPTH_MAX} levels`)
  if (Array.isArray(json)) return json.map((item) => fromJson(item, depth + 1))
  const entries = Object.entries(json)
  if (!Object.hasOwn(json, '/'))
    return Object.fromEntries(entries.map(([key, item]) => [key, fromJson(item, depth + 1)]))
  if (entries.length !== 1) throw malformed('an object has the key "/" beside others')
  return fromTagged(entries[0]![1], depth + 1)
}

function fromTagged(json: unknown, depth: number): unknown {
  const entries = typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json) : []
  const [tag, inner] = entries.length === 1 ? entries[0]! : []
  const decode = DECODERS.get(tag ?? '')
  if (!decode) throw malformed('the tag behind a key "/" is unknown')
  const value = decode(inner, depth)
  if (value === undefined) throw malformed(`a ${tag} is malformed`)
  return value
}

const ODD_NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** By tag: the value, or undefined if the JSON is not what the tag wants. */
const DECODERS: ReadonlyMap<string, (json: unknown, depth: number) => unknown> = new Map<
  string,
  (json: unknown, depth: number) => unknown
>([
  ['number', (json) => ODD_NUMBERS.get(json)],
  ['bigint', bigintFrom],
  ['date', dateFrom],
  ['bytes', bytesFrom],
  ['map', (json, depth) => (isPairs(json) ? new Map(decodedPairs(json, depth)) : undefined)],
  ['set', (json, depth) => (Array.isArray(json) ? new Set(json.map((item) => fromJson(item, depth))) : undefined)],
  ['object', objectFrom],
])

function isPairs(json: unknown): json is [unknown, unknown][] {
  return Array.isArray(json) && json.every((pair) => Array.isArray(pair) && pair.length === 2)
}

function decodedPairs(pairs: [unknown, unknown][], depth: number): [unknown, unknown][] {
  return pairs.map(([key, item]) => [fromJson(key, depth), fromJson(item, depth)])
}

function objectFrom(json: unknown, depth: number): object | undefined {
  if (!isPairs(json) || !json.every(([key]) => typeof key === 'string')) return undefined
  return Object.fromEntries(decodedPairs(json, depth))
}

function bigintFrom(json: unknown): bigint | undefined {
  const good = typeof json === 'string' && json.length <= BIGINT_DIGITS_MAX && /^(0|-?[1-9][0-9]*)$/.test(json)
  return good ? BigInt(json) : undefined
}

function dateFrom(json: unknown): Date | undefined {
  const date = typeof json === 'string' ? new Date(json) : undefined
  return date && !Number.isNaN(date.getTime()) && date.toISOString() === json ? date : undefined
}

function bytesFrom(json: unknown): Uint8Array | undefined {
  if (typeof json !== 'string') return undefined
  const bytes = new Uint8Array(Buffer.from(json, 'base64'))
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '') === json ? bytes : undefined
}

function malformed(why: string): BadValue {
  return new BadValue(`The value cannot be read: ${why}.`)
}
