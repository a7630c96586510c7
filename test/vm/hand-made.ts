/** A WebAssembly module made by hand that exports every store, the bulk operations, and what else the instrumenter rewrites. */
import { STORES, ValueType } from '../../daemon/vm/instrument/opcodes.ts'
import { type BuiltFunction, buildModule } from './module-builder.ts'

const { i32, i64, f64 } = ValueType
/** offsets of a store, with their LEB128 form */
export const OFFSETS: readonly [offset: number, leb: readonly number[]][] = [
  [0, [0]],
  [300, [0xac, 2]],
  [70000, [0xf0, 0xa2, 4]],
]
export const INITIAL_PAGES = 2

const FUNCTIONS: BuiltFunction[] = [
  ...[...STORES].flatMap(([op, { type }]) =>
    OFFSETS.map(([offset, leb]) => ({
      name: `store${op}+${offset}`,
      params: [i32, type],
      results: [],
      code: [0x20, 0, 0x20, 1, op, 0, ...leb],
    })),
  ),
  { name: 'fill', params: [i32, i32, i32], results: [], code: [0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 11, 0] },
  { name: 'copy', params: [i32, i32, i32], results: [], code: [0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 0, 0] },
  { name: 'grow', params: [i32], results: [i32], code: [0x20, 0, 0x40, 0] },
  { name: 'size', params: [], results: [i32], code: [0x3f, 0] },
  { name: 'bits', params: [f64], results: [i64], code: [0x20, 0, 0xbd] },
  { name: 'spin', params: [], results: [], code: [0x03, 0x40, 0x0c, 0, 0x0b] },
]

/** @param extra more code, as the body of one more function without parameters or results */
export function handMadeModule(extra?: readonly number[]): Uint8Array {
  const functions = extra ? [...FUNCTIONS, { name: 'extra', params: [], results: [], code: extra }] : FUNCTIONS
  return buildModule({ functions, pages: INITIAL_PAGES, globals: [7], exportsStackPointer: false })
}
