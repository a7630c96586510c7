import { LINE } from '../constants.ts'
import type { KnownValues } from './known-values.ts'
import { type FloatType, Op, Prefixed, STORES, ValueType } from './opcodes.ts'
import type { Instruction } from './reader.ts'
import type { Writer } from './writer.ts'

export const LINE_BITS: number = Math.log2(LINE)
/** memory argument of a store into the second memory: index 1, no alignment, no offset */
const MARK_MEMORY = [0x40, 1, 0] as const

const { i32, i64, f32, f64 } = ValueType
const CANONICAL_NAN = {
  [f32]: { constant: [Op.f32Const, 0, 0, 0xc0, 0x7f], equal: Op.f32Eq },
  [f64]: { constant: [Op.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], equal: Op.f64Eq },
} as const
/** Locals that are added behind those of a function: an address, a length, and one operand of each type. */
export const SCRATCH_LOCALS: readonly { count: number; type: ValueType }[] = [
  { count: 3, type: i32 },
  { count: 1, type: i64 },
  { count: 1, type: f32 },
  { count: 1, type: f64 },
]
const OPERANDS: Readonly<Record<number, number>> = { [i32]: 2, [i64]: 3, [f32]: 4, [f64]: 5 }

export interface Scratch {
  readonly address: number
  readonly length: number
  operand(type: ValueType): number
}

/** @param first index behind the locals of the function */
export function scratchLocals(first: number): Scratch {
  return { address: first, length: first + 1, operand: (type) => first + OPERANDS[type]! }
}

/**
 * A store, and the mark of what it wrote. Two lines are marked together, the one where the base of the address lies and the next: then
 * whatever is stored at the same base, less than a line behind it, is marked already.
 */
export function markedStore(
  out: Writer,
  { op, bytes, immediate: offset }: Instruction,
  scratch: Scratch,
  values: KnownValues,
): void {
  const { type, width } = STORES.get(op)!
  const base = values.operand(1)
  const near = offset + width <= LINE + 1
  if (near && values.isMarked(base)) {
    out.raw(bytes)
    return
  }
  const [address, operand] = [scratch.address, scratch.operand(type)]
  out.byte(Op.localSet).unsigned(operand).byte(Op.localTee).unsigned(address).byte(Op.localGet).unsigned(operand)
  out.raw(bytes).byte(Op.localGet).unsigned(address)
  const marksBase = near && width > 1
  if (marksBase) values.setMarked(base)
  else if (offset)
    out
      .byte(Op.i32Const)
      .signed(offset | 0)
      .byte(Op.i32Add)
  out.byte(Op.i32Const, LINE_BITS, Op.i32ShrU)
  if (width === 1) out.byte(Op.i32Const, 1, Op.i32Store8, ...MARK_MEMORY)
  else
    out
      .byte(Op.i32Const)
      .signed(0x0101)
      .byte(Op.i32Store16, ...MARK_MEMORY)
}

/** Whether an instruction writes a range of memory at once. */
export function isBulkWrite({ op, immediate }: Instruction): boolean {
  const writes = [Prefixed.memoryInit, Prefixed.memoryCopy, Prefixed.memoryFill] as const
  return op === Op.prefixed && writes.some((write) => write === immediate)
}

/** All three take (address, source or value, length) and write `length` bytes at `address`. */
export function bulkWrite(out: Writer, original: Uint8Array, scratch: Scratch, touch: number): void {
  const { address, length } = scratch
  const operand = scratch.operand(i32)
  out.byte(Op.localSet).unsigned(length).byte(Op.localSet).unsigned(operand).byte(Op.localTee).unsigned(address)
  out.byte(Op.localGet).unsigned(operand).byte(Op.localGet).unsigned(length).raw(original)
  out.byte(Op.localGet).unsigned(address).byte(Op.localGet).unsigned(length).byte(Op.call).unsigned(touch)
}

/** Replaces the float on top of the stack by the canonical NaN if it is one. */
export function canonicalNaN(out: Writer, type: FloatType, operand: number): void {
  const { constant, equal } = CANONICAL_NAN[type]
  out
    .byte(Op.localTee)
    .unsigned(operand)
    .byte(...constant)
  out.byte(Op.localGet).unsigned(operand).byte(Op.localGet).unsigned(operand).byte(equal, Op.select)
}
