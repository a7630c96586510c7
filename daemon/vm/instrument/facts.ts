import { ExternKind, FUNCTION_TYPE, Op, Section, ValueType } from './opcodes.ts'
import { Reader, unsupported } from './reader.ts'

export interface RawSection {
  id: number
  body: Uint8Array
}

/** What must be known of a module before anything of it is rewritten. */
export interface Facts {
  /** number of parameters of each function type */
  types: number[]
  /** the type of each function that the module defines, in the order of its code */
  defined: number[]
  /** number of functions, imported ones first */
  functions: number
  globals: { mutable: boolean; exported: boolean }[]
  /** size of the memory at the start, in pages of 64 KiB */
  initialPages: number
}

/** length of magic and version, which stand before the first section */
export const HEADER = 8

export function readSections(wasm: Uint8Array): RawSection[] {
  const reader = new Reader(wasm)
  reader.take(HEADER)
  const sections: RawSection[] = []
  while (!reader.done()) sections.push({ id: reader.byte(), body: reader.take(reader.unsigned()) })
  return sections
}

export function readFacts(sections: readonly RawSection[]): Facts {
  const reader = (id: number): Reader => {
    const found = sections.find((section) => section.id === id)
    if (!found) throw unsupported(`section ${id} is missing`)
    return new Reader(found.body)
  }
  const globals = readGlobals(reader(Section.global))
  for (const index of exportedGlobals(reader(Section.export))) globals[index]!.exported = true
  const defined = defineds(reader(Section.function))
  return {
    types: parameterCounts(reader(Section.type)),
    defined,
    functions: importCount(reader(Section.import)) + defined.length,
    globals,
    initialPages: initialPages(reader(Section.memory)),
  }
}

function parameterCounts(r: Reader): number[] {
  return r.vector(() => {
    if (r.byte() !== FUNCTION_TYPE) throw unsupported('it has types that are not functions')
    const parameters = r.take(r.unsigned()).length
    r.take(r.unsigned())
    return parameters
  })
}

function importCount(r: Reader): number {
  return r.vector(() => {
    r.name()
    r.name()
    if (r.byte() !== ExternKind.function) throw unsupported('it imports more than functions')
    return r.unsigned()
  }).length
}

function defineds(r: Reader): number[] {
  return r.vector(() => r.unsigned())
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
    for (let op = r.byte(); op !== Op.end; op = r.byte()) r.skipImmediates(op)
    return { mutable, exported: false }
  })
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
