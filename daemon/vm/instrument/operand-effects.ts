import { Op, Prefixed, STORES } from './opcodes.ts'

/** How many operands an instruction takes from the stack, and how many it leaves. */
export interface OperandEffect {
  pops: number
  pushes: number
}

const effect = (pops: number, pushes: number): OperandEffect => ({ pops, pushes })

/** Opcodes, both ends included, of which all have the same effect; numeric ones in the order of the specification. */
const RANGES: readonly [first: number, last: number, effect: OperandEffect][] = [
  [Op.firstMemory, 0x35, effect(1, 1)],
  [Op.memorySize, Op.memorySize, effect(0, 1)],
  [Op.memoryGrow, Op.memoryGrow, effect(1, 1)],
  [Op.i32Const, Op.f64Const, effect(0, 1)],
  [Op.i32Eqz, Op.i32Eqz, effect(1, 1)],
  [0x46, 0x4f, effect(2, 1)],
  [0x50, 0x50, effect(1, 1)],
  [0x51, 0x66, effect(2, 1)],
  [0x67, 0x69, effect(1, 1)],
  [Op.i32Add, 0x78, effect(2, 1)],
  [0x79, 0x7b, effect(1, 1)],
  [0x7c, 0x8a, effect(2, 1)],
  [0x8b, 0x91, effect(1, 1)],
  [0x92, Op.f32Copysign, effect(2, 1)],
  [0x99, 0x9f, effect(1, 1)],
  [0xa0, Op.f64Copysign, effect(2, 1)],
  [0xa7, Op.lastNumeric, effect(1, 1)],
  [Op.drop, Op.drop, effect(1, 0)],
  [Op.select, Op.selectTyped, effect(3, 1)],
  [Op.globalGet, Op.globalGet, effect(0, 1)],
  [Op.globalSet, Op.globalSet, effect(1, 0)],
  [Op.tableGet, Op.tableGet, effect(1, 1)],
  [Op.refNull, Op.refNull, effect(0, 1)],
  [Op.refIsNull, Op.refIsNull, effect(1, 1)],
  [Op.refFunc, Op.refFunc, effect(0, 1)],
  [Op.brIf, Op.brTable, effect(1, 0)],
]

/** By opcode: of all that neither depends on a type nor touches a local. What is missing leaves the stack as it is. */
export const OPERAND_EFFECTS: readonly (OperandEffect | undefined)[] = byOpcode()

/**
 * What an instruction behind the prefix 0xfc takes from the stack and leaves there: a conversion one for one, a bulk operation three.
 */
export function prefixedEffect(op: number): OperandEffect {
  return op <= Prefixed.lastConversion ? effect(1, 1) : effect(3, 0)
}

function byOpcode(): (OperandEffect | undefined)[] {
  const table = new Array<OperandEffect | undefined>(256)
  for (const op of STORES.keys()) table[op] = effect(2, 0)
  for (const [first, last, found] of RANGES) table.fill(found, first, last + 1)
  return table
}
