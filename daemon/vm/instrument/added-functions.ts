import { GROWN_PAGE_GAS } from '../prices.ts'
import { LINE_BITS } from './marks.ts'
import { EMPTY_BLOCK, Op, Prefixed } from './opcodes.ts'
import type { Places } from './rewrite-function.ts'
import { Writer } from './writer.ts'

const NO_LOCALS = 0
/** A bulk operation pays one unit of gas for 8 bytes. */
const BULK_BYTES_PER_GAS_BITS = 3

/** touch(address, length): charges for a bulk operation that has just written there, and marks its lines. */
export function touchFunction({ gas }: Places): Uint8Array {
  const out = new Writer().byte(NO_LOCALS)
  const firstLine = () => out.byte(Op.localGet, 0, Op.i32Const, LINE_BITS, Op.i32ShrU)
  const lastLine = () => {
    out.byte(Op.localGet, 0, Op.localGet, 1, Op.i32Add, Op.i32Const, 1, Op.i32Sub)
    out.byte(Op.i32Const, LINE_BITS, Op.i32ShrU)
  }
  out.byte(Op.localGet, 1, Op.i32Eqz, Op.if, EMPTY_BLOCK, Op.return, Op.end)
  out.byte(Op.globalGet).unsigned(gas)
  out.byte(Op.localGet, 1, Op.i32Const, BULK_BYTES_PER_GAS_BITS, Op.i32ShrU, Op.i64ExtendI32U, Op.i64Sub)
  out.byte(Op.globalSet).unsigned(gas)
  firstLine()
  out.byte(Op.i32Const, 1)
  lastLine()
  firstLine()
  out.byte(Op.i32Sub, Op.i32Const, 1, Op.i32Add)
  return out.byte(Op.prefixed, Prefixed.memoryFill, 1, Op.end).bytes()
}

/** grow(pages): what memory.grow does, on the global that stands for the size of the memory; charges for each page. */
export function growFunction({ pages, gas }: Places, maxPages: number): Uint8Array {
  const out = new Writer().byte(NO_LOCALS)
  out.byte(Op.localGet, 0, Op.i32Const).signed(maxPages).byte(Op.globalGet).unsigned(pages)
  out.byte(Op.i32Sub, Op.i32GtU, Op.if, EMPTY_BLOCK, Op.i32Const).signed(-1).byte(Op.return, Op.end)
  out.byte(Op.globalGet).unsigned(gas)
  out.byte(Op.localGet, 0, Op.i64ExtendI32U, Op.i64Const).signed(GROWN_PAGE_GAS).byte(Op.i64Mul, Op.i64Sub)
  out.byte(Op.globalSet).unsigned(gas)
  out.byte(Op.globalGet).unsigned(pages)
  out.byte(Op.globalGet).unsigned(pages).byte(Op.localGet, 0, Op.i32Add, Op.globalSet).unsigned(pages)
  return out.byte(Op.end).bytes()
}

/** ask(): calls what the host put into the table, which may throw; then traps if the gas is used up. */
export function askFunction({ asked, gas }: Places): Uint8Array {
  const out = new Writer().byte(NO_LOCALS, Op.i32Const, 0, Op.callIndirect).unsigned(asked.type).unsigned(asked.table)
  out.byte(Op.globalGet).unsigned(gas).byte(Op.i64Const, 0, Op.i64LtS, Op.if, EMPTY_BLOCK, Op.unreachable, Op.end)
  return out.byte(Op.end).bytes()
}
