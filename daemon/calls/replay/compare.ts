/** Where what a host signed and what was found here part. Pure. */
import type { Mismatch } from '../../api/vocabulary.ts'
import type { CallRecord } from '../../store/types.ts'
import { LINE } from '../../vm/constants.ts'
import type { Delta, Outcome } from '../../vm/types.ts'
import { MISMATCH_TEXT } from '../constants.ts'
import { encodeEvents } from '../events.ts'

/** A mismatch, before it is said of which commit. */
export type Difference = Omit<Mismatch, 'commit' | 'seq'>

const decoder = new TextDecoder()
const NOTHING = new Uint8Array(0)

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const brief = (text: string): string => (text.length <= MISMATCH_TEXT ? text : `${text.slice(0, MISMATCH_TEXT)}...`)

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** @param call its place in the commit; null: the commit as a whole */
export function difference(what: string, call: number | null, expected: unknown, found: unknown): Difference {
  return { what, call, expected: brief(String(expected)), found: brief(String(found)) }
}

/** Two texts, shown from shortly before where they part. */
function textDifference(what: string, call: number, expected: Uint8Array, found: Uint8Array): Difference | undefined {
  if (isSame(expected, found)) return undefined
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

export function compareDelta(expected: Delta, found: Delta): Difference | undefined {
  const differ = (left: unknown, right: unknown): Difference => difference('delta', null, left, right)
  if (expected.pages !== found.pages) return differ(`${expected.pages} pages`, `${found.pages} pages`)
  if (String(expected.globals) !== String(found.globals))
    return differ(`registers ${expected.globals}`, `registers ${found.globals}`)
  if (isSame(linesOf(expected), linesOf(found)) && isSame(expected.bytes, found.bytes)) return undefined
  const lines = Math.max(expected.lines.length, found.lines.length)
  for (let i = 0; i < lines; i++) {
    const [left, right] = [lineAt(expected, i), lineAt(found, i)]
    if (left !== right) return differ(left, right)
  }
  return undefined
}

const linesOf = ({ lines }: Delta): Uint8Array => new Uint8Array(lines.buffer, lines.byteOffset, lines.byteLength)

function lineAt({ lines, bytes }: Delta, i: number): string {
  if (i >= lines.length) return 'no further line'
  return `line ${lines[i]}: ${hex(bytes.subarray(i * LINE, (i + 1) * LINE))}`
}

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
