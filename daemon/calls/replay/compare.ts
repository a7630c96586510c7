/** Where what a host signed and what was found here part. Pure. */
import type { Mismatch } from '../../api/vocabulary.ts'
import { sameBytes } from '../../store/block.ts'
import type { CallRecord, SparseDelta } from '../../store/commit-types.ts'
import { LINE_MASK, WORD } from '../../store/constants.ts'
import { isSameChange, wordCount, wordsUnder } from '../../store/sparse-delta.ts'
import { LINE } from '../../vm/constants.ts'
import type { Delta, Outcome } from '../../vm/types.ts'
import { MISMATCH_TEXT } from '../constants.ts'
import { encodeEvents } from '../stream/events.ts'

/** A mismatch, before it is said of which commit. */
export type Difference = Omit<Mismatch, 'commit' | 'seq'>

const decoder = new TextDecoder()
const NOTHING = new Uint8Array(0)

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const brief = (text: string): string => (text.length <= MISMATCH_TEXT ? text : `${text.slice(0, MISMATCH_TEXT)}...`)

/** @param call its place in the commit; null: the commit as a whole */
export function difference(what: string, call: number | null, expected: unknown, found: unknown): Difference {
  return { what, call, expected: brief(String(expected)), found: brief(String(found)) }
}

/** Two texts, shown from shortly before where they part. */
function textDifference(what: string, call: number, expected: Uint8Array, found: Uint8Array): Difference | undefined {
  if (sameBytes(expected, found)) return undefined
  const [left, right] = [decoder.decode(expected), decoder.decode(found)]
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  const from = Math.max(0, at - MISMATCH_TEXT / 4)
  const shown = (text: string): string => (from === 0 ? text : `...${text.slice(from)}`)
  return difference(what, call, shown(left), shown(right))
}

/** The record of a call, and what executing it here gave. */
export function compareCall(call: number, record: CallRecord, outcome: Outcome): Difference | undefined {
  if (!outcome.ok) {
    const { code, message } = outcome.error
    return difference('failed', call, decoder.decode(record.result), `${code}: ${message}`)
  }
  const different = textDifference('result', call, record.result, outcome.result)
  if (different) return different
  if (record.gas !== outcome.gas) return difference('gas', call, record.gas, outcome.gas)
  return textDifference('events', call, record.events ?? NOTHING, encodeEvents(outcome.events) ?? NOTHING)
}

/** @param expected as it was signed: of each line only what changed */
export function compareDelta(expected: SparseDelta, found: Delta): Difference | undefined {
  const differ = (left: unknown, right: unknown): Difference => difference('delta', null, left, right)
  if (expected.pages !== found.pages) return differ(`${expected.pages} pages`, `${found.pages} pages`)
  if (String(expected.globals) !== String(found.globals))
    return differ(`registers ${expected.globals}`, `registers ${found.globals}`)
  if (isSameChange(expected, found)) return undefined
  const lines = Math.max(expected.lines.length, found.lines.length)
  for (let i = 0, taken = 0; i < lines; i++) {
    const mask = expected.masks.subarray(i * LINE_MASK, (i + 1) * LINE_MASK)
    const end = taken + wordCount(mask) * WORD
    const left = lineAt(expected.lines, i, expected.words.subarray(taken, end))
    const right = lineAt(found.lines, i, wordsUnder(mask, found.bytes.subarray(i * LINE, (i + 1) * LINE)))
    if (left !== right) return differ(left, right)
    taken = end
  }
  return undefined
}

const lineAt = (lines: Uint32Array, i: number, changed: Uint8Array): string =>
  i >= lines.length ? 'no further line' : `line ${lines[i]}: ${hex(changed)}`

/** The changes of pieces of a group as one, as the whole group would have given it: the last word on each line. */
export function joinDeltas(deltas: readonly Delta[]): Delta {
  const [only] = deltas
  if (deltas.length === 1) return only!
  const byLine = new Map<number, Uint8Array>()
  for (const { lines, bytes } of deltas) {
    for (const [i, line] of lines.entries()) byLine.set(line, bytes.subarray(i * LINE, (i + 1) * LINE))
  }
  const lines = Uint32Array.from(byLine.keys()).sort()
  const bytes = new Uint8Array(lines.length * LINE)
  for (const [i, line] of lines.entries()) bytes.set(byLine.get(line)!, i * LINE)
  const { pages, globals } = deltas.at(-1)!
  return { lines, bytes, pages, globals }
}
