import { LINE, MAX_WASM_PAGES, WASM_PAGE } from '../constants.ts'
import { LINE_BITS } from '../instrument/marks.ts'
import { EMPTY_BLOCK, ExternKind, FUNCTION_TYPE, Op, Section, ValueType } from '../instrument/opcodes.ts'
import { Writer } from '../instrument/writer.ts'
import type { Instance } from './instance.ts'

/**
 * What is done to marked lines at each call, as a WebAssembly module made here: a loop in JavaScript over a hundred lines takes longer
 * than the call itself. It works on a list of line numbers, 32 bits each, at the start of the memory that also holds the shadow.
 */
export interface LineFunctions {
  /** Lists the marked ones among the first `lines` and the one behind, ascending, and takes their marks away. */
  list(lines: number): number
  /** Fills the first `count` on the list with zeros. */
  clear(count: number): void
  /** Keeps those of the first `count` that differ from the shadow. */
  differing(count: number): number
  /** Copies them to the shadow. */
  accept(count: number): void
  /** Copies them from the shadow. */
  restore(count: number): void
}

/** Bytes before the shadow: room for the number of every line. */
export const SHADOW_START: number = ((MAX_WASM_PAGES * WASM_PAGE) / LINE) * 4

/** @param shadow its first SHADOW_START bytes hold the list, the rest the shadow, from line 0 on */
export function lineFunctions({ exports }: Instance, shadow: WebAssembly.Memory): LineFunctions {
  const { memory, marks } = exports as unknown as Record<string, WebAssembly.Memory>
  const instance = new WebAssembly.Instance(MODULE, { memories: { memory, marks, shadow } })
  return instance.exports as unknown as LineFunctions
}

const MEMORY = 0
const MARKS = 1
const SHADOW = 2
const { i32 } = ValueType
const SEVERAL_MEMORIES = 0x40
const Vector = { load: [0xfd, 0], store: [0xfd, 11], zero: [0xfd, 12, ...new Array(16).fill(0)] } as const
const VectorOp = { or: [0xfd, 80], xor: [0xfd, 81], anyTrue: [0xfd, 83] } as const
const Load = { i32: 0x28, i8: 0x2d } as const
const Store = { i32: 0x36, i8: 0x3a } as const
const More = { i32LtU: 0x49, i32GeU: 0x4f, i32Shl: 0x74 } as const
/** bytes of a vector */
const STEP = 16
/** marks that are looked at together, in four vectors; the room for marks is a multiple of it */
const MARKS_AT_ONCE = 4 * STEP

type Code = readonly number[]
const number = (n: number): Code => [Op.i32Const, ...new Writer().signed(n).bytes()]
const get = (local: number): Code => [Op.localGet, local]
const set = (local: number, ...value: Code[]): Code => [...value.flat(), Op.localSet, local]
const add = (local: number, n: number): Code => set(local, get(local), number(n), [Op.i32Add])
/** Takes an address; nothing is aligned as far as anybody is told. */
const access = (op: Code, memory: number, offset = 0): Code => [
  ...op,
  SEVERAL_MEMORIES,
  memory,
  ...new Writer().unsigned(offset).bytes(),
]
/** Loops for as long as `while_` leaves a number that is not 0. */
const loop = (while_: Code, ...body: Code[]): Code => [
  ...[Op.block, EMPTY_BLOCK, Op.loop, EMPTY_BLOCK, ...while_, Op.i32Eqz, Op.brIf, 1],
  ...body.flat(),
  ...[Op.br, 0, Op.end, Op.end],
]
const when = (condition: Code, ...body: Code[]): Code => [...condition, ...[Op.if, EMPTY_BLOCK], ...body.flat(), Op.end]
const less = (a: Code, b: Code): Code => [...a, ...b, More.i32LtU]
/** The parts of a line, as offsets from its start. */
const parts = (use: (offset: number) => Code): Code =>
  Array.from({ length: LINE / STEP }, (_, i) => use(i * STEP)).flat()

/** Locals: the number of lines; a place in the list; where the next is listed; a line; its address; the end of a group of marks. */
const [COUNT, AT, OUT, LINE_NUMBER, ADDRESS, END] = [0, 1, 2, 3, 4, 5] as const
const LOCALS_ADDED = 5

