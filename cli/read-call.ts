import type { Json } from '../daemon/api/vocabulary.ts'
import { CliError } from './errors.ts'

/** `{"function": "add", "args": [1]}`; args may be left out, and nothing else may be there. Throws USAGE. */
export function readCall(line: string): { method: string; args: Json[] } {
  const wrong = new CliError('USAGE', 'A line is not {"function", "args"}.', 'like {"function": "add", "args": [1]}')
  let parsed: { function?: unknown; args?: unknown } | null
  try {
    parsed = JSON.parse(line)
  } catch {
    throw wrong
  }
  const { function: method, args = [], ...more } = parsed ?? {}
  if (typeof method !== 'string' || method === '' || !Array.isArray(args)) throw wrong
  const [unknown] = Object.keys(more)
  if (unknown !== undefined)
    throw new CliError('USAGE', `A line has '${unknown}', which is no part of a call.`, wrong.hint)
  return { method, args }
}
