/**
 * npm's ranges: `~` keeps what it names of major and minor, `^` keeps everything up to the first number that is not 0
 * (or all it names, if they are all 0).
 */
export function isInRange(operator: '^' | '~', from: readonly number[], version: readonly number[]): boolean {
  const firstSet = from.findIndex((number) => number !== 0)
  const kept = operator === '~' ? Math.min(from.length, 2) : firstSet < 0 ? from.length : firstSet + 1
  const sameLine = from.slice(0, kept).every((number, index) => number === version[index])
  const order = version.map((number, index) => number - (from[index] ?? 0)).find((difference) => difference !== 0)
  return sameLine && (order ?? 0) >= 0
}
