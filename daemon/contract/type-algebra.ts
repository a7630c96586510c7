/** What TypeScript does with types, done with value types; what cannot be said becomes `any`. Pure. */
import { MAX_LITERAL_LENGTH } from './constants.ts'
import type { TypeNode } from './syntax.ts'
import type { ValueType } from './types.ts'

type Fields = Extract<ValueType, { kind: 'object' }>['fields']

export const ANY: ValueType = { kind: 'any' }

/** Whether a value of the type may be left out. */
export function admitsVoid(type: ValueType): boolean {
  return type.kind === 'void' || (type.kind === 'union' && type.of.some(admitsVoid))
}

/** The type of what is sent, when it is not left out. */
export function withoutVoid(type: ValueType): ValueType {
  return type.kind === 'union' ? union(type.of.filter(({ kind }) => kind !== 'void')) : type
}

/** `A | B`: flat, without duplicates; any of it makes all of it any. */
export function union(types: readonly ValueType[]): ValueType {
  const flat = types.flatMap((type) => (type.kind === 'union' ? type.of : [type]))
  const different = [...new Map(flat.map((type) => [JSON.stringify(type), type])).values()]
  if (different.length === 0 || different.some(({ kind }) => kind === 'any')) return ANY
  return different.length === 1 ? (different[0] ?? ANY) : { kind: 'union', of: different }
}

/** An intersection: one object with the fields of all, where all are objects. */
export function merge(types: readonly ValueType[]): ValueType {
  if (types.length === 1) return types[0] ?? ANY
  const fields: Fields = []
  for (const type of types) {
    if (type.kind !== 'object') return ANY
    fields.push(...type.fields)
  }
  return { kind: 'object', fields: lastOfEach(fields) }
}

/** Fields without duplicates: the last of a name counts, in the place of the first. */
export function lastOfEach(fields: Readonly<Fields>): Fields {
  return [...new Map(fields.map((field) => [field.name, field])).values()]
}

/** `Partial` and `Required` of an object type; any of any other. */
export function withOptional(type: ValueType, optional: boolean): ValueType {
  return type.kind === 'object' ? { kind: 'object', fields: type.fields.map((field) => ({ ...field, optional })) } : ANY
}

/** The type of the items of an array type; any of any other. */
export function itemsOf(type: ValueType): ValueType {
  return type.kind === 'array' ? type.items : ANY
}

/** The name of a field, if it is written down: `a`, `"a"`, `1`; undefined for a computed one. */
export function keyOf(key: { type: string; name?: unknown; value?: unknown }): string | undefined {
  if (key.type === 'Identifier') return String(key.name)
  return key.type === 'StringLiteral' || key.type === 'NumericLiteral' ? String(key.value) : undefined
}

/** The type of a literal; a text that is too long to be repeated is any text. */
export function literal(node: Extract<TypeNode, { type: 'TSLiteralType' }>['literal']): ValueType {
  switch (node.type) {
    case 'StringLiteral':
      return node.value.length <= MAX_LITERAL_LENGTH ? { kind: 'literal', value: node.value } : { kind: 'string' }
    case 'BooleanLiteral':
      return { kind: 'literal', value: node.value }
    case 'NumericLiteral':
      return number(node.value)
    case 'UnaryExpression':
      return node.operator === '-' && node.argument.type === 'NumericLiteral' ? number(-node.argument.value) : ANY
    case 'BigIntLiteral':
      return { kind: 'bigint' }
    default:
      return { kind: 'string' }
  }
}

function number(value: number): ValueType {
  // -0 and infinity have no place in a block.
  return Number.isFinite(value) ? { kind: 'literal', value: value + 0 } : { kind: 'number' }
}
