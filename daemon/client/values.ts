/** Values to JSON and back, in the encoding of specs/values.md, for Node and for browsers. */

import { fromBase64, toBase64 } from './base64.ts'
import { AmigoError } from './errors.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const MAX_LEVELS = 64
const MAX_DIGITS = 10_000
const INTEGER = /^(0|-?[1-9]\d*)$/
const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** What `JSON.stringify` makes the text of. @throws AmigoError ARGUMENTS_NOT_VALUES */
export function encodeValue(value: unknown): Json {
  return encode(value, 0)
}

/** @throws AmigoError BAD_ANSWER */
export function decodeValue(json: Json): unknown {
  return decode(json, 0)
}

/** A property like any other, whatever its name: `__proto__`, too. */
function put(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

const tag = (name: string, inside: Json): Json => ({ '/': { [name]: inside } })

function encode(value: unknown, level: number): Json {
  switch (typeof value) {
    case 'undefined':
      return null
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag('number', Object.is(value, -0) ? '-0' : `${value}`)
    case 'bigint':
      return tag('bigint', digitsOf(value))
    case 'object':
      return value === null ? null : encodeObject(value, level + 1)
    default:
      throw notAValue(`a ${typeof value}`)
  }
}

function digitsOf(value: bigint): string {
  const text = `${value}`
  if (text.length > MAX_DIGITS) throw notAValue(`a bigint of more than ${MAX_DIGITS} digits`)
  return text
}

/** What an object is, whatever its prototype says: the tag of `toString` can be set by anybody, an internal slot by nobody. */
function is(probe: () => unknown): boolean {
  try {
    probe()
    return true
  } catch {
    return false
  }
}

const getter = (of: object, key: string): (() => unknown) => Object.getOwnPropertyDescriptor(of, key)!.get!
const sizeOfMap = getter(Map.prototype, 'size')
const sizeOfSet = getter(Set.prototype, 'size')
const lengthOfBuffer = getter(ArrayBuffer.prototype, 'byteLength')

function encodeObject(value: object, level: number): Json {
  if (level > MAX_LEVELS) throw notAValue(`something that nests deeper than ${MAX_LEVELS} levels`)
  if (Array.isArray(value)) return Array.from(value as unknown[], (item) => encode(item, level))
  if (ArrayBuffer.isView(value)) {
    if (value instanceof Uint8Array) return tag('bytes', toBase64(value))
    throw notAValue('a typed array other than Uint8Array')
  }
  if (value instanceof Map && is(() => sizeOfMap.call(value)))
    return tag(
      'map',
      Array.from(Map.prototype.entries.call(value), ([key, item]) => [encode(key, level), encode(item, level)]),
    )
  if (value instanceof Set && is(() => sizeOfSet.call(value)))
    return tag(
      'set',
      Array.from(Set.prototype.values.call(value), (item) => encode(item, level)),
    )
  if (value instanceof Date && is(() => Date.prototype.getTime.call(value))) {
    if (Number.isNaN(Date.prototype.getTime.call(value))) throw notAValue('an invalid date')
    return tag('date', Date.prototype.toISOString.call(value))
  }
  if (value instanceof ArrayBuffer && is(() => lengthOfBuffer.call(value)))
    return tag('bytes', toBase64(new Uint8Array(value)))
  if (value instanceof Promise) throw notAValue('a promise')
  return encodeRecord(value, level)
}

function encodeRecord(value: object, level: number): Json {
  const entries: [string, Json][] = []
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (item !== undefined) entries.push([key, encode(item, level)])
  }
  if (entries.some(([key]) => key === '/')) return tag('object', entries)
  const record: { [key: string]: Json } = {}
  for (const [key, item] of entries) put(record, key, item)
  return record
}

function decode(json: Json, level: number): unknown {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json
  // JSON's 1e400 is read as Infinity, which has a tagged form
  if (typeof json === 'number') return Number.isFinite(json) ? json : refuse()
  if (typeof json !== 'object' || level >= MAX_LEVELS) return refuse()
  if (Array.isArray(json)) return json.map((item) => decode(item, level + 1))
  if (Object.hasOwn(json, '/')) return decodeTag(json, level)
  return decodeEntries(Object.entries(json), level)
}

function decodeTag(json: { [key: string]: Json }, level: number): unknown {
  const inside = Object.keys(json).length === 1 ? json['/'] : null
  if (typeof inside !== 'object' || inside === null || Array.isArray(inside)) return refuse()
  const [[name, content] = ['', null], ...more] = Object.entries(inside)
  return more.length === 0 ? (TAGS.get(name) ?? refuse)(content, level) : refuse()
}

const TAGS: ReadonlyMap<string, (content: Json, level: number) => unknown> = new Map([
  ['number', (content: Json): unknown => NUMBERS.get(content) ?? refuse()],
  [
    'bigint',
    (content: Json): unknown => BigInt(text(content, (digits) => digits.length <= MAX_DIGITS && INTEGER.test(digits))),
  ],
  ['date', (content: Json): unknown => new Date(text(content, isDate))],
  ['bytes', (content: Json): unknown => fromBase64(text(content, () => true)) ?? refuse()],
  [
    'map',
    (content: Json, level: number): unknown =>
      new Map(pairs(content).map(([key, item]) => [decode(key, level + 1), decode(item, level + 1)])),
  ],
  ['set', (content: Json, level: number): unknown => new Set(list(content).map((item) => decode(item, level + 1)))],
  ['object', (content: Json, level: number): unknown => decodeEntries(entriesOf(content), level)],
])

function decodeEntries(entries: readonly [string, Json][], level: number): object {
  const record = {}
  for (const [key, item] of entries) put(record, key, decode(item, level + 1))
  return record
}

function isDate(written: string): boolean {
  const date = new Date(written)
  return !Number.isNaN(date.getTime()) && date.toISOString() === written
}

function text(content: Json, isRight: (text: string) => boolean): string {
  return typeof content === 'string' && isRight(content) ? content : refuse()
}

const list = (content: Json): Json[] => (Array.isArray(content) ? content : refuse())

function pairs(content: Json): [Json, Json][] {
  const found = list(content)
  return found.every((pair) => Array.isArray(pair) && pair.length === 2) ? (found as [Json, Json][]) : refuse()
}

function entriesOf(content: Json): [string, Json][] {
  const found = pairs(content)
  const names = new Set(found.map(([key]) => key))
  return names.size === found.length && found.every(([key]) => typeof key === 'string')
    ? (found as [string, Json][])
    : refuse()
}

function refuse(): never {
  throw new AmigoError('BAD_ANSWER', 'The answer holds what is no value.', 'see specs/values.md')
}

function notAValue(what: string): AmigoError {
  return new AmigoError('ARGUMENTS_NOT_VALUES', `The arguments hold ${what}.`, 'see specs/values.md', 'not-sent')
}
