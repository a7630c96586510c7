/** The interface as it stands in the root block of a contract. */
import {
  MAX_DOC_LENGTH,
  MAX_IDENTIFIER_LENGTH,
  MAX_LITERAL_LENGTH,
  MAX_PARAMETERS,
  MAX_TYPE_NODES,
  MAX_TYPE_TEXT_LENGTH,
} from './constants.ts'
import { flag, isMap, list, one, record, refuse, type Shape, text } from './shape.ts'
import type { ExportedFunction, Parameter, ValueType } from './types.ts'

type Kind = ValueType['kind']

const valueType: Shape<ValueType> = (value, at) => {
  const kind = isMap(value) ? value['kind'] : undefined
  if (typeof kind !== 'string' || !Object.hasOwn(TYPES, kind)) return refuse(at, 'a type')
  return TYPES[kind as Kind](value, at)
}

function atom<K extends Kind>(kind: K): Shape<ValueType> {
  return record<{ kind: K }>({ kind: one(kind) }) as Shape<ValueType>
}

const field: Shape<{ name: string; type: ValueType; optional: boolean }> = record({
  name: name(MAX_LITERAL_LENGTH),
  type: valueType,
  optional: flag,
})

const TYPES: { [K in Kind]: Shape<ValueType> } = {
  string: atom('string'),
  number: atom('number'),
  boolean: atom('boolean'),
  bigint: atom('bigint'),
  null: atom('null'),
  void: atom('void'),
  bytes: atom('bytes'),
  date: atom('date'),
  any: atom('any'),
  literal: record({ kind: one('literal'), value: literal }),
  array: record({ kind: one('array'), items: valueType }),
  object: record({ kind: one('object'), fields: list(field, MAX_TYPE_NODES) }),
  record: record({ kind: one('record'), values: valueType }),
  map: record({ kind: one('map'), keys: valueType, values: valueType }),
  set: record({ kind: one('set'), items: valueType }),
  stream: record({ kind: one('stream'), items: valueType }),
  union: record({ kind: one('union'), of: list(valueType, MAX_TYPE_NODES) }),
}

/** A parameter of a function. */
export const parameter: Shape<Parameter> = record({
  name: text(MAX_IDENTIFIER_LENGTH),
  text: text(MAX_TYPE_TEXT_LENGTH),
  type: valueType,
  optional: flag,
  rest: flag,
})

/** A function of an interface. */
export const exported: Shape<ExportedFunction> = record({
  name: text(MAX_IDENTIFIER_LENGTH),
  kind: one('call', 'query'),
  params: list(parameter, MAX_PARAMETERS),
  returns: text(MAX_TYPE_TEXT_LENGTH),
  result: valueType,
  doc: text(MAX_DOC_LENGTH),
})

/** Names of fields and literals are data, which may be any text. */
function name(max: number): Shape<string> {
  return (value, at) => (typeof value === 'string' && value.length <= max ? value : refuse(at, 'a name'))
}

function literal(value: unknown, at: string): string | number | boolean {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  return name(MAX_LITERAL_LENGTH)(value, at)
}
