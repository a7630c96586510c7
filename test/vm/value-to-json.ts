/** From values to JSON in the encoding of specs/values.md, written a second time, to check what guest/encode.ts makes inside the VM. */
import { types } from 'node:util'
import { BadValue, BIGINT_DIGITS_MAX, VALUE_DEPTH_MAX } from './value-bounds.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/**
 * JSON that stands for the value. Getters of the value run, its `toJSON` does not.
 *
 * @throws BadValue for functions, symbols, cycles, promises, and whatever else has no encoding
 */
export function valueToJson(value: unknown): Json {
  return toJson(value, 0)
}

type Encode = (value: never, depth: number) => Json

const BY_TYPE: Readonly<Record<string, Encode>> = {
  undefined: () => null,
  string: (value: string) => value,
  boolean: (value: boolean) => value,
  number: numberToJson,
  bigint: bigintToJson,
  object: objectToJson,
}

function toJson(value: unknown, depth: number): Json {
  const encode = BY_TYPE[typeof value]
  if (!encode) throw notAValue(`it holds a ${typeof value}`)
  return encode(value as never, depth)
}

function numberToJson(value: number): Json {
  if (!Number.isFinite(value)) return tagged('number', String(value))
  return Object.is(value, -0) ? tagged('number', '-0') : value
}

function bigintToJson(value: bigint): Json {
  const digits = String(value)
  if (digits.length > BIGINT_DIGITS_MAX) throw notAValue(`it holds a bigint of more than ${BIGINT_DIGITS_MAX} digits`)
  return tagged('bigint', digits)
}

/** The first that fits. What none fits is written like a plain object. */
const BUILT_INS: readonly { is: (value: object) => boolean; encode: Encode }[] = [
  { is: Array.isArray, encode: (value: unknown[], depth) => Array.from(value, (item) => toJson(item, depth)) },
  { is: types.isUint8Array, encode: bytesToJson },
  { is: types.isAnyArrayBuffer, encode: (value: ArrayBuffer) => bytesToJson(new Uint8Array(value)) },
  { is: ArrayBuffer.isView, encode: () => refuse('its only typed arrays may be Uint8Array') },
  { is: types.isDate, encode: dateToJson },
  {
    is: types.isMap,
    encode: (value: Map<unknown, unknown>, depth) =>
      tagged(
        'map',
        Array.from(value, ([key, item]) => [toJson(key, depth), toJson(item, depth)]),
      ),
  },
  {
    is: types.isSet,
    encode: (value: Set<unknown>, depth) =>
      tagged(
        'set',
        Array.from(value, (item) => toJson(item, depth)),
      ),
  },
  { is: types.isPromise, encode: () => refuse('it holds a promise') },
]

function objectToJson(value: object | null, depth: number): Json {
  if (value === null) return null
  if (depth >= VALUE_DEPTH_MAX) throw notAValue(`it nests deeper than ${VALUE_DEPTH_MAX} levels`)
  const builtIn = BUILT_INS.find(({ is }) => is(value))
  return builtIn ? builtIn.encode(value as never, depth + 1) : recordToJson(value, depth + 1)
}

function recordToJson(value: object, depth: number): Json {
  const entries = Object.entries(value).flatMap(([key, item]): [string, Json][] =>
    item === undefined ? [] : [[key, toJson(item, depth)]],
  )
  if (entries.some(([key]) => key === '/')) return tagged('object', entries)
  // fromEntries defines properties: a key __proto__ becomes a property like others
  return Object.fromEntries(entries)
}

function bytesToJson(value: Uint8Array): Json {
  const base64 = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
  return tagged('bytes', base64.replace(/=+$/, ''))
}

function dateToJson(value: Date): Json {
  if (Number.isNaN(value.getTime())) throw notAValue('it holds an invalid date')
  return tagged('date', value.toISOString())
}

function tagged(tag: string, json: Json): Json {
  return { '/': { [tag]: json } }
}

function refuse(why: string): never {
  throw notAValue(why)
}

function notAValue(why: string): BadValue {
  return new BadValue(`The value cannot be sent: ${why}.`)
}
