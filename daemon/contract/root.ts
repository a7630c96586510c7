import type { CID } from 'multiformats/cid'
import { isBoundedCbor } from './cbor-bounds.ts'
import {
  MANIFEST_FILE,
  MAX_DOC_LENGTH,
  MAX_FUNCTIONS,
  MAX_IDENTIFIER_LENGTH,
  MAX_LITERAL_LENGTH,
  MAX_PARAMETERS,
  MAX_ROOT_BYTES,
  MAX_ROOT_DEPTH,
  MAX_ROOT_ITEMS,
  MAX_SOURCES,
  MAX_TYPE_NODES,
  MAX_TYPE_TEXT_LENGTH,
} from './constants.ts'
import { MANIFEST_RULES } from './manifest-rules.ts'
import { collidingPath, pathProblem } from './path.ts'
import { flag, isMap, list, one, rawLink, record, refuse, type Shape, text } from './shape.ts'
import type { ExportedFunction, Manifest, Parameter, ValueType } from './types.ts'

/** The root block of a contract, as specs/contract.md lays it out. */
export interface Root {
  amigos: 'contract'
  v: 1
  manifest: Manifest
  interface: ExportedFunction[]
  init: Parameter[] | null
  module: CID
  sources: { path: string; content: CID }[]
}

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

const parameter: Shape<Parameter> = record({
  name: text(MAX_IDENTIFIER_LENGTH),
  text: text(MAX_TYPE_TEXT_LENGTH),
  type: valueType,
  optional: flag,
  rest: flag,
})

const exported: Shape<ExportedFunction> = record({
  name: text(MAX_IDENTIFIER_LENGTH),
  kind: one('call', 'query'),
  params: list(parameter, MAX_PARAMETERS),
  returns: text(MAX_TYPE_TEXT_LENGTH),
  result: valueType,
  doc: text(MAX_DOC_LENGTH),
})

const shape: Shape<Root> = record({
  amigos: one('contract'),
  v: one(1),
  manifest: record<Manifest>({
    name: ruled('name'),
    version: ruled('version'),
    main: ruled('main'),
    description: ruled('description'),
    tags: ruled('tags'),
    access: ruled('access'),
    limits: ruled('limits'),
  }),
  interface: list(exported, MAX_FUNCTIONS),
  init: orNull(list(parameter, MAX_PARAMETERS)),
  module: rawLink,
  sources: list(record({ path, content: rawLink }), MAX_SOURCES),
})

/** Checks every field of a decoded root, and what they say of each other. Throws ShapeError. */
export function checkRoot(value: unknown): Root {
  const root = shape(value, 'root')
  const names = root.interface.map(({ name }) => name)
  if (new Set(names).size !== names.length) refuse('root.interface', 'free of doubles')
  const unknown = Object.keys(root.manifest.access.functions).find((name) => !names.includes(name))
  if (unknown !== undefined) refuse('root.manifest.access.functions', 'of exported functions')
  const paths = root.sources.map(({ path }) => path)
  if (paths.some((path, index) => index > 0 && path <= (paths[index - 1] ?? ''))) refuse('root.sources', 'in order')
  if (collidingPath(paths) !== undefined) refuse('root.sources', 'a set of files that every system can store')
  if (!paths.includes(MANIFEST_FILE) || !paths.includes(root.manifest.main)) refuse('root.sources', 'complete')
  return root
}

/** Whether the bytes of a root may be decoded at all. */
export function isBoundedRoot(bytes: Uint8Array): boolean {
  const limits = { maxDepth: MAX_ROOT_DEPTH, maxItems: MAX_ROOT_ITEMS }
  return bytes.length <= MAX_ROOT_BYTES && isBoundedCbor(bytes, limits)
}

function orNull<T>(inner: Shape<T>): Shape<T | null> {
  return (value, at) => (value === null ? null : inner(value, at))
}

function ruled<F extends keyof Manifest>(name: F): Shape<Manifest[F]> {
  const { is, ok } = MANIFEST_RULES[name]
  return (value, at) => (ok(value) ? (value as Manifest[F]) : refuse(at, is))
}

function path(value: unknown, at: string): string {
  if (typeof value !== 'string' || pathProblem(value) !== undefined) return refuse(at, 'a safe path')
  return value === MANIFEST_FILE || /\.(ts|js|json)$/.test(value) ? value : refuse(at, 'the path of a source')
}

/** Names of fields and literals are data, which may be any text. */
function name(max: number): Shape<string> {
  return (value, at) => (typeof value === 'string' && value.length <= max ? value : refuse(at, 'a name'))
}

function literal(value: unknown, at: string): string | number | boolean {
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value
  return name(MAX_LITERAL_LENGTH)(value, at)
}
