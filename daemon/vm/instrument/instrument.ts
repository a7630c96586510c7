/**
 * Rewrites a WebAssembly module once, so that its host can meter it and knows which memory it touched. See specs/vm.md.
 *
 * - gas: every instruction is paid for out of the exported i64 global `gas`, those that run equally often together;
 *   entries of functions that call others, and loop heads, trap when it is negative. Whatever repeats passes one of the two.
 * - pause: entries of functions that call others and have loops call the host when the gas is below the exported i64 global `pause`,
 *   through the only element of the exported table `paused`. Its function may throw, which ends what runs.
 * - marks: every store and bulk operation sets one byte per touched line in a second memory, exported as `marks`.
 * - size: the memory gets its maximum at once and never grows. The exported i32 global `pages` stands for its size, so that
 *   a put-back can shrink it and a view of the memory stays valid for ever.
 * - NaN is made canonical wherever its bits can be seen, because processors disagree about them.
 *
 * Everything is added behind what exists, so no index changes. What the instrumenter does not know is an error.
 */
import { LINE, WASM_PAGE } from '../constants.ts'
import { askFunction, growFunction, touchFunction } from './added-functions.ts'
import { type Facts, HEADER, type RawSection, readFacts, readSections } from './facts.ts'
import { ExternKind, FUNCTION_REFERENCE, FUNCTION_TYPE, Op, Section, ValueType } from './opcodes.ts'
import { Reader } from './reader.ts'
import { type Places, rewriteFunction } from './rewrite-function.ts'
import { Writer } from './writer.ts'

export interface InstrumentInit {
  /** size of the memory, in pages of 64 KiB */
  maxPages: number
  /** custom sections to append; they travel with the module and count for its hash */
  sections?: readonly { name: string; bytes: Uint8Array }[]
}

const { i32, i64 } = ValueType
/** what the gas global holds until the host sets it: no limit */
const UNMETERED = 2n ** 62n
const WITH_MAXIMUM = 1

/** @throws VmError ENGINE_UNSUPPORTED */
export function instrument(wasm: Uint8Array, { maxPages, sections = [] }: InstrumentInit): Uint8Array {
  const raw = readSections(wasm)
  const facts = readFacts(raw)
  const places: Places = {
    touch: facts.functions.length,
    grow: facts.functions.length + 1,
    ask: facts.functions.length + 2,
    asked: { type: facts.types.length + 2, table: facts.tables },
    gas: facts.globals.length,
    pages: facts.globals.length + 1,
    pause: facts.globals.length + 2,
  }
  const rewrites: Record<number, (body: Uint8Array) => Uint8Array> = {
    [Section.type]: (body) => appended(body, 3, addedTypes()),
    [Section.function]: (body) => appended(body, 3, addedDeclarations(facts)),
    [Section.table]: (body) => appended(body, 1, addedTable()),
    [Section.memory]: () => memories(maxPages),
    [Section.global]: (body) => appended(body, 3, addedGlobals(facts)),
    [Section.export]: (body) => addExports(body, facts, places),
    [Section.code]: (body) => rewriteCode(body, facts, places, maxPages),
  }
  const out = new Writer().raw(wasm.subarray(0, HEADER))
  for (const { id, body } of withTables(raw)) out.byte(id).sized(rewrites[id]?.(body) ?? body)
  for (const { name, bytes } of sections) out.byte(Section.custom).sized(new Writer().text(name).raw(bytes).bytes())
  return out.bytes().slice()
}

/** Pages of the second memory: a byte per line, and room for the mark behind the last line. */
function markPages(maxPages: number): number {
  return Math.ceil((maxPages * WASM_PAGE) / LINE / WASM_PAGE) + 1
}

function addedTypes(): Writer {
  return new Writer().byte(FUNCTION_TYPE, 2, i32, i32, 0).byte(FUNCTION_TYPE, 1, i32, 1, i32).byte(FUNCTION_TYPE, 0, 0)
}

function addedTable(): Writer {
  return new Writer().byte(FUNCTION_REFERENCE, WITH_MAXIMUM, 1, 1)
}

/** A module without a table gets an empty section for the one that is added. */
function withTables(raw: readonly RawSection[]): readonly RawSection[] {
  if (raw.some(({ id }) => id === Section.table)) return raw
  const at = raw.findIndex(({ id }) => id === Section.memory)
  return raw.toSpliced(at, 0, { id: Section.table, body: Uint8Array.of(0) })
}

function addedDeclarations({ types }: Facts): Writer {
  return new Writer()
    .unsigned(types.length)
    .unsigned(types.length + 1)
    .unsigned(types.length + 2)
}

function addedGlobals({ initialPages }: Facts): Writer {
  const out = new Writer().byte(i64, 1, Op.i64Const).signed(UNMETERED).byte(Op.end)
  out.byte(i32, 1, Op.i32Const).signed(initialPages).byte(Op.end)
  return out.byte(i64, 1, Op.i64Const, 0, Op.end)
}

function memories(maxPages: number): Uint8Array {
  const out = new Writer().byte(2)
  for (const pages of [maxPages, markPages(maxPages)]) out.byte(WITH_MAXIMUM).unsigned(pages).unsigned(pages)
  return out.bytes()
}

function addExports(body: Uint8Array, { globals }: Facts, places: Places): Uint8Array {
  const hidden = globals.flatMap((global, index) => (global.mutable && !global.exported ? [index] : []))
  const items = new Writer()
  items.text('gas').byte(ExternKind.global).unsigned(places.gas)
  items.text('pages').byte(ExternKind.global).unsigned(places.pages)
  items.text('pause').byte(ExternKind.global).unsigned(places.pause)
  items.text('paused').byte(ExternKind.table).unsigned(places.asked.table)
  items.text('marks').byte(ExternKind.memory).unsigned(1)
  for (const index of hidden) items.text(`global${index}`).byte(ExternKind.global).unsigned(index)
  return appended(body, 5 + hidden.length, items)
}

function rewriteCode(body: Uint8Array, facts: Facts, places: Places, maxPages: number): Uint8Array {
  const r = new Reader(body)
  const out = new Writer().unsigned(r.unsigned() + 3)
  for (let index = facts.imported; index < facts.functions.length; index++) {
    out.sized(rewriteFunction(r.take(r.unsigned()), index, facts, places))
  }
  return out.sized(touchFunction(places)).sized(growFunction(places, maxPages)).sized(askFunction(places)).bytes()
}

/** a section that is a vector, with more items at its end */
function appended(body: Uint8Array, count: number, items: Writer): Uint8Array {
  const r = new Reader(body)
  const out = new Writer().unsigned(r.unsigned() + count)
  return out.raw(r.rest()).raw(items.bytes()).bytes()
}
