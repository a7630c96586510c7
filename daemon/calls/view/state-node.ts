/** How a place in a logical state is named: a field by its name, an element by its index, an entry of a Map by its key. */
import type { Json } from '../../api/vocabulary.ts'

/** What has parts that can be named; all else is one value. Of two values with one `kind` the parts can be compared. */
export type StateNode =
  /** `own`: what a list has besides its elements */
  | { kind: string; items: readonly Json[]; own: ReadonlyMap<string, Entry>; entries?: undefined }
  | { kind: string; entries: ReadonlyMap<string, Entry>; items?: undefined }

export interface Entry {
  /** of a Map; the value itself of a Set */
  key: Json
  value: Json
  /** a field that stands beside what a container holds */
  isOwn?: boolean
}

const isPairs = (json: Json): json is [Json, Json][] =>
  Array.isArray(json) && json.every((pair) => Array.isArray(pair) && pair.length === 2)

const isPlain = (json: Json | undefined): json is { [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** The parts of a value of state JSON (specs/state.md); undefined if it has none, or none that can be told apart by name. */
export function partsOf(json: Json): StateNode | undefined {
  if (Array.isArray(json)) return { kind: 'array', items: json, own: new Map() }
  if (!isPlain(json)) return undefined
  if (!Object.hasOwn(json, '/')) return named('object', Object.entries(json))
  const tagged = json['/']
  const [tag, content] = isPlain(tagged) ? (Object.entries(tagged)[0] ?? []) : []
  return tag !== undefined && Object.hasOwn(TAGGED, tag) ? TAGGED[tag]!(content!) : undefined
}

const TAGGED: Record<string, (content: Json) => StateNode | undefined> = {
  map: (json) => (isPairs(json) ? named('map', json) : undefined),
  set: (json) =>
    Array.isArray(json)
      ? named(
          'set',
          json.map((item): [Json, Json] => [item, item]),
        )
      : undefined,
  object: (json) => (isPairs(json) ? named('object', json) : undefined),
  class: (json) => {
    const [name, content, own = {}] = Array.isArray(json) && json.length >= 2 && json.length <= 3 ? json : []
    const inner = content === undefined ? undefined : partsOf(content)
    const fields = partsOf(own)?.entries
    return inner && fields && withFields({ ...inner, kind: `class ${String(name)} ${inner.kind}` }, fields)
  },
}

/** Fields stand beside what a container holds; undefined if one goes by the name of something in it. */
function withFields(node: StateNode, fields: ReadonlyMap<string, Entry>): StateNode | undefined {
  const names = [...fields.keys()]
  if (node.items) return names.some((name) => /^\d+$/.test(name)) ? undefined : { ...node, own: fields }
  if (names.some((name) => node.entries.has(name))) return undefined
  const own = names.map((name) => [name, { ...fields.get(name)!, isOwn: true }] as const)
  return { ...node, entries: new Map([...node.entries, ...own]) }
}

function named(kind: string, pairs: readonly [Json, Json][]): StateNode | undefined {
  const entries = new Map(pairs.map(([key, value]) => [tokenOf(key), { key, value }]))
  // 7 and "7" go by one name: then only the whole can be spoken of
  return entries.size === pairs.length ? { kind, entries } : undefined
}

/** A key as a part of a path: a string as it is, anything else by its JSON text. */
function tokenOf(key: Json): string {
  return typeof key === 'string' ? key : JSON.stringify(key)
}

/** RFC 6901. */
export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
