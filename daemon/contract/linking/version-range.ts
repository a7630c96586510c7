/** Which versions a range of amigo.yaml takes; the grammar is that of import-names.ts. */

const RANGE = /^([~^v]?)(\d+)(?:\.(\d+))?(?:\.(\d+))?$/

/**
 * Whether a version is in a range: `*` takes all, `^1.2` and `~1.2` as npm has it, `1` and `v1` all of a major version, `1.2` as `~1.2`, and
 * three numbers one version alone. A pre-release is taken by itself and by `*`, as the newest of a name may be one.
 */
export function isInRange(range: string, version: string): boolean {
  if (range === '*' || range === version) return true
  const [match, operator = '', ...numbers] = RANGE.exec(range) ?? []
  if (match === undefined || version.includes('-')) return false
  const from = numbers.filter((part) => part !== undefined).map(Number)
  if (operator === '' && from.length === 3) return false
  const given = numbersOf(version)
  const kept = operator === '^' ? keptOf(from) : Math.min(from.length, operator === 'v' ? 1 : 2)
  if (from.slice(0, kept).some((number, index) => number !== given[index])) return false
  return order(given, from) >= 0
}

/** Whether one version comes after another by its three numbers alone. */
export function isAfter(a: string, b: string): boolean {
  return order(numbersOf(a), numbersOf(b)) > 0
}

const numbersOf = (version: string): number[] => (version.split(/[-+]/)[0] ?? '').split('.').map(Number)

/** Below 0 if the first comes before the second, of which what is missing is 0. */
function order(a: readonly number[], b: readonly number[]): number {
  return a.map((number, index) => number - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0
}

/** Up to the first number that is not 0. */
function keptOf(from: readonly number[]): number {
  const first = from.findIndex((number) => number !== 0)
  return first < 0 ? from.length : first + 1
}

/** A range as it stands behind the `@` of a name (specs/registry.md, "Grammar"); empty where any version will do. */
export function selectorOf(range: string): string {
  if (range === '*') return ''
  if (/^\d+$/.test(range)) return `@v${range}`
  return /^\d+\.\d+$/.test(range) ? `@~${range}` : `@${range}`
}
