/** Whether one interface does for another's callers. */
import { accepts } from './accepts.ts'
import { describeType } from './describe.ts'
import type { ExportedFunction, Interface, Parameter } from './types.ts'

/** Something on which callers of the older contract may rely and which the newer one does not keep. */
export interface Break {
  function: string
  /** one sentence without a full stop */
  reason: string
}

/** What of `before` callers lose with `after`. Functions that were added, and parameters that may be left out, break nobody. */
export function breaksOf(before: Interface, after: Interface): Break[] {
  const now = new Map(after.map((found) => [found.name, found]))
  return before.flatMap((older) => {
    const newer = now.get(older.name)
    const reasons = newer === undefined ? ['it is gone'] : reasonsOf(older, newer)
    return reasons.map((reason) => ({ function: older.name, reason }))
  })
}

function reasonsOf(older: ExportedFunction, newer: ExportedFunction): string[] {
  const reasons: string[] = []
  if (older.kind === 'query' && newer.kind === 'call') reasons.push('it is no query any more')
  const most = Math.max(older.params.length, newer.params.length)
  for (let i = 0; i < most; i++)
    reasons.push(...parameterReasons(at(older.params, i), at(newer.params, i), newer.params[i]))
  if (!accepts(older.result, newer.result, 'ignored'))
    reasons.push(`it promised ${describeType(older.result)} and now gives ${describeType(newer.result)}`)
  return reasons
}

/** The parameter that takes the argument at this place: the last one goes on if it is a rest parameter. */
function at(params: readonly Parameter[], i: number): Parameter | undefined {
  const last = params.at(-1)
  return params[i] ?? (last?.rest ? last : undefined)
}

function parameterReasons(
  older: Parameter | undefined,
  newer: Parameter | undefined,
  own: Parameter | undefined,
): string[] {
  if (newer === undefined) return older === undefined ? [] : [`it no longer takes ${older.name}`]
  if (older === undefined) return newer.optional || own === undefined ? [] : [`it now needs ${newer.name}`]
  const reasons: string[] = []
  if (older.optional && !newer.optional) reasons.push(`${newer.name} can no longer be left out`)
  if (!accepts(itemOf(newer), itemOf(older), 'refused'))
    reasons.push(`${newer.name} took ${describeType(older.type)} and now takes ${describeType(newer.type)}`)
  return reasons
}

/** The type of one argument: a rest parameter's is that of its items. */
function itemOf({ rest, type }: Parameter) {
  return rest && type.kind === 'array' ? type.items : type
}

/** Whether a version may break callers of another: a new major may; below 1.0.0 a new minor (semver.org, 4). */
export function mayBreak(older: string, newer: string): boolean {
  const [a, b] = [majorOf(older), majorOf(newer)]
  return a !== b
}

/** What versions that do not break each other have in common: `1`, `0.3`. */
function majorOf(version: string): string {
  const [major = '0', minor = '0'] = version.split(/[.+-]/)
  return major === '0' ? `0.${minor}` : major
}
