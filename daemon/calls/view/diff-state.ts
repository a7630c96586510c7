/** What changed between two logical states (specs/state.md), as a list of changes that lead from one to the other. */
import type { Json } from '../../api/vocabulary.ts'
import { type Entry, partsOf, pointerOf } from './state-node.ts'

/** A side is absent where the path leads nowhere. */
export interface Change {
  /** JSON pointer (RFC 6901) */
  path: string
  from?: Json
  to?: Json
}

export interface DiffLimits {
  changes: number
  /** of all values together, in characters of their JSON text */
  bytes: number
}

/**
 * The changes in the order in which they are to be made: made one after the other they turn `a` into `b`, but for the order of
 * keys, of entries of a Map, and of members of a Set. Elements that a list lost have their places in `a`, last first, those that it
 * gained have their places in `b`, first first; all others are compared by place once the equal ends of both lists are put aside.
 *
 * `more`: there are further changes than the limits let through.
 */
export function diffState(a: Json, b: Json, limits: DiffLimits): { changes: Change[]; more: boolean } {
  const changes: Change[] = []
  let room = limits.bytes
  let more = false

  const add = (path: readonly string[], sides: { from?: Json; to?: Json }): void => {
    room -= JSON.stringify(sides).length
    if (more || changes.length >= limits.changes || room < 0) more = true
    else changes.push({ path: pointerOf(path), ...sides })
  }

  const compare = (from: Json, to: Json, path: readonly string[]): void => {
    if (more || from === to) return
    const [left, right] = [partsOf(from), partsOf(to)]
    const isAlike = left !== undefined && left.kind === right?.kind
    if (isAlike && left.items && right.items) {
      compareLists(left.items, right.items, path)
      compareEntries(left.own, right.own, path)
    } else if (isAlike && left.entries && right.entries && haveSameKeys(left.entries, right.entries))
      compareEntries(left.entries, right.entries, path)
    else if (!isSame(from, to)) add(path, { from, to })
  }

  const compareEntries = (left: Entries, right: Entries, path: readonly string[]): void => {
    for (const [name, { value: from }] of left) {
      const to = right.get(name)
      if (to === undefined) add([...path, name], { from })
      else compare(from, to.value, [...path, name])
    }
    for (const [name, { value: to }] of right) if (!left.has(name)) add([...path, name], { to })
  }

  const compareLists = (left: readonly Json[], right: readonly Json[], path: readonly string[]): void => {
    const shorter = Math.min(left.length, right.length)
    let start = 0
    while (start < shorter && isSame(left[start]!, right[start]!)) start++
    let equalEnd = 0
    while (equalEnd < shorter - start && isSame(left.at(-1 - equalEnd)!, right.at(-1 - equalEnd)!)) equalEnd++
    const [leftEnd, rightEnd] = [left.length - equalEnd, right.length - equalEnd]
    const both = Math.min(leftEnd, rightEnd)
    for (let i = start; i < both && !more; i++) compare(left[i]!, right[i]!, [...path, String(i)])
    for (let i = leftEnd - 1; i >= both && !more; i--) add([...path, String(i)], { from: left[i]! })
    for (let i = both; i < rightEnd && !more; i++) add([...path, String(i)], { to: right[i]! })
  }

  compare(a, b, [])
  return { changes, more }
}

type Entries = ReadonlyMap<string, Entry>

/** What goes by one name on both sides is one key: 7 here and "7" there are two. A new name is one of the content. */
function haveSameKeys(left: Entries, right: Entries): boolean {
  const holds = (entries: Entries, others: Entries): boolean =>
    [...entries].every(([name, { key, isOwn = false }]) => {
      const other = others.get(name)
      return other === undefined ? !isOwn : typeof key === typeof other.key && isOwn === (other.isOwn ?? false)
    })
  return holds(left, right) && holds(right, left)
}

/** Equal JSON, whatever the order of keys. */
function isSame(a: Json, b: Json): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]!))
  }
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key]!, b[key]!))
}
