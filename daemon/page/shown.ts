/** What a value in its JSON encoding is to the eye: the tags of specs/values.md and specs/state.md read, one level at a time. */
import type { PageJson } from './types.ts'

export type Shown =
  /** all there is to say; `aside`: it stands for something that is no data */
  | { kind: 'leaf'; text: string; aside: boolean }
  /** `name`: `array` or `Set` */
  | { kind: 'items'; name: string; items: readonly PageJson[] }
  | { kind: 'entries'; entries: readonly (readonly [PageJson, PageJson])[] }
  /** `name`: the class, or '' */
  | { kind: 'fields'; name: string; fields: readonly (readonly [string, PageJson])[] }

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
  set: (content) => (Array.isArray(content) ? { kind: 'items', name: 'Set', items: content } : undefined),
  map: (content) => (isPairs(content) ? { kind: 'entries', entries: content } : undefined),
  object: (content) =>
    isPairs(content)
      ? { kind: 'fields', name: '', fields: content.map(([key, value]) => [String(key), value]) }
      : undefined,
  class: (content) => {
    if (!Array.isArray(content) || content.length !== 2 || typeof content[0] !== 'string') return undefined
    const inner = shownOf(content[1]!)
    return inner.kind === 'fields' ? { ...inner, name: content[0] } : undefined
  },
}

/** What is in no known form is shown as the object that it is. */
export function shownOf(value: PageJson): Shown {
  if (value === null || typeof value !== 'object') return leaf(JSON.stringify(value) ?? 'nothing')
  if (Array.isArray(value)) return { kind: 'items', name: 'array', items: value }
  return taggedIn(value) ?? { kind: 'fields', name: '', fields: Object.entries(value) }
}

/** How many parts it has; 0 for a leaf. */
export function sizeOf(shown: Shown): number {
  if (shown.kind === 'leaf') return 0
  return (shown.kind === 'items' ? shown.items : shown.kind === 'entries' ? shown.entries : shown.fields).length
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
