/** What a value in its JSON encoding is to the eye: the tags of specs/values.md and specs/state.md read, one level at a time. */
import type { PageJson } from './types.ts'

export type Shown =
  /** all there is to say; `aside`: it stands for something that is no data */
  | { kind: 'leaf'; text: string; aside: boolean }
  /** `name`: `array` or `Set` */
  | ({ kind: 'items'; name: string; items: readonly PageJson[] } & Container)
  | ({ kind: 'entries'; entries: readonly (readonly [PageJson, PageJson])[] } & Container)
  /** `name`: the class, or '' */
  | { kind: 'fields'; name: string; fields: readonly Field[] }

export type Field = readonly [name: string, value: PageJson]

/** What an instance of a class that extends a container has besides its content. */
export interface Container {
  /** the class, or '' */
  type: string
  own: readonly Field[]
}

const PLAIN: Container = { type: '', own: [] }

const leaf = (text: string): Shown => ({ kind: 'leaf', text, aside: false })
const aside = (text: string): Shown => ({ kind: 'leaf', text, aside: true })

type Reader = (content: PageJson) => Shown | undefined

/** For tags whose content is text. */
const text =
  (read: (content: string) => Shown): Reader =>
  (content) =>
    typeof content === 'string' ? read(content) : undefined

/** tag: what it stands for; undefined where its content is not as it has to be */
const TAGS: { readonly [tag: string]: Reader } = {
  bigint: text((content) => leaf(`${content}n`)),
  number: text(leaf),
  date: text(leaf),
  bytes: text((content) => leaf(`bytes ${content}`)),
  undefined: () => aside('undefined'),
  function: text((content) => aside(`function ${content}`.trimEnd())),
  ref: text((content) => aside(`the same as ${content === '' ? '/' : content}`)),
  opaque: text((content) => aside(`${content}, which cannot be shown`)),
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
export function shownOf(value: PageJson): Shown {
  if (value === null || typeof value !== 'object') return leaf(JSON.stringify(value) ?? 'nothing')
  if (Array.isArray(value)) return { kind: 'items', name: 'array', items: value, ...PLAIN }
  return taggedIn(value) ?? { kind: 'fields', name: '', fields: Object.entries(value) }
}

/** How many parts it has; 0 for a leaf. */
export function sizeOf(shown: Shown): number {
  if (shown.kind === 'leaf') return 0
  if (shown.kind === 'fields') return shown.fields.length
  return contentOf(shown).length + shown.own.length
}

/** How much a container holds. */
export function contentOf(shown: Extract<Shown, Container>): readonly unknown[] {
  return shown.kind === 'items' ? shown.items : shown.entries
}

/** What a class extends, under the name of the class; a built-in with fields of its own goes by its own name. */
function instance(name: string, inner: Shown, own: readonly Field[]): Shown {
  if (inner.kind === 'fields') return { ...inner, name, fields: [...inner.fields, ...own] }
  if (inner.kind !== 'leaf') return { ...inner, type: name === 'Map' || name === 'Set' ? '' : name, own }
  const said = name === 'Date' ? inner.text : `${name} ${inner.text}`
  return own.length === 0 ? { ...inner, text: said } : { kind: 'fields', name: said, fields: own }
}

function taggedIn(value: { readonly [key: string]: PageJson }): Shown | undefined {
  const inner = Object.keys(value).length === 1 ? value['/'] : undefined
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined
  const [tag = '', ...more] = Object.keys(inner)
  return more.length === 0 && Object.hasOwn(TAGS, tag) ? TAGS[tag]!(inner[tag]!) : undefined
}

function isPairs(content: PageJson): content is [PageJson, PageJson][] {
  return Array.isArray(content) && content.every((pair) => Array.isArray(pair) && pair.length === 2)
}
