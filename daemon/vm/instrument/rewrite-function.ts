import type { Facts } from './facts.ts'
import { createGasRegions, type Guard, type Region } from './gas-regions.ts'
import { createKnownValues, type KnownValues } from './known-values.ts'
import {
  bulkWrite,
  canonicalNaN,
  isBulkWrite,
  markedStore,
  SCRATCH_LOCALS,
  type Scratch,
  scratchLocals,
} from './marks.ts'
import { EMPTY_BLOCK, Op, SHOWS_NAN, STORES, ValueType } from './opcodes.ts'
import { type Instruction, Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** Where the additions of the instrumenter stand in the index spaces of the module. */
export interface Places {
  /** function(address, length): charges for a bulk operation and marks its lines */
  touch: number
  /** function(pages): memory.grow on the global below */
  grow: number
  /** function(): asks the host whether to go on, and traps when the gas is used up */
  ask: number
  /** the type of what the host is asked by, and the table that holds it */
  asked: { type: number; table: number }
  /** i64 global: the gas that is left */
  gas: number
  /** i64 global: the gas below which the host wants to be asked */
  pause: number
  /** i32 global: the size of the memory, in pages */
  pages: number
}

/** Instructions, behind the charge for a region if one begins with them. */
interface Part {
  region?: Region
  code: Writer
}

/** The same function, with a charge where a region of gas begins, and a mark behind each write that is not marked already. */
export function rewriteFunction(body: Uint8Array, index: number, facts: Facts, places: Places): Uint8Array {
  const r = new Reader(body)
  const groups = r.vector(() => ({ count: r.unsigned(), type: r.byte() }))
  const locals = groups.reduce((sum, group) => sum + group.count, facts.types[facts.functions[index]!]!.params)
  const instructions: Instruction[] = []
  while (!r.done()) instructions.push(r.instruction())

  const scratch = scratchLocals(locals)
  const regions = createGasRegions(entryGuard(instructions))
  const values = createKnownValues(locals, assignments(instructions), facts)
  const parts: Part[] = [{ region: regions.first, code: new Writer() }]
  for (const instruction of instructions) {
    rewriteInstruction(parts.at(-1)!.code, instruction, { scratch, values, places })
    values.step(instruction)
    const region = regions.step(instruction)
    if (region) parts.push({ region, code: new Writer() })
  }

  const all = [...groups, ...SCRATCH_LOCALS]
  const out = new Writer().unsigned(all.length)
  for (const { count, type } of all) out.unsigned(count).byte(type)
  for (const { region, code } of parts) {
    if (region && region.cost > 0) charge(out, region, scratch, places)
    out.raw(code.bytes())
  }
  return out.bytes()
}

/** A function that cannot call is noticed by whoever calls it again; the host is asked where there may be much to do. */
function entryGuard(instructions: readonly Instruction[]): Guard {
  if (!instructions.some(({ op }) => op === Op.call || op === Op.callIndirect)) return 'none'
  return instructions.some(({ op }) => op === Op.loop) ? 'asks' : 'traps'
}

/** How often each local is set. */
function assignments(instructions: readonly Instruction[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { op, immediate: local } of instructions) {
    if (op === Op.localSet || op === Op.localTee) counts.set(local, (counts.get(local) ?? 0) + 1)
  }
  return counts
}

interface Context {
  scratch: Scratch
  values: KnownValues
  places: Places
}

function rewriteInstruction(out: Writer, instruction: Instruction, { scratch, values, places }: Context): void {
  const { op, bytes } = instruction
  const nanType = SHOWS_NAN.get(op)
  if (nanType) canonicalNaN(out, nanType, scratch.operand(nanType))
  if (STORES.has(op)) markedStore(out, instruction, scratch, values)
  else if (isBulkWrite(instruction)) bulkWrite(out, bytes, scratch, places.touch)
  else if (op === Op.memorySize) out.byte(Op.globalGet).unsigned(places.pages)
  else if (op === Op.memoryGrow) out.byte(Op.call).unsigned(places.grow)
  else out.raw(bytes)
}

/** Guards look at the gas while it is at hand. */
function charge(out: Writer, { cost, guard }: Region, scratch: Scratch, { gas, pause, ask }: Places): void {
  const left = scratch.operand(ValueType.i64)
  out.byte(Op.globalGet).unsigned(gas).byte(Op.i64Const).signed(cost).byte(Op.i64Sub)
  if (guard !== 'none') out.byte(Op.localTee).unsigned(left)
  out.byte(Op.globalSet).unsigned(gas)
  if (guard === 'none') return
  out.byte(Op.localGet).unsigned(left)
  if (guard === 'asks')
    out.byte(Op.globalGet).unsigned(pause).byte(Op.i64LtS, Op.if, EMPTY_BLOCK, Op.call).unsigned(ask)
  else out.byte(Op.i64Const, 0, Op.i64LtS, Op.if, EMPTY_BLOCK, Op.unreachable)
  out.byte(Op.end)
}
