/** References in a logical state (specs/state.md) as people read them: by names, as paths are, and not by places in the text. */
import { isRecord } from './is-record.ts'
import type { Json } from './types.ts'

type Fields = { [key: string]: Json }

/**
 * The same state, with each `ref` a pointer of names, like the path of a change: `/posts/ana/0` in place of
 * `/posts/~1/map/0/1/0`. A Date that stands in several places is written at each. What leads nowhere, or through what has no
 * short name, stays as it is. Costs time in proportion to the text, and to the depth of each reference.
 *
 * @param path where the state was taken from: names begin there
 */
export function nameRefs(state: Json, path: readonly string[] = []): Json {
  const renamed = (json: Json): Json => {
    const pointer = refIn(json)
    const place = pointer === undefined ? undefined : placeOf(state, keysOf(pointer))
    if (place === undefined) return json
    return tagOf(place.value) === 'date' ? place.value : { '/': { ref: pointerOf([...path, ...place.names]) } }
  }

  // not by recursion: a state nests as deep as its author likes
  const copied: Json[] = [renamed(state)]
  const waiting: Parent[] = [copied]
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    for (const [key, child] of Object.entries(parent)) {
      if (typeof child !== 'object' || child === null) continue
      const copy = Array.isArray(child) ? child.map(renamed) : copyOf(child, renamed)
      Object.defineProperty(parent, key, { value: copy, enumerable: true, writable: true, configurable: true })
      waiting.push(copy)
    }
  }
  return copied[0]!
}

type Parent = Json[] | Fields

const copyOf = (fields: Fields, change: (json: Json) => Json): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value)]))

interface Place {
  names: string[]
  value: Json
}

/** Longer keys of a Map are not names. */
const MAX_NAME_CHARS = 256

function placeOf(state: Json, keys: readonly string[]): Place | undefined {
  const names: string[] = []
  let value: Json | undefined = state
  for (let at = 0; at < keys.length; ) {
    const step = stepOf(value, keys.slice(at, at + 4))
    if (step === undefined) return undefined
    if (step.name !== undefined) names.push(step.name)
    value = step.value
    at += step.length
  }
  return value === undefined ? undefined : { names, value }
}

interface Step {
  /** absent for a step inside of what has one name */
  name?: string
  value: Json | undefined
  /** keys of the pointer that it takes */
  length: number
}

function stepOf(
  value: Json | undefined,
  [first = '', tag = '', third = '', fourth]: readonly string[],
): Step | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return { name: first, value: value[Number(first)], length: 1 }
  if (!Object.hasOwn(value, '/'))
    return Object.hasOwn(value, first) ? { name: first, value: value[first], length: 1 } : undefined
  const content = (value['/'] as Fields | undefined)?.[tag]
  const inner = Array.isArray(content) ? content[Number(third)] : undefined
  if (tag === 'class') return { value: inner, length: 3 }
  if (tag === 'set') return { name: third, value: inner, length: 3 }
  if ((tag !== 'map' && tag !== 'object') || !Array.isArray(inner) || fourth !== '1') return undefined
  const name = nameOf(inner[0]!)
  return name.length > MAX_NAME_CHARS ? undefined : { name, value: inner[1], length: 4 }
}

const nameOf = (key: Json): string => (typeof key === 'string' ? key : JSON.stringify(key))

function tagOf(json: Json): string | undefined {
  if (!isRecord(json)) return undefined
  const inner = Object.keys(json).length === 1 ? json['/'] : undefined
  if (!isRecord(inner)) return undefined
  const tags = Object.keys(inner)
  return tags.length === 1 ? tags[0] : undefined
}

function refIn(json: Json): string | undefined {
  const pointer = tagOf(json) === 'ref' ? ((json as Fields)['/'] as Fields)['ref'] : undefined
  return typeof pointer === 'string' ? pointer : undefined
}

/** RFC 6901. */
const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const pointerOf = (keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
