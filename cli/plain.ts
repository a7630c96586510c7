/** Results for people: the tagged forms of specs/values.md without their tags. Programs take `--json`, which keeps them. */
import type { Json } from '../daemon/api/vocabulary.ts'

/** tag: what stands for its content */
const UNTAG: Record<string, (content: Json) => Json> = {
  bytes: (content) => content,
  bigint: (content) => `${content}n`,
  date: (content) => content,
  number: (content) => content,
  map: (content) => entriesOf(content).map(([key, value]) => [plain(key), plain(value)]),
  set: (content) => (Array.isArray(content) ? content.map(plain) : content),
  object: (content) => Object.fromEntries(entriesOf(content).map(([key, value]) => [String(key), plain(value)])),
}

/** A value as a person would write it down. What is in no known form stays as it is. */
export function plain(value: Json): Json {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value)
  const tagged = keys.length === 1 && keys[0] === '/' ? value['/'] : undefined
  if (typeof tagged === 'object' && tagged !== null && !Array.isArray(tagged)) {
    const [tag = '', ...more] = Object.keys(tagged)
    if (more.length === 0 && Object.hasOwn(UNTAG, tag)) return UNTAG[tag]!(tagged[tag]!)
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

/** A number that JSON has no word for, as it is written: `700`, `NaN`. undefined for every other value. */
export function bareNumber(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const tagged = value['/']
  if (Object.keys(value).length !== 1 || typeof tagged !== 'object' || tagged === null || Array.isArray(tagged))
    return undefined
  const [[tag, content] = [], ...more] = Object.entries(tagged)
  const isNumber = more.length === 0 && (tag === 'bigint' || tag === 'number')
  return isNumber && typeof content === 'string' ? content : undefined
}

function entriesOf(content: Json): [Json, Json][] {
  if (!Array.isArray(content)) return []
  return content.filter((entry): entry is [Json, Json] => Array.isArray(entry) && entry.length === 2)
}
