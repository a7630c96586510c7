import { RegistryError } from '../errors.ts'
import { quote } from '../quote.ts'

/**
 * Checks the segments of a path behind a name or a CID and joins them: none is empty, `.` or `..`, and nothing in them is
 * a control character, a backslash or a percent-escape.
 * @throws {RegistryError} NAME_INVALID
 */
export function parsePath(segments: readonly string[]): string {
  for (const segment of segments) {
    const fault = faultOf(segment)
    if (fault === undefined) continue
    throw new RegistryError('NAME_INVALID', `the path ${quote(segments.join('/'))} ${fault}`, 'write it like posts/42')
  }
  return segments.join('/')
}

function faultOf(segment: string): string | undefined {
  if (segment === '') return 'has an empty part: two slashes in a row, or one at the end'
  if (segment === '.' || segment === '..') return `leads elsewhere with "${segment}"`
  if (/[%\\\p{Cc}]/u.test(segment)) return 'contains a percent-escape, a backslash or a control character'
  return undefined
}
