import type { Json, Parameter, ValueType } from './types.ts'

type Kind = ValueType['kind']
type OfKind<K extends Kind> = Extract<ValueType, { kind: K }>

/** What a word may hold without quotes. */
const BARE = /^[A-Za-z0-9_@%+:,./-]+$/
const DATE = '2030-01-31T12:00:00.000Z'
/** Printable characters are written as they are; these would act on a terminal or split a line. */
const SPECIAL = /[\p{C}\u2028\u2029]/gu

/** An example in the encoding of specs/values.md, or undefined where no value is of the type. */
const VALUES: { [K in Kind]: (type: OfKind<K>) => Json | undefined } = {
  string: () => 'text',
  number: () => 1,
  boolean: () => true,
  bigint: () => ({ '/': { bigint: '1' } }),
  null: () => null,
  // It is what is left out.
  void: () => undefined,
  bytes: () => ({ '/': { bytes: 'AA' } }),
  date: () => ({ '/': { date: DATE } }),
  any: () => 'text',
  literal: ({ value }) => value,
  array: ({ items }) => listOf(items),
  set: ({ items }) => ({ '/': { set: listOf(items) } }),
  // nobody can send one
  stream: () => undefined,
  record: ({ values }) => {
    const value = exampleOf(values)
    const entries: [string, Json][] = value === undefined ? [] : [['key', value]]
    return Object.fromEntries(entries)
  },
  map: (type) => ({ '/': { map: entriesOf(type) } }),
  object: ({ fields }) => {
    const needed = fields
      .filter(({ optional }) => !optional)
      .map(({ name, type }): [string, Json | undefined] => [name, exampleOf(type)])
    if (needed.some(([, value]) => value === undefined)) return undefined
    // A plain object with the key `/` would be read as a tagged form.
    const tagged = needed.some(([name]) => name === '/')
    return tagged ? { '/': { object: needed as Json[][] } } : (Object.fromEntries(needed) as { [key: string]: Json })
  },
  union: ({ of }) => firstOf(of, exampleOf),
}

/** Kinds that `readWord` reads in a shorter form than JSON. */
const WORDS: { [K in Kind]?: (type: OfKind<K>) => string | undefined } = {
  string: () => 'text',
  bigint: () => '1',
  bytes: () => '0x00',
  date: () => DATE.replace('.000', ''),
  any: () => 'text',
  literal: ({ value }) => {
    const word = String(value)
    // In quotes a word is no flag of the command, and it can be escaped.
    const bare = typeof value !== 'string' || (word.search(SPECIAL) < 0 && !word.startsWith('-'))
    return bare ? word : toJson(value)
  },
  set: ({ items }) => toJson(listOf(items)),
  map: (type) => {
    const entries = entriesOf(type)
    const isObject = entries.every(([key]) => typeof key === 'string' && key !== '/')
    return toJson(isObject ? Object.fromEntries(entries) : entries)
  },
  union: ({ of }) => firstOf(of, wordOf),
}

/**
 * Words for a command line that call a function with these parameters: one for each that has to be given, of its type as `readWord`
 * reads it, quoted for sh. Pure; the length grows with the types. A parameter whose type no value can have gets the word `null`.
 */
export function exampleArguments(params: readonly Parameter[]): string[] {
  return params.filter(({ optional, rest }) => !optional && !rest).map(({ type }) => quoted(wordOf(type) ?? 'null'))
}

function wordOf(type: ValueType): string | undefined {
  const write = WORDS[type.kind] as ((type: ValueType) => string | undefined) | undefined
  if (write !== undefined) return write(type)
  const value = exampleOf(type)
  return value === undefined ? undefined : toJson(value)
}

function exampleOf(type: ValueType): Json | undefined {
  return (VALUES[type.kind] as (type: ValueType) => Json | undefined)(type)
}

function listOf(items: ValueType): Json[] {
  const value = exampleOf(items)
  return value === undefined ? [] : [value]
}

function entriesOf({ keys, values }: OfKind<'map'>): [Json, Json][] {
  const [key, value] = [exampleOf(keys), exampleOf(values)]
  return key === undefined || value === undefined ? [] : [[key, value]]
}

function firstOf<T>(types: readonly ValueType[], example: (type: ValueType) => T | undefined): T | undefined {
  for (const type of types) {
    const found = example(type)
    if (found !== undefined) return found
  }
  return undefined
}

function toJson(value: Json): string {
  return JSON.stringify(value).replace(SPECIAL, (special) =>
    Array.from({ length: special.length }, (_, i) => `\\u${special.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  )
}

function quoted(word: string): string {
  return BARE.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
