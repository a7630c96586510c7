import { MAX_QUOTE_LENGTH, MAX_TYPE_QUOTE_LENGTH } from './constants.ts'
import { plainText } from './text.ts'
import type { Json, ValueType } from './types.ts'
import { readValue } from './value.ts'

const WORDS: Partial<Record<ValueType['kind'], string>> = {
  any: 'any value',
  null: 'null',
  void: 'nothing',
  bytes: 'bytes',
  array: 'an array',
  object: 'an object',
}

/** A type in a few words of English. */
export function describeType(type: ValueType): string {
  if (type.kind === 'literal') return plainText(JSON.stringify(type.value), MAX_TYPE_QUOTE_LENGTH)
  if (type.kind !== 'union') return WORDS[type.kind] ?? `a ${type.kind}`
  const words = [...new Set(type.of.map(describeType))]
  return plainText(words.join(' or '), MAX_TYPE_QUOTE_LENGTH)
}

/** A value as it may stand in a sentence. */
export function describeValue(json: Json): string {
  if (typeof json !== 'object' || json === null) return plainText(String(JSON.stringify(json)), MAX_QUOTE_LENGTH)
  const value = readValue(json)
  return value === undefined ? 'a value that is not in the encoding' : describeType({ kind: value.kind } as ValueType)
}
