import { isFree, Op } from './opcodes.ts'
import type { Instruction } from './reader.ts'

/**
 * Instructions that run equally often: all of them are paid for together, at the first. Where control comes back together again after a
 * block or an `if` that nothing inside jumps out of, the region that went in goes on.
 */
export interface Region {
  cost: number
  guard: Guard
}

/**
 * What is done about little gas where a region begins. What repeats passes a guard: `traps` ends the call when the gas is used up; `asks`
 * calls the host as well, when it wants to be asked. Loops only trap: a call inside one makes it slower by half.
 */
export type Guard = 'none' | 'traps' | 'asks'

interface Frame {
  /** the region from which it was entered */
  entry: Region
  /** whether something inside jumps past its end, so that what follows may not run */
  left: boolean
}

export interface GasRegions {
  /** the region of the whole function */
  readonly first: Region
  /** Counts one instruction. @returns the region that opens behind it, if one does */
  step(instruction: Instruction): Region | undefined
}

/** What follows these runs less often than what stands before them, or never. */
const OPENS: ReadonlySet<number> = new Set([Op.if, Op.else, Op.br, Op.brIf, Op.brTable, Op.return, Op.unreachable])

export function createGasRegions(entry: Guard): GasRegions {
  let current: Region = { cost: 1, guard: entry }
  const frames: Frame[] = [{ entry: current, left: false }]

  const open = (cost = 0, guard: Guard = 'none'): Region => {
    current = { cost, guard }
    return current
  }
  const enter = (): void => {
    frames.push({ entry: current, left: false })
  }
  /** A jump to `depth` leaves all that is further inside; one to a loop's head skips what follows the jump, inside the loop too. */
  const leave = (depth: number): void => {
    for (let i = 0; i < depth && i < frames.length; i++) frames.at(-1 - i)!.left = true
  }

  return {
    first: current,
    step({ op, immediate, labels }) {
      if (!isFree(op)) current.cost++
      for (const depth of labels) leave(depth)
      if (op === Op.br || op === Op.brIf) leave(immediate)
      if (op === Op.return) leave(frames.length - 1)
      if (op === Op.block || op === Op.loop || op === Op.if) enter()
      if (op === Op.loop) return open(1, 'traps')
      if (OPENS.has(op)) return open()
      if (op !== Op.end) return undefined
      const frame = frames.pop()!
      if (frame.left) return open()
      current = frame.entry
      return undefined
    },
  }
}
