import { MAX_BIGINT_DIGITS } from './constants.ts'
import { isRecord } from './is-record.ts'
import type { Json } from './types.ts'

/** One level of a value in the encoding of specs/values.md; what is inside it is still encoded. */
export type Value =
  | { kind: 'null' }
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'bigint' | 'bytes' | 'date' }
  | { kind: 'array' | 'set'; items: Json[] }
  | { kind: 'object'; entries: [string, Json][] }
  | { kind: 'map'; entries: [Json, Json][] }

const NUMBERS: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 }
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const INTEGER = /^(0|-?[1-9]\d*)$/

/** What may stand under the key `/`, and how it is read. */
const TAGS: Record<string, (inside: Json) => Value | undefined> = {
  bytes: (inside) => text(inside, isCanonicalBase64) && { kind: 'bytes' },
  bigint: (inside) => text(inside, isInteger) && { kind: 'bigint' },
  date: (inside) => text(inside, isCanonicalDate) && { kind: 'date' },
  number: (inside) => {
    const value = typeof inside === 'string' && Object.hasOwn(NUMBERS, inside) ? NUMBERS[inside] : undefined
    return value === undefined ? undefined : { kind: 'number', value }
  },
  map: (inside) => (isPairs(inside) ? { kind: 'map', entries: inside } : undefined),
  set: (inside) => (Array.isArray(inside) ? { kind: 'set', items: inside } : undefined),
  object: (inside) => (isEntries(inside) ? { kind: 'object', entries: inside } : undefined),
}

/** Takes the outermost level of an encoded value apart, or gives undefined for what the encoding does not know. Pure. */
export function readValue(json: Json): Value | undefined {
  if (json === null) return { kind: 'null' }
  if (typeof json === 'string') return { kind: 'string', value: json }
  if (typeof json === 'boolean') return { kind: 'boolean', value: json }
  // JSON's 1e999 is read as Infinity, which has a tagged form.
  if (typeof json === 'number') return Number.isFinite(json) ? { kind: 'number', value: json } : undefined
  if (Array.isArray(json)) return { kind: 'array', items: json }
  if (typeof json !== 'object') return undefined
  if (!Object.hasOwn(json, '/')) return { kind: 'object', entries: Object.entries(json) }
  const [tag, ...others] = Object.entries(json)
  const [[name, inside] = ['', null], ...more] = Object.entries(isRecord(tag?.[1]) ? tag[1] : {})
  if (others.length > 0 || more.length > 0 || !Object.hasOwn(TAGS, name)) return undefined
  return TAGS[name]?.(inside)
}

/** Standard alphabet, padded or not. */
export function isBase64(text: string): boolean {
  return BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

/** In base64 without padding, as DAG-JSON and the engine have it. */
export function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

/** Whether a text is a bigint in its one written form, of a length that is read. */
export function isInteger(text: string): boolean {
  return text.length <= MAX_BIGINT_DIGITS && INTEGER.test(text)
}

function isCanonicalBase64(text: string): boolean {
  return toBase64(Buffer.from(text, 'base64')) === text
}

function isCanonicalDate(text: string): boolean {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.toISOString() === text
}

function text(inside: Json, ok: (text: string) => boolean): true | undefined {
  return typeof inside === 'string' && ok(inside) ? true : undefined
}

function isPairs(value: Json): value is [Json, Json][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2)
}

function isEntries(value: Json): value is [string, Json][] {
  if (!isPairs(value) || !value.every(([key]) => typeof key === 'string')) return false
  return new Set(value.map(([key]) => key)).size === value.length
}
