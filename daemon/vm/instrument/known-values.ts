import { blockOperands, type Facts, typeOperands } from './facts.ts'
import { Op } from './opcodes.ts'
import { OPERAND_EFFECTS, type OperandEffect, prefixedEffect } from './operand-effects.ts'
import type { Instruction } from './reader.ts'

/** A name for a value that an instruction made: equal names are equal values, wherever both can be seen. */
export type Value = number
const UNKNOWN: Value = 0
const NOTHING: OperandEffect = { pops: 0, pushes: 0 }

/**
 * Follows which operands and locals hold the same value, and of which of them is known that it was marked: then each way to here
 * has passed the mark. Where ways come together nothing is known of what was set on any of them.
 */
export interface KnownValues {
  /** the operand so many below the top; UNKNOWN, which is equal to nothing, if it is not held by a local */
  operand(below: number): Value
  isMarked(value: Value): boolean
  setMarked(value: Value): void
  step(instruction: Instruction): void
}

interface Frame {
  height: number
  operands: OperandEffect
  /** of the locals, and how many values were marked, where it was entered */
  values: Value[]
  marked: number
  assigned: Set<number>
}

/** @param locals how many the function has, and how often it sets each */
export function createKnownValues(locals: number, assignments: ReadonlyMap<number, number>, facts: Facts): KnownValues {
  let next = UNKNOWN + 1
  const fresh = (): Value => next++
  const { types, functions } = facts
  let values: Value[] = Array.from({ length: locals }, fresh)
  const stack: Value[] = []
  const frames: Frame[] = []
  /** in the order in which they were marked: what a frame marked is forgotten with it */
  const order: Value[] = []
  const marked = new Set<Value>()
  const left = new Map(assignments)
  const push = (count: number): void => {
    for (let i = 0; i < count; i++) stack.push(UNKNOWN)
  }
  const pop = (): Value => (stack.length > (frames.at(-1)?.height ?? 0) ? stack.pop()! : UNKNOWN)
  const enter = (operands: OperandEffect): void => {
    for (let i = 0; i < operands.pops; i++) pop()
    const height = stack.length
    frames.push({ height, operands, values: [...values], marked: order.length, assigned: new Set() })
    push(operands.pops)
  }
  const apply = ({ pops, pushes }: OperandEffect): void => {
    for (let i = 0; i < pops; i++) pop()
    push(pushes)
  }
  enter(NOTHING)
  const assign = (local: number, value: Value): void => {
    values[local] = value === UNKNOWN ? fresh() : value
    left.set(local, left.get(local)! - 1)
    frames.at(-1)!.assigned.add(local)
  }
  const forgetMarks = ({ marked: count }: Frame): void => {
    for (const value of order.splice(count)) marked.delete(value)
  }

  const STEPS: Readonly<Record<number, (instruction: Instruction) => void>> = {
    [Op.localGet]: ({ immediate: local }) => stack.push(values[local]!),
    [Op.localSet]: ({ immediate: local }) => assign(local, pop()),
    [Op.localTee]: ({ immediate: local }) => {
      assign(local, pop())
      stack.push(values[local]!)
    },
    [Op.call]: ({ immediate: index }) => apply(typeOperands(types[functions[index]!])),
    [Op.callIndirect]: ({ immediate: type }) => {
      pop()
      apply(typeOperands(types[type]))
    },
    [Op.prefixed]: ({ immediate: op }) => apply(prefixedEffect(op)),
    [Op.block]: (block) => enter(blockOperands(block, facts)),
    [Op.if]: (block) => {
      pop()
      enter(blockOperands(block, facts))
    },
    // whatever a loop may set has another value each time round
    [Op.loop]: (block) => {
      values = values.map((value, local) => ((left.get(local) ?? 0) > 0 ? fresh() : value))
      enter(blockOperands(block, facts))
    },
    [Op.else]: () => {
      const frame = frames.at(-1)!
      stack.length = frame.height
      push(frame.operands.pops)
      forgetMarks(frame)
      values = [...frame.values]
    },
    [Op.end]: () => {
      const frame = frames.pop()!
      if (frames.length === 0) return
      stack.length = frame.height
      push(frame.operands.pushes)
      forgetMarks(frame)
      for (const local of frame.assigned) {
        values[local] = fresh()
        frames.at(-1)!.assigned.add(local)
      }
    },
  }

  return {
    operand: (below) => {
      const at = stack.length - 1 - below
      return at >= frames.at(-1)!.height ? stack[at]! : UNKNOWN
    },
    isMarked: (value) => marked.has(value),
    setMarked(value) {
      if (value === UNKNOWN || marked.has(value)) return
      marked.add(value)
      order.push(value)
    },
    step(instruction) {
      const { op } = instruction
      if (STEPS[op]) STEPS[op](instruction)
      else apply(OPERAND_EFFECTS[op] ?? NOTHING)
    },
  }
}