const listIt = [...get(OUT), ...get(LINE_NUMBER), ...access([Store.i32], SHADOW), ...add(OUT, 4)]
const listed = [...get(OUT), ...number(2), Op.i32ShrU]
/** `use` for each line on the list, with its number and its address. */
const eachListed = (...use: Code[]): Code => [
  ...set(COUNT, get(COUNT), number(2), [More.i32Shl]),
  ...loop(
    less(get(AT), get(COUNT)),
    set(LINE_NUMBER, get(AT), access([Load.i32], SHADOW)),
    set(ADDRESS, get(LINE_NUMBER), number(LINE_BITS), [More.i32Shl]),
    ...use,
    add(AT, 4),
  ),
]
const memoryPart = (offset: number): Code => [...get(ADDRESS), ...access(Vector.load, MEMORY, offset)]
const shadowPart = (offset: number): Code => [...get(ADDRESS), ...access(Vector.load, SHADOW, SHADOW_START + offset)]

const FUNCTIONS: Readonly<Record<keyof LineFunctions, { params: number; results: number; code: Code }>> = {
  list: {
    params: 1,
    results: 1,
    code: [
      ...loop(
        [...get(COUNT), ...get(LINE_NUMBER), More.i32GeU],
        [0, 1, 2, 3].flatMap((i) => [
          ...[...get(LINE_NUMBER), ...access(Vector.load, MARKS, i * STEP)],
          ...(i === 0 ? [] : VectorOp.or),
        ]),
        [...VectorOp.anyTrue, Op.i32Eqz, Op.if, EMPTY_BLOCK],
        add(LINE_NUMBER, MARKS_AT_ONCE),
        [Op.else],
        set(END, get(LINE_NUMBER), number(MARKS_AT_ONCE), [Op.i32Add]),
        loop(
          less(get(LINE_NUMBER), get(END)),
          when(
            [...get(LINE_NUMBER), ...access([Load.i8], MARKS)],
            when(
              [...get(COUNT), ...get(LINE_NUMBER), More.i32GeU],
              [...get(LINE_NUMBER), ...number(0), ...access([Store.i8], MARKS)],
              listIt,
            ),
          ),
          add(LINE_NUMBER, 1),
        ),
        [Op.end],
      ),
      ...listed,
    ],
  },
  clear: {
    params: 1,
    results: 0,
    code: eachListed(parts((offset) => [...get(ADDRESS), ...Vector.zero, ...access(Vector.store, MEMORY, offset)])),
  },
  differing: {
    params: 1,
    results: 1,
    code: [
      ...eachListed(
        [Op.block, EMPTY_BLOCK, Op.block, EMPTY_BLOCK],
        parts((offset) => [
          ...[...memoryPart(offset), ...shadowPart(offset), ...VectorOp.xor],
          ...(offset % (4 * STEP) === 0 ? [] : VectorOp.or),
          ...(offset % (4 * STEP) === 3 * STEP ? [...VectorOp.anyTrue, Op.brIf, 0] : []),
        ]),
        [Op.br, 1, Op.end],
        listIt,
        [Op.end],
      ),
      ...listed,
    ],
  },
  accept: {
    params: 1,
    results: 0,
    code: eachListed(
      parts((offset) => [
        ...get(ADDRESS),
        ...memoryPart(offset),
        ...access(Vector.store, SHADOW, SHADOW_START + offset),
      ]),
    ),
  },
  restore: {
    params: 1,
    results: 0,
    code: eachListed(
      parts((offset) => [...get(ADDRESS), ...shadowPart(offset), ...access(Vector.store, MEMORY, offset)]),
    ),
  },
}

const MODULE = new WebAssembly.Module(assemble())

function assemble(): Uint8Array {
  const functions = Object.entries(FUNCTIONS)
  const out = new Writer().byte(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const section = (id: number, items: readonly Writer[]): void => {
    const body = new Writer().unsigned(items.length)
    for (const item of items) body.raw(item.bytes())
    out.byte(id).sized(body.bytes())
  }
  section(
    Section.type,
    functions.map(([, { params, results }]) =>
      new Writer()
        .byte(FUNCTION_TYPE, params)
        .raw(new Uint8Array(params).fill(i32))
        .byte(results)
        .raw(new Uint8Array(results).fill(i32)),
    ),
  )
  const memories = ['memory', 'marks', 'shadow']
  section(
    Section.import,
    memories.map((name) => new Writer().text('memories').text(name).byte(ExternKind.memory, 0, 0)),
  )
  section(
    Section.function,
    functions.map((_, i) => new Writer().byte(i)),
  )
  section(
    Section.export,
    functions.map(([name], i) => new Writer().text(name).byte(ExternKind.function, i)),
  )
  section(
    Section.code,
    functions.map(([, { code }]) =>
      new Writer().sized(new Writer().byte(1, LOCALS_ADDED, i32).raw(Uint8Array.from(code)).byte(Op.end).bytes()),
    ),
  )
  return out.bytes()
}
