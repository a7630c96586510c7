import type { ValueType } from './types.ts'

type Kind = ValueType['kind']
type OfKind<K extends Kind> = Extract<ValueType, { kind: K }>

/** What becomes of fields that an object type does not name: in arguments they are refused, in results nobody minds them. */
export type Extra = 'refused' | 'ignored'

/**
 * Whether every value of the type `narrow` does for who expects `wide`. `any` takes everything: whoever says any has promised nothing.
 * Where it cannot tell it says no.
 */
export function accepts(wide: ValueType, narrow: ValueType, extra: Extra): boolean {
  const inner = (inside: ValueType, given: ValueType): boolean => accepts(inside, given, extra)
  if (wide.kind === 'any') return true
  if (narrow.kind === 'union') return narrow.of.every((member) => inner(wide, member))
  if (wide.kind === 'union') return wide.of.some((member) => inner(member, narrow))
  const rule = RULES[wide.kind] as Rule<ValueType> | undefined
  if (rule !== undefined) return rule(wide, narrow, inner, extra)
  return wide.kind === narrow.kind || (narrow.kind === 'literal' && typeof narrow.value === wide.kind)
}

type Inner = (wide: ValueType, narrow: ValueType) => boolean
type Rule<W> = (wide: W, narrow: ValueType, inner: Inner, extra: Extra) => boolean

const RULES: { [K in Kind]?: Rule<OfKind<K>> } = {
  literal: (wide, narrow) => narrow.kind === 'literal' && narrow.value === wide.value,
  // what is given item by item is an array for who calls
  array: (wide, narrow, inner) =>
    (narrow.kind === 'array' || narrow.kind === 'stream') && inner(wide.items, narrow.items),
  stream: (wide, narrow, inner) => narrow.kind === 'stream' && inner(wide.items, narrow.items),
  set: (wide, narrow, inner) => narrow.kind === 'set' && inner(wide.items, narrow.items),
  map: (wide, narrow, inner) =>
    narrow.kind === 'map' && inner(wide.keys, narrow.keys) && inner(wide.values, narrow.values),
  record: (wide, narrow, inner) =>
    narrow.kind === 'record'
      ? inner(wide.values, narrow.values)
      : narrow.kind === 'object' && narrow.fields.every(({ type }) => inner(wide.values, type)),
  object: (wide, narrow, inner, extra) => narrow.kind === 'object' && hasFields(wide, narrow, inner, extra),
}

function hasFields(wide: OfKind<'object'>, narrow: OfKind<'object'>, inner: Inner, extra: Extra): boolean {
  const known = new Map(wide.fields.map((field) => [field.name, field]))
  const given = new Map(narrow.fields.map((field) => [field.name, field]))
  const needed = wide.fields.every(({ name, optional }) => {
    const found = given.get(name)
    return found === undefined ? optional : optional || !found.optional
  })
  return (
    needed &&
    narrow.fields.every(({ name, type }) => {
      const expected = known.get(name)
      return expected === undefined ? extra === 'ignored' : inner(expected.type, type)
    })
  )
}
