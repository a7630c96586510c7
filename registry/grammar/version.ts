import { MAX_VERSION_LENGTH } from '../constants.ts'

/** A semantic version without build metadata, which would make two names of one version (https://semver.org). */
export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** identifiers of the pre-release, empty for a release */
  readonly pre: readonly string[]
}

// Nine digits at most, so that every number is exact
const NUMBER = '(0|[1-9]\\d{0,8})'
const IDENTIFIER = '(?:0|[1-9]\\d{0,8}|\\d*[A-Za-z-][0-9A-Za-z-]*)'
const FULL = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?$`)
const PARTIAL = new RegExp(`^${NUMBER}(?:\\.${NUMBER}(?:\\.${NUMBER})?)?$`)

/** Reads `1.2.3` or `1.2.3-beta.1`; undefined if it is anything else. */
export function parseVersion(text: string): Version | undefined {
  if (text.length > MAX_VERSION_LENGTH) return undefined
  const match = FULL.exec(text)
  if (match === null) return undefined
  const [, major, minor, patch, pre] = match
  return { major: Number(major), minor: Number(minor), patch: Number(patch), pre: pre?.split('.') ?? [] }
}

/** Reads the numbers of `1`, `1.2` or `1.2.3`; undefined if it is anything else. */
export function parsePartial(text: string): number[] | undefined {
  const match = PARTIAL.exec(text)
  return match === null
    ? undefined
    : match
        .slice(1)
        .filter((part) => part !== undefined)
        .map(Number)
}

/** Precedence by semver 2.0.0, section 11: negative if `a` comes before `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePre(a.pre, b.pre)
}

function comparePre(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (right === undefined) return 1
    const order = compareIdentifiers(left, right)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareIdentifiers(a: string, b: string): number {
  const [numeric, other] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (numeric && other) return Number(a) - Number(b)
  if (numeric !== other) return numeric ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
