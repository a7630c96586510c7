import type { Limits } from './types.ts'

const MIB = 2 ** 20

interface Rule {
  /** what a service gets that does not say; the node's settings are at most `max` */
  byDefault: number
  min: number
  max: number
  /** what a unit is called */
  unit: 'bytes' | 'gas' | 'calls'
}

/** What each limit may be. Defaults: specs/contract.md, "Limits". */
export const LIMIT_RULES: { [K in keyof Limits]: Rule } = {
  gas: { byDefault: 2_000_000_000, min: 1_000_000, max: 10_000_000_000, unit: 'gas' },
  memory: { byDefault: 64 * MIB, min: 8 * MIB, max: 64 * MIB, unit: 'bytes' },
  args: { byDefault: MIB, min: 1024, max: MIB, unit: 'bytes' },
  result: { byDefault: 16 * MIB, min: 1024, max: 16 * MIB, unit: 'bytes' },
  delta: { byDefault: 32 * MIB, min: 65_536, max: 32 * MIB, unit: 'bytes' },
  queue: { byDefault: 1000, min: 1, max: 1000, unit: 'calls' },
}

export const DEFAULT_LIMITS: Limits = Object.fromEntries(
  Object.entries(LIMIT_RULES).map(([name, { byDefault }]) => [name, byDefault]),
) as unknown as Limits

/** Of the memory so much is the engine's: static data, the stack, and room for the error that says that it is full. */
const ENGINE_BYTES: number = 4 * MIB

/** What the contract itself may allocate, in bytes, as Vm.genesis takes it. */
export function heapBytesOf({ memory }: Limits): number {
  return memory - ENGINE_BYTES
}

const UNITS: Record<string, number> = { '': 1, KiB: 1024, MiB: MIB }

/** Reads a limit as a manifest has it: `2000000000`, `2_000_000`, `16 MiB`, `512KiB`. Undefined if it is none in its range. */
export function readLimit(name: keyof Limits, text: unknown): number | undefined {
  const match = typeof text === 'string' ? /^(\d[\d_]{0,20}) ?(|KiB|MiB)$/.exec(text) : null
  const { min, max, unit } = LIMIT_RULES[name]
  if (match === null || (match[2] !== '' && unit !== 'bytes')) return undefined
  const value = Number(match[1]!.replaceAll('_', '')) * UNITS[match[2]!]!
  return value >= min && value <= max ? value : undefined
}

/** Whether these are limits as a block may hold them. */
export function isLimits(value: unknown): boolean {
  const names = Object.keys(LIMIT_RULES) as (keyof Limits)[]
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== names.length) return false
  return names.every((name) => {
    const limit = (value as Record<string, unknown>)[name]
    return (
      Number.isSafeInteger(limit) &&
      (limit as number) >= LIMIT_RULES[name].min &&
      (limit as number) <= LIMIT_RULES[name].max
    )
  })
}
