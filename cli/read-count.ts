import { CliError } from './errors.ts'
import type { Flags } from './types.ts'

/** A whole number from 1 to `max` that a flag may have. Throws USAGE. */
export function readCount(flags: Flags, name: string, max: number, hint: string): number | undefined {
  const word = flags.text(name)
  if (word === undefined) return undefined
  const count = /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (count >= 1 && count <= max) return count
  throw new CliError('USAGE', `--${name} ${word} is not a whole number from 1 to ${max}.`, hint)
}
