/** `exports` and `imports` of a package.json, as Node.js reads them (nodejs.org/api/packages.html). */
import { isRecord } from '../is-record.ts'

/** What one of them says of a specifier: a file of the package, nothing (null: it may not be had), or undefined if it does not say. */
export type Mapped = string | null | undefined

/** Deeper than anybody nests conditions. */
const MAX_DEPTH = 16

/**
 * What `exports` says of a part of the package.
 *
 * @param subpath `.` or `./lib/x`
 */
export function mapExports(exports: unknown, subpath: string, conditions: ReadonlySet<string>): Mapped {
  if (!hasSubpaths(exports)) return subpath === '.' ? target(exports, '', conditions, 0) : null
  return mapKeys(exports, subpath, conditions) ?? null
}

/** What `imports` says of a specifier that begins with `#`. */
export function mapImports(imports: unknown, specifier: string, conditions: ReadonlySet<string>): Mapped {
  return isRecord(imports) ? mapKeys(imports, specifier, conditions) : undefined
}

function hasSubpaths(exports: unknown): exports is Record<string, unknown> {
  return isRecord(exports) && Object.keys(exports).some((key) => key.startsWith('.'))
}

function mapKeys(map: Record<string, unknown>, wanted: string, conditions: ReadonlySet<string>): Mapped {
  if (Object.hasOwn(map, wanted) && !wanted.includes('*')) return target(map[wanted], '', conditions, 0)
  const patterns = Object.keys(map)
    .filter((key) => key.split('*').length === 2)
    .sort((a, b) => b.indexOf('*') - a.indexOf('*') || b.length - a.length)
  for (const pattern of patterns) {
    const [before = '', after = ''] = pattern.split('*')
    const isMatch = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length
    if (isMatch) return target(map[pattern], wanted.slice(before.length, wanted.length - after.length), conditions, 0)
  }
  return undefined
}

function target(value: unknown, star: string, conditions: ReadonlySet<string>, depth: number): Mapped {
  if (depth > MAX_DEPTH || value === null) return null
  if (typeof value === 'string') return value.replaceAll('*', () => star)
  if (typeof value !== 'object') return undefined
  const choices = Array.isArray(value)
    ? value
    : Object.entries(value as object)
        .filter(([condition]) => conditions.has(condition))
        .map(([, inner]) => inner)
  for (const choice of choices) {
    const found = target(choice, star, conditions, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
