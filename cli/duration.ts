import { MAX_TIMEOUT_MS } from '../daemon/api/constants.ts'
import { CliError } from './errors.ts'

const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `500ms`, `30s`, `1.5m` or `1h`. Throws USAGE on anything else, on zero and beyond one hour. */
export function readDuration(word: string): number {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)$/.exec(word) ?? []
  const ms = Math.round(Number(number) * (UNITS[unit ?? ''] ?? Number.NaN))
  if (!(ms >= 1 && ms <= MAX_TIMEOUT_MS))
    throw new CliError('USAGE', `'${word}' is not a duration from 1ms to 1h.`, 'say it like 500ms, 30s, 2m or 1h')
  return ms
}
