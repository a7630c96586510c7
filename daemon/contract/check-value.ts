import { MAX_QUOTE_LENGTH, MAX_VALUE_DEPTH, MAX_VALUE_STEPS } from './constants.ts'
import { describeType, describeValue } from './describe.ts'
import { plainText } from './text.ts'
import type { Json, ValueType } from './types.ts'
import { readValue, type Value } from './value.ts'

/** Where a value is not of its type; `at` is empty for the value itself, else such as `.tags[2]`. */
export interface Mismatch {
  at: string
  expected: string
  got: string
}

type Kind = ValueType['kind']
type OfKind<K extends Kind> = Extract<ValueType, { kind: K }>
/** Checks what is inside a value, at an index, under a field or a name of its own such as ` key`. */
type Inner = (type: ValueType, json: Json, at: number | Field | '' | ' key' | ' value') => Mismatch | undefined
type Field = { field: string }

interface Given {
  value: Value
  json: Json
  inner: Inner
  /** it is what a function returned, not what it is called with */
  isResult: boolean
}

const ANY: ValueType = { kind: 'any' }

const CHECKS: { [K in Kind]: (type: OfKind<K>, given: Given) => Mismatch | undefined } = {
  string: sameKind,
  number: sameKind,
  boolean: sameKind,
  bigint: sameKind,
  null: sameKind,
  bytes: sameKind,
  date: sameKind,
  // There is no way to send undefined: it is what an argument or a field is that is left out. Returned, it arrives as null.
  void: (type, { json, isResult }) => (isResult && json === null ? undefined : mismatch(type, json)),
  literal: (type, { value, json }) =>
    'value' in value && value.value === type.value ? undefined : mismatch(type, json),
  any: (_type, { value, inner }) => {
    if (value.kind === 'map') return entries(ANY, ANY, value.entries, inner)
    if (value.kind === 'object') return fields(ANY, value.entries, inner)
    return 'items' in value ? items(ANY, value.items, inner) : undefined
  },
  array: (type, { value, json, inner }) =>
    value.kind === 'array' ? items(type.items, value.items, inner) : mismatch(type, json),
  set: (type, { value, json, inner }) =>
    value.kind === 'set' ? items(type.items, value.items, inner) : mismatch(type, json),
  // It is a result alone, and whoever calls gets all items.
  stream: (type, { value, json, inner, isResult }) =>
    isResult && value.kind === 'array' ? items(type.items, value.items, inner) : mismatch(type, json),
  record: (type, { value, json, inner }) =>
    value.kind === 'object' ? fields(type.values, value.entries, inner) : mismatch(type, json),
  map: (type, { value, json, inner }) =>
    value.kind === 'map' ? entries(type.keys, type.values, value.entries, inner) : mismatch(type, json),
  object: checkObject,
  union: (type, { json, inner }) => {
    let nearest = mismatch(type, json)
    for (const member of type.of) {
      const found = inner(member, json, '')
      if (found === undefined) return undefined
      // Of several the one that got furthest in says most.
      if (found.at.length > nearest.at.length) nearest = found
    }
    return nearest
  },
}

/**
 * Compares what a function returned with the type that it promised: fields that are not promised do not matter.
 * For the rest as `checkValue`.
 */
export function checkResult(type: ValueType, json: Json): Mismatch | undefined {
  return compare(type, json, true)
}

/**
 * Compares an encoded argument with a type. Pure. The work is bounded by MAX_VALUE_STEPS, because a union of large types looks at the
 * same value many times, and the depth by MAX_VALUE_DEPTH.
 */
export function checkValue(type: ValueType, json: Json): Mismatch | undefined {
  return compare(type, json, false)
}

function compare(type: ValueType, json: Json, isResult: boolean): Mismatch | undefined {
  let steps = 0
  const check = (expected: ValueType, given: Json, depth: number): Mismatch | undefined => {
    if (++steps > MAX_VALUE_STEPS) return { at: '', expected: 'a simpler value', got: 'too much to compare' }
    if (depth > MAX_VALUE_DEPTH && typeof given === 'object' && given !== null)
      return { at: '', expected: `at most ${MAX_VALUE_DEPTH} levels`, got: 'more' }
    const value = readValue(given)
    if (value === undefined) return mismatch(expected, given)
    const inner: Inner = (innerType, innerJson, at) => {
      const found = check(innerType, innerJson, at === '' ? depth : depth + 1)
      return found === undefined ? undefined : { ...found, at: placeOf(at) + found.at }
    }
    const run = CHECKS[expected.kind] as (type: ValueType, given: Given) => Mismatch | undefined
    return run(expected, { value, json: given, inner, isResult })
  }
  return check(type, json, 1)
}

function sameKind(type: ValueType, { value, json }: Given): Mismatch | undefined {
  return value.kind === type.kind ? undefined : mismatch(type, json)
}

function checkObject(type: OfKind<'object'>, { value, json, inner, isResult }: Given): Mismatch | undefined {
  if (value.kind !== 'object') return mismatch(type, json)
  const given = new Map(value.entries)
  for (const { name, type: fieldType, optional } of type.fields) {
    const field = given.get(name)
    if (field === undefined && !optional && !(isResult && admitsVoid(fieldType)))
      return { at: placeOf({ field: name }), expected: describeType(fieldType), got: 'nothing' }
    const found = field === undefined ? undefined : inner(fieldType, field, { field: name })
    if (found !== undefined) return found
    given.delete(name)
  }
  // A field that its author does not expect would be stored with the rest.
  const [extra] = given
  if (extra === undefined || isResult) return undefined
  return { at: placeOf({ field: extra[0] }), expected: 'left out', got: describeValue(extra[1]) }
}

/** A field of this type that is undefined is left out. */
function admitsVoid(type: ValueType): boolean {
  return type.kind === 'void' || type.kind === 'any' || (type.kind === 'union' && type.of.some(admitsVoid))
}

function items(type: ValueType, list: readonly Json[], inner: Inner): Mismatch | undefined {
  for (let index = 0; index < list.length; index++) {
    const found = inner(type, list[index] ?? null, index)
    if (found !== undefined) return found
  }
  return undefined
}

function fields(type: ValueType, list: readonly [string, Json][], inner: Inner): Mismatch | undefined {
  for (const [field, item] of list) {
    const found = inner(type, item, { field })
    if (found !== undefined) return found
  }
  return undefined
}

function entries(
  keys: ValueType,
  values: ValueType,
  list: readonly [Json, Json][],
  inner: Inner,
): Mismatch | undefined {
  for (const [key, item] of list) {
    const found = inner(keys, key, ' key') ?? inner(values, item, ' value')
    if (found !== undefined) return found
  }
  return undefined
}

function mismatch(type: ValueType, json: Json): Mismatch {
  return { at: '', expected: describeType(type), got: describeValue(json) }
}

function placeOf(at: number | string | Field): string {
  if (typeof at === 'string') return at
  return typeof at === 'number' ? `[${at}]` : `.${plainText(at.field, MAX_QUOTE_LENGTH)}`
}
