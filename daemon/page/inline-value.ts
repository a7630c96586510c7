/** Values on one line, cut where they become long. */
import { MAX_INLINE_DEPTH, MAX_INLINE_ITEMS, MAX_LINE_LENGTH } from './constants.ts'
import { clip } from './format.ts'
import { type Field, type Shown, shownOf } from './shown.ts'
import type { PageJson } from './types.ts'

/** `{name: "Ana", tags: Set {"x"}}` */
export function inlineValue(value: PageJson): string {
  return clip(inlineAt(value, 0), MAX_LINE_LENGTH)
}

/** `sign("Ana", 5n)` */
export function inlineCall({ method, args }: { method: string; args: readonly PageJson[] }): string {
  return clip(`${clip(method, 64)}(${listed(args, false, (arg) => inlineAt(arg, 1))})`, MAX_LINE_LENGTH)
}

function inlineAt(value: PageJson, depth: number): string {
  const shown = shownOf(value)
  return shown.kind === 'leaf' ? clip(shown.text, MAX_LINE_LENGTH) : bracketed(shown, depth)
}

function bracketed(shown: Exclude<Shown, { kind: 'leaf' }>, depth: number): string {
  const deep = depth >= MAX_INLINE_DEPTH
  const inner = (value: PageJson): string => inlineAt(value, depth + 1)
  const field = ([key, value]: Field): string => `${clip(key, 64)}: ${inner(value)}`
  if (shown.kind === 'fields')
    return `${shown.name === '' ? '' : `${clip(shown.name, 64)} `}{${listed(shown.fields, deep, field)}}`
  const content =
    shown.kind === 'items'
      ? listed(shown.items, deep, inner)
      : listed(shown.entries, deep, ([key, value]) => `${inner(key)} => ${inner(value)}`)
  const all = [content, listed(shown.own, deep, field)].filter(Boolean).join(', ')
  const isArray = shown.kind === 'items' && shown.name === 'array'
  const name = shown.kind === 'entries' ? 'Map' : isArray ? '' : shown.name
  return [clip(shown.type, 64), name, isArray ? `[${all}]` : `{${all}}`].filter(Boolean).join(' ')
}

function listed<T>(items: readonly T[], deep: boolean, show: (item: T) => string): string {
  const shown = deep ? [] : items.slice(0, MAX_INLINE_ITEMS).map(show)
  return [...shown, ...(items.length > shown.length ? ['…'] : [])].join(', ')
}
