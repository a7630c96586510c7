/** A WebAssembly module made by hand that exports every store, the bulk operations, and what else the instrumenter rewrites. */
import { STORES, ValueType } from '../../daemon/vm/instrument/opcodes.ts'

const { i32, i64, f64 } = ValueType
/** offsets of a store, with their LEB128 form */
export const OFFSETS: readonly [offset: number, leb: readonly number[]][] = [
  [0, [0]],
  [300, [0xac, 2]],
  [70000, [0xf0, 0xa2, 4]],
]
export const INITIAL_PAGES = 2

interface HandMade {
  name: string
  params: number[]
  results: number[]
  code: number[]
}

const FUNCTIONS: HandMade[] = [
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

const vector = (items: readonly number[][]): number[] => [items.length, ...items.flat()]
const section = (id: number, body: number[]): number[] => [id, (body.length & 0x7f) | 0x80, body.length >> 7, ...body]
const text = (s: string): number[] => [s.length, ...Buffer.from(s)]

/** @param extra more code, as the body of one more function without parameters or results */
export function handMadeModule(extra?: readonly number[]): Uint8Array {
  const functions = extra ? [...FUNCTIONS, { name: 'extra', params: [], results: [], code: [...extra] }] : FUNCTIONS
  const types = functions.map(({ params, results }) => [
    0x60,
    ...vector(params.map((t) => [t])),
    ...vector(results.map((t) => [t])),
  ])
  const exported = functions.map(({ name }, i) => [...text(name), 0, i])
  const code = functions.map((f) => [f.code.length + 2, 0, ...f.code, 0x0b])
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(types)),
    ...section(2, [0]),
    ...section(3, vector(functions.map((_, i) => [i]))),
    ...section(5, [1, 0, INITIAL_PAGES]),
    ...section(6, [1, i32, 1, 0x41, 7, 0x0b]),
    ...section(7, vector([[...text('memory'), 2, 0], ...exported])),
    ...section(10, vector(code)),
  ])
}
