import { MAX_TYPE_QUOTE_LENGTH } from './constants.ts'
import { plainText } from './text.ts'
import type { ValueType } from './types.ts'

type Kind = ValueType['kind']
type OfKind<K extends Kind> = Extract<ValueType, { kind: K }>

const WRITERS: { [K in Kind]?: (type: OfKind<K>) => string } = {
  bytes: () => 'Uint8Array',
  date: () => 'Date',
  literal: ({ value }) => JSON.stringify(value),
  array: ({ items }) => `${items.kind === 'union' ? `(${write(items)})` : write(items)}[]`,
  set: ({ items }) => `Set<${write(items)}>`,
  stream: ({ items }) => `AsyncIterable<${write(items)}>`,
  record: ({ values }) => `Record<string, ${write(values)}>`,
  map: ({ keys, values }) => `Map<${write(keys)}, ${write(values)}>`,
  union: ({ of }) => of.map(write).join(' | '),
  object: ({ fields }) => {
    const list = fields.map(({ name, type, optional }) => `${keyOf(name)}${optional ? '?' : ''}: ${write(type)}`)
    return list.length === 0 ? '{}' : `{ ${list.join('; ')} }`
  },
}

/** A type as TypeScript writes it, without the names of its declarations; cut at MAX_TYPE_QUOTE_LENGTH. Pure. */
export function typeText(type: ValueType): string {
  return plainText(write(type), MAX_TYPE_QUOTE_LENGTH)
}

/** The same, whole. */
export function wholeTypeText(type: ValueType): string {
  return write(type)
}

function write(type: ValueType): string {
  const writer = WRITERS[type.kind] as ((type: ValueType) => string) | undefined
  return writer?.(type) ?? type.kind
}

/** Whether TypeScript takes the name as it is where something is declared; only ASCII is looked at. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name)
}

/** A name as it stands before the colon of a field, or behind `as`. */
export function keyOf(name: string): string {
  return isIdentifier(name) ? name : JSON.stringify(name)
}
