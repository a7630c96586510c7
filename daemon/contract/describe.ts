import { MAX_QUOTE_LENGTH, MAX_TYPE_QUOTE_LENGTH } from './constants.ts'
import { plainText } from './text.ts'
import { typeText } from './type-text.ts'
import type { Json, Parameter, ValueType } from './types.ts'
import { readValue } from './value.ts'

const WORDS: Partial<Record<ValueType['kind'], string>> = {
  any: 'any value',
  null: 'null',
  void: 'nothing',
  bytes: 'bytes',
  array: 'an array',
  object: 'an object',
}

const NAME = /^[A-Za-z_$][\w$.]*(<.*>)?$/
/** Names that JavaScript brings along and everybody knows. */
const BUILT_IN = /^(Readonly)?(Array|Map|Set)\b|^(Record|Promise|Date|Uint8Array)\b/

/** A type in a few words of English. */
export function describeType(type: ValueType): string {
  if (type.kind === 'literal') return plainText(JSON.stringify(type.value), MAX_TYPE_QUOTE_LENGTH)
  if (type.kind !== 'union') return WORDS[type.kind] ?? `a ${type.kind}`
  const words = [...new Set(type.of.map(describeType))]
  return plainText(words.join(' or '), MAX_TYPE_QUOTE_LENGTH)
}

/** Words from elsewhere in quotes that they do not hold themselves. */
export function quote(text: string): string {
  const shown = plainText(text, MAX_QUOTE_LENGTH)
  return shown.includes('"') ? `'${shown}'` : `"${shown}"`
}

/** What the name of an interface or an alias stands for, if that is what its author wrote as the type of a parameter. */
export function describeDeclared({ text, type }: Pick<Parameter, 'text' | 'type'>): string | undefined {
  if (type.kind === 'any' || !NAME.test(text) || BUILT_IN.test(text)) return undefined
  const structure = typeText(type)
  return structure === text ? undefined : `${plainText(text, MAX_QUOTE_LENGTH)} is ${structure}.`
}

/** A value as it may stand in a sentence. */
export function describeValue(json: Json): string {
  if (typeof json !== 'object' || json === null) return plainText(String(JSON.stringify(json)), MAX_QUOTE_LENGTH)
  const value = readValue(json)
  return value === undefined ? 'a value that is not in the encoding' : describeType({ kind: value.kind } as ValueType)
}
