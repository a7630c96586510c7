/** Values for people: on one line, or as a tree. */
import type { Json } from '../daemon/api/vocabulary.ts'
import { MAX_INLINE_CHARS, MAX_INLINE_DEPTH, MAX_INLINE_ITEMS, MAX_TREE_DEPTH } from './constants.ts'
import { grouped } from './format.ts'
import { type Field, type Shown, shownOf } from './shown.ts'
import { say, styled, type Text, toText } from './text.ts'

const PLAIN_KEY = /^[A-Za-z_$][\w$]*$/

/** `{name: "Ana", at: 2026-…}`, cut where it becomes long. */
export function inline(value: Json, max: number = MAX_INLINE_CHARS): string {
  const text = inlineAt(value, 0)
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`
}

/** `sign("Ana", "Hola")` */
export function inlineCall({ method, args }: { method: string; args: readonly Json[] }): string {
  const shown = args.slice(0, MAX_INLINE_ITEMS).map((arg) => inlineAt(arg, 1))
  const text = `${method}(${[...shown, ...(args.length > shown.length ? ['…'] : [])].join(', ')})`
  return text.length <= MAX_INLINE_CHARS ? text : `${text.slice(0, MAX_INLINE_CHARS - 2).toWellFormed()}…)`
}

/** A line for each leaf, indented below what holds it. */
export function tree(value: Json): Text[] {
  const shown = shownOf(value)
  return isEmpty(shown) ? [summary(shown)] : branches(shown, '', 0)
}

function branches(shown: Shown, indent: string, depth: number): Text[] {
  if (shown.kind === 'leaf') return [summary(shown)]
  const fields = shown.kind === 'fields' ? shown.fields : shown.own
  return [
    ...(shown.kind === 'items' ? shown.items.flatMap((item, at) => branch(say`${at}`, item, indent, depth)) : []),
    ...(shown.kind === 'entries'
      ? shown.entries.flatMap(([key, value]) => branch(say`${inline(key)} =>`, value, indent, depth, ''))
      : []),
    ...fields.flatMap(([key, value]) => branch(keyText(key), value, indent, depth)),
  ]
}

function branch(label: Text, value: Json, indent: string, depth: number, colon = ':'): Text[] {
  const shown = shownOf(value)
  const about = summary(shown)
  const line = about.width === 0 ? say`${indent}${label}${colon}` : say`${indent}${label}${colon} ${about}`
  if (isEmpty(shown)) return [line]
  const inner = `${indent}  `
  return [line, ...(depth >= MAX_TREE_DEPTH ? [say`${inner}…`] : branches(shown, inner, depth + 1))]
}

/** A leaf itself; of anything else what it is and how much of it. */
function summary(shown: Shown): Text {
  if (shown.kind === 'leaf') return shown.aside ? styled('dim', shown.text) : toText(shown.text)
  if (shown.kind !== 'fields') {
    const name = shown.kind === 'entries' ? 'Map' : shown.name
    if (isEmpty(shown)) return toText([shown.type, name, name === '' ? '[]' : '{}'].filter(Boolean).join(' '))
    const size = (shown.kind === 'entries' ? shown.entries : shown.items).length
    const about = styled('dim', `${name || 'array'} of ${grouped(size)}`)
    return shown.type === '' ? about : say`${styled('cyan', shown.type)}${styled('dim', ',')} ${about}`
  }
  if (isEmpty(shown)) return toText(shown.name === '' ? '{}' : `${shown.name} {}`)
  return shown.name === '' ? say`` : styled('cyan', shown.name)
}

function isEmpty(shown: Shown): boolean {
  if (shown.kind === 'leaf') return true
  if (shown.kind === 'fields') return shown.fields.length === 0
  return (shown.kind === 'items' ? shown.items : shown.entries).length === 0 && shown.own.length === 0
}

function keyText(key: string): Text {
  return toText(PLAIN_KEY.test(key) ? key : JSON.stringify(key))
}

function inlineAt(value: Json, depth: number): string {
  const shown = shownOf(value)
  if (shown.kind === 'leaf') return shown.aside ? `[${clipped(shown.text)}]` : clipped(shown.text)
  const deep = depth >= MAX_INLINE_DEPTH
  const field = ([key, inner]: Field): string => `${keyText(key).render(false)}: ${inlineAt(inner, depth + 1)}`
  const entry = ([key, inner]: readonly [Json, Json]): string =>
    `${inlineAt(key, depth + 1)} => ${inlineAt(inner, depth + 1)}`
  if (shown.kind === 'fields')
    return `${shown.name === '' ? '' : `${shown.name} `}{${listed(shown.fields, deep, field)}}`
  const content =
    shown.kind === 'items'
      ? listed(shown.items, deep, (item) => inlineAt(item, depth + 1))
      : listed(shown.entries, deep, entry)
  const inner = [content, listed(shown.own, deep, field)].filter(Boolean).join(', ')
  const name = shown.kind === 'entries' ? 'Map' : shown.name
  return [shown.type, name, name === '' ? `[${inner}]` : `{${inner}}`].filter(Boolean).join(' ')
}

function listed<T>(items: readonly T[], deep: boolean, show: (item: T) => string): string {
  const shown = deep ? [] : items.slice(0, MAX_INLINE_ITEMS).map(show)
  return [...shown, ...(items.length > shown.length ? ['…'] : [])].join(', ')
}

function clipped(text: string): string {
  return text.length <= MAX_INLINE_CHARS ? text : `${text.slice(0, MAX_INLINE_CHARS - 1).toWellFormed()}…`
}
