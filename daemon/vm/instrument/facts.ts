import { EMPTY_BLOCK, ExternKind, FUNCTION_TYPE, Op, Section, ValueType } from './opcodes.ts'
import type { OperandEffect } from './operand-effects.ts'
import { type Instruction, Reader, unsupported } from './reader.ts'

export interface RawSection {
  id: number
  body: Uint8Array
}

/** Number of parameters and of results. */
export interface FunctionType {
  params: number
  results: number
}

/** What must be known of a module before anything of it is rewritten. */
export interface Facts {
  types: FunctionType[]
  /** the type of each function, imported ones first, the others in the order of their code */
  functions: number[]
  imported: number
  globals: { mutable: boolean; exported: boolean }[]
  tables: number
  /** size of the memory at the start, in pages of 64 KiB */
  initialPages: number
}

/** length of magic and version, which stand before the first section */
export const HEADER = 8

/** The sections of a module in their order, undecoded. @throws VmError ENGINE_UNSUPPORTED */
export function readSections(wasm: Uint8Array): RawSection[] {
  const reader = new Reader(wasm)
  reader.take(HEADER)
  const sections: RawSection[] = []
  while (!reader.done()) sections.push({ id: reader.byte(), body: reader.take(reader.unsigned()) })
  return sections
}

/** What the instrumenter has to know of a module. @throws VmError ENGINE_UNSUPPORTED if a section is missing */
export function readFacts(sections: readonly RawSection[]): Facts {
  const reader = (id: number): Reader => {
    const found = sections.find((section) => section.id === id)
    if (!found) throw unsupported(`section ${id} is missing`)
    return new Reader(found.body)
  }
  const globals = readGlobals(reader(Section.global))
  for (const index of exportedGlobals(reader(Section.export))) globals[index]!.exported = true
  const imported = importedTypes(reader(Section.import))
  const hasTables = sections.some(({ id }) => id === Section.table)
  return {
    types: functionTypes(reader(Section.type)),
    functions: [...imported, ...reader(Section.function).vector((r) => r.unsigned())],
    imported: imported.length,
    globals,
    tables: hasTables ? reader(Section.table).unsigned() : 0,
    initialPages: initialPages(reader(Section.memory)),
  }
}

function functionTypes(r: Reader): FunctionType[] {
  return r.vector(() => {
    if (r.byte() !== FUNCTION_TYPE) throw unsupported('it has types that are not functions')
    return { params: r.take(r.unsigned()).length, results: r.take(r.unsigned()).length }
  })
}

function importedTypes(r: Reader): number[] {
  return r.vector(() => {
    r.name()
    r.name()
    if (r.byte() !== ExternKind.function) throw unsupported('it imports more than functions')
    return r.unsigned()
  })
}

function initialPages(r: Reader): number {
  const sizes = r.vector(() => {
    const hasMaximum = r.byte() & 1
    const pages = r.unsigned()
    if (hasMaximum) r.unsigned()
    return pages
  })
  if (sizes.length !== 1) throw unsupported('it has not exactly one memory')
  return sizes[0]!
}

/** Mutable globals are state and travel with every image, as 32-bit numbers. */
function readGlobals(r: Reader): Facts['globals'] {
  return r.vector(() => {
    const type = r.byte()
    const mutable = r.byte() === 1
    if (mutable && type !== ValueType.i32) throw unsupported('a mutable global is not an i32')
    while (r.instruction().op !== Op.end);
    return { mutable, exported: false }
  })
}

/** @throws VmError ENGINE_UNSUPPORTED if the block has a type that the module does not know */
export function blockOperands({ immediate, bytes }: Instruction, { types }: Facts): OperandEffect {
  if (immediate === EMPTY_BLOCK && bytes.length === 2) return { pops: 0, pushes: 0 }
  // a type of values is one byte, and so is not the index of a type from 64 on
  if (immediate > EMPTY_BLOCK && bytes.length === 2) return { pops: 0, pushes: 1 }
  return typeOperands(types[immediate])
}

/** @throws VmError ENGINE_UNSUPPORTED */
export function typeOperands(type: FunctionType | undefined): OperandEffect {
  if (!type) throw unsupported('it names a type that it does not have')
  return { pops: type.params, pushes: type.results }
}

function exportedGlobals(r: Reader): number[] {
  const exported: number[] = []
  r.vector(() => {
    r.name()
    const kind = r.byte()
    const index = r.unsigned()
    if (kind === ExternKind.global) exported.push(index)
  })
  return exported
}
