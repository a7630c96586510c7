import { LINE } from '../constants.ts'
import { EMPTY_BLOCK, type FloatType, isFree, Op, Prefixed, SHOWS_NAN, STORES, ValueType } from './opcodes.ts'
import { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** Where the additions of the instrumenter stand in the index spaces of the module. */
export interface Places {
  /** function(address, length): charges for a bulk operation and marks its lines */
  touch: number
  /** function(pages): memory.grow on the global below */
  grow: number
  /** i64 global: the gas that is left */
  gas: number
  /** i32 global: the size of the memory, in pages */
  pages: number
}

export const LINE_BITS: number = Math.log2(LINE)
/** memory argument of a store into the second memory: index 1, no alignment, no offset */
export const MARK_MEMORY = [0x40, 1, 0] as const
const { i32, i64, f32, f64 } = ValueType
/** Locals that are added behind those of the function: an address, a length, and one operand of each type. */
const ADDED = [
  { count: 3, type: i32 },
  { count: 1, type: i64 },
  { count: 1, type: f32 },
  { count: 1, type: f64 },
] as const
const CANONICAL_NAN = {
  [f32]: { constant: [Op.f32Const, 0, 0, 0xc0, 0x7f], equal: Op.f32Eq },
  [f64]: { constant: [Op.f64Const, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f], equal: Op.f64Eq },
} as const

/** The instructions between two points where control may come or go: they are paid for together, before the first. */
interface Block {
  cost: number
  /** whether everything that repeats passes here, so that running out must be noticed here */
  guards: boolean
  code: Writer
}

/** The same function, with a charge before each basic block and a mark behind each write. */
export function rewriteFunction(body: Uint8Array, parameters: number, places: Places): Uint8Array {
  const r = new Reader(body)
  const groups = r.vector(() => ({ count: r.unsigned(), type: r.byte() }))
  const firstAdded = groups.reduce((sum, group) => sum + group.count, parameters)
  const code = new Writer()
  const scratch = scratchLocals(firstAdded)
  const flush = ({ cost, guards, code: instructions }: Block): void => {
    if (cost > 0) charge(code, cost, guards, places.gas)
    code.raw(instructions.bytes())
  }

  let block: Block = { cost: 1, guards: true, code: new Writer() }
  while (!r.done()) {
    const start = r.position
    const op = r.byte()
    if (!isFree(op)) block.cost++
    rewriteInstruction(r, start, op, block.code, scratch, places)
    if (op === Op.loop || op === Op.if || op === Op.else || op === Op.end || op === Op.brIf) {
      flush(block)
      block = { cost: op === Op.loop ? 1 : 0, guards: op === Op.loop, code: new Writer() }
    }
  }
  flush(block)

  const locals = scratch.used() ? [...groups, ...ADDED] : groups
  const out = new Writer().unsigned(locals.length)
  for (const { count, type } of locals) out.unsigned(count).byte(type)
  return out.raw(code.bytes()).bytes()
}

type Scratch = ReturnType<typeof scratchLocals>
function scratchLocals(first: number) {
  let used = false
  const local = (offset: number) => {
    used = true
    return first + offset
  }
  const operands: Record<number, number> = { [i32]: 2, [i64]: 3, [f32]: 4, [f64]: 5 }
  return {
    used: () => used,
    address: () => local(0),
    length: () => local(1),
    operand: (type: ValueType) => local(operands[type]!),
  }
}

function rewriteInstruction(r: Reader, start: number, op: number, out: Writer, scratch: Scratch, places: Places): void {
  const original = () => r.bytes.subarray(start, r.position)
  const nanType = SHOWS_NAN.get(op)
  if (nanType) canonicalNaN(out, nanType, scratch.operand(nanType))

  const store = STORES.get(op)
  if (store) {
    const offset = r.memoryArgument()
    const address = scratch.address()
    const operand = scratch.operand(store.type)
    out.byte(Op.localSet).unsigned(operand).byte(Op.localTee).unsigned(address).byte(Op.localGet).unsigned(operand)
    out.raw(original())
    markStore(out, address, offset, store.width)
  } else if (op === Op.prefixed && isBulkWrite(r.peek())) {
    r.skipImmediates(op)
    bulkWrite(out, original(), scratch, places.touch)
  } else if (op === Op.memorySize) {
    r.skipImmediates(op)
    out.byte(Op.globalGet).unsigned(places.pages)
  } else if (op === Op.memoryGrow) {
    r.skipImmediates(op)
    out.byte(Op.call).unsigned(places.grow)
  } else {
    r.skipImmediates(op)
    out.raw(original())
  }
}

function charge(out: Writer, cost: number, guards: boolean, gas: number): void {
  out.byte(Op.globalGet).unsigned(gas).byte(Op.i64Const).signed(cost).byte(Op.i64Sub, Op.globalSet).unsigned(gas)
  if (!guards) return
  out.byte(Op.globalGet).unsigned(gas).byte(Op.i64Const, 0, Op.i64LtS, Op.if, EMPTY_BLOCK, Op.unreachable, Op.end)
}

/** Replaces the float on top of the stack by the canonical NaN if it is one. */
function canonicalNaN(out: Writer, type: FloatType, operand: number): void {
  const { constant, equal } = CANONICAL_NAN[type]
  out
    .byte(Op.localTee)
    .unsigned(operand)
    .byte(...constant)
  out.byte(Op.localGet).unsigned(operand).byte(Op.localGet).unsigned(operand).byte(equal, Op.select)
}

/**
 * More than one byte may reach into the next line: then one 16-bit store marks both, always, because a test would cost
 * more than the few lines that are marked in vain.
 */
function markStore(out: Writer, address: number, offset: number, width: number): void {
  out.byte(Op.localGet).unsigned(address)
  if (offset)
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

function isBulkWrite(prefixed: number | undefined): boolean {
  return prefixed === Prefixed.memoryInit || prefixed === Prefixed.memoryCopy || prefixed === Prefixed.memoryFill
}

/** All three take (address, source or value, length) and write `length` bytes at `address`. */
function bulkWrite(out: Writer, original: Uint8Array, scratch: Scratch, touch: number): void {
  const [address, operand, length] = [scratch.address(), scratch.operand(i32), scratch.length()]
  out.byte(Op.localSet).unsigned(length).byte(Op.localSet).unsigned(operand).byte(Op.localTee).unsigned(address)
  out.byte(Op.localGet).unsigned(operand).byte(Op.localGet).unsigned(length).raw(original)
  out.byte(Op.localGet).unsigned(address).byte(Op.localGet).unsigned(length).byte(Op.call).unsigned(touch)
}
