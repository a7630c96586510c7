/** What a value in its JSON encoding is to the eye: the tags of specs/values.md and specs/state.md read, one level at a time. */
import type { Json } from '../daemon/api/vocabulary.ts'

export type Shown =
  /** all there is to say; `aside`: it stands for something that is no data */
  | { kind: 'leaf'; text: string; aside: boolean }
  /** `name`: `Set`, or '' for an array */
  | ({ kind: 'items'; name: string; items: readonly Json[] } & Container)
  | ({ kind: 'entries'; entries: readonly (readonly [Json, Json])[] } & Container)
  /** `name`: the class, or '' */
  | { kind: 'fields'; name: string; fields: readonly Field[] }

export type Field = readonly [name: string, value: Json]

/** What an instance of a class that extends a container has besides its content. */
export interface Container {
  /** the class, or '' */
  type: string
  own: readonly Field[]
}

const PLAIN: Container = { type: '', own: [] }

type Fields = { readonly [key: string]: Json }

const leaf = (text: string): Shown => ({ kind: 'leaf', text, aside: false })
const aside = (text: string): Shown => ({ kind: 'leaf', text, aside: true })

/** tag: what it stands for; undefined where its content is not as it has to be */
const TAGS: { readonly [tag: string]: (content: Json) => Shown | undefined } = {
  bigint: (content) => (typeof content === 'string' ? leaf(`${content}n`) : undefined),
  number: (content) => (typeof content === 'string' ? leaf(content) : undefined),
  date: (content) => (typeof content === 'string' ? leaf(content) : undefined),
  bytes: (content) => (typeof content === 'string' ? leaf(`bytes(${bytesIn(content)}) ${content}`) : undefined),
  undefined: () => aside('undefined'),
  function: (content) => (typeof content === 'string' ? aside(`function ${content}`.trimEnd()) : undefined),
  ref: (content) => (typeof content === 'string' ? aside(`the same as ${content === '' ? '/' : content}`) : undefined),
  opaque: (content) => (typeof content === 'string' ? aside(`${content}, which cannot be shown`) : undefined),
  set: (content) => (Array.isArray(content) ? { kind: 'items', name: 'Set', items: content, ...PLAIN } : undefined),
  map: (content) => (isPairs(content) ? { kind: 'entries', entries: content, ...PLAIN } : undefined),
  object: (content) =>
    isPairs(content)
      ? { kind: 'fields', name: '', fields: content.map(([key, value]) => [String(key), value]) }
      : undefined,
  class: (content) => {
    const [name, inner, own = {}, ...more] = Array.isArray(content) ? content : []
    const fields = shownOf(own)
    if (typeof name !== 'string' || inner === undefined || fields.kind !== 'fields' || more.length > 0) return undefined
    return instance(name, shownOf(inner), fields.fields)
  },
}

/** What is in no known form is shown as the object that it is. */
export function shownOf(value: Json): Shown {
  if (value === null || typeof value !== 'object') return leaf(JSON.stringify(value))
  if (Array.isArray(value)) return { kind: 'items', name: '', items: value, ...PLAIN }
  return taggedIn(value) ?? { kind: 'fields', name: '', fields: Object.entries(value) }
}

/** What a class extends, under the name of the class; a built-in with fields of its own goes by its own name. */
function instance(name: string, inner: Shown, own: readonly Field[]): Shown {
  if (inner.kind === 'fields') return { ...inner, name, fields: [...inner.fields, ...own] }
  if (inner.kind !== 'leaf') return { ...inner, type: name === 'Map' || name === 'Set' ? '' : name, own }
  const text = name === 'Date' ? inner.text : `${name} ${inner.text}`
  return own.length === 0 ? { ...inner, text } : { kind: 'fields', name: text, fields: own }
}

function taggedIn(value: Fields): Shown | undefined {
  const inner = Object.keys(value).length === 1 ? value['/'] : undefined
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined
  const [tag = '', ...more] = Object.keys(inner)
  return more.length === 0 && Object.hasOwn(TAGS, tag) ? TAGS[tag]!(inner[tag]!) : undefined
}

function isPairs(content: Json): content is [Json, Json][] {
  return Array.isArray(content) && content.every((pair) => Array.isArray(pair) && pair.length === 2)
}

const bytesIn = (base64: string): number => Math.floor((base64.replace(/=+$/, '').length * 3) / 4)
