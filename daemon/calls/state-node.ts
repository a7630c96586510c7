/** How a place in a logical state is named: a field by its name, an element by its index, an entry of a Map by its key. */
import type { Json } from '../api/vocabulary.ts'

/** What has parts that can be named; all else is one value. */
export type StateNode =
  | { items: readonly Json[]; entries?: undefined }
  /** `kind`: `object`, `map`, `set`, or `class NAME` */
  | { kind: string; entries: ReadonlyMap<string, Json>; items?: undefined }

type Tagged = Record<string, (content: Json) => StateNode | undefined>

const isPairs = (json: Json): json is [Json, Json][] =>
  Array.isArray(json) && json.every((pair) => Array.isArray(pair) && pair.length === 2)

const isPlain = (json: Json | undefined): json is { [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

const TAGGED: Tagged = {
  map: (json) =>
    isPairs(json) ? { kind: 'map', entries: new Map(json.map(([key, value]) => [keyToken(key), value])) } : undefined,
  set: (json) =>
    Array.isArray(json) ? { kind: 'set', entries: new Map(json.map((item) => [keyToken(item), item])) } : undefined,
  object: (json) =>
    isPairs(json) ? { kind: 'object', entries: new Map(json.map(([key, value]) => [String(key), value])) } : undefined,
  class: (json) => {
    const [name, fields] = Array.isArray(json) ? json : []
    if (typeof name !== 'string' || !isPlain(fields)) return undefined
    return { kind: `class ${name}`, entries: fieldsOf(fields) }
  },
}

/** The parts of a value of state JSON; undefined if it has none. */
export function entriesOf(json: Json): StateNode | undefined {
  if (Array.isArray(json)) return { items: json }
  if (!isPlain(json)) return undefined
  if (!Object.hasOwn(json, '/')) return { kind: 'object', entries: fieldsOf(json) }
  const tagged = json['/']
  const [tag, content] = isPlain(tagged) ? (Object.entries(tagged)[0] ?? []) : []
  return tag !== undefined && Object.hasOwn(TAGGED, tag) ? TAGGED[tag]!(content!) : undefined
}

/** The fields of an object; one whose keys need the tag `object` is an object like any other. */
function fieldsOf(json: { [key: string]: Json }): ReadonlyMap<string, Json> {
  const inner = Object.hasOwn(json, '/') ? entriesOf(json) : undefined
  if (inner?.items === undefined && inner?.kind === 'object') return inner.entries
  return new Map(Object.entries(json))
}

/** Text that could stand for a key of another type. */
const READS_AS_JSON = /^(?:["[{]|-?\d|true$|false$|null$)/

/** The key of a Map as a part of a path: a string as it is, unless it reads like another key; any other by its JSON text. */
export function keyToken(key: Json): string {
  return typeof key === 'string' && !READS_AS_JSON.test(key) ? key : JSON.stringify(key)
}

/** RFC 6901. */
export function pointerOf(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
