import { RegistryError } from '../errors.ts'
import { parseCid } from '../link.ts'
import { quote } from '../quote.ts'
import type { VersionSelector } from '../types.ts'
import { parsePartial, parseVersion } from './version.ts'

/** no version is as long as the shortest CID */
const SHORTEST_CID = 46

/**
 * Reads what stands behind the `@`: `1.2.0`, `^1.2`, `~1.2.3`, `v1`, `latest` or a CID.
 * @throws {RegistryError} NAME_INVALID
 */
export function parseSelector(text: string): VersionSelector {
  if (text === 'latest') return { kind: 'latest' }
  if (parseVersion(text) !== undefined) return { kind: 'exact', version: text }
  const [first = '', rest] = [text.slice(0, 1), text.slice(1)]
  const numbers = parsePartial(rest)
  if (first === 'v' && numbers?.length === 1 && numbers[0] !== undefined) return { kind: 'major', major: numbers[0] }
  if ((first === '^' || first === '~') && numbers !== undefined)
    return { kind: 'range', operator: first, version: rest }
  const cid = text.length >= SHORTEST_CID ? parseCid(text) : undefined
  if (cid !== undefined) return { kind: 'cid', cid }
  throw new RegistryError(
    'NAME_INVALID',
    `${quote(text)} behind the @ is not a version: ${faultOf(text, numbers)}`,
    'write @1.2.0 (exact), @^1.2 or @~1.2 (range), @v1 (major), @latest, or @ and the CID of a contract or commit',
  )
}

/** The inverse: with its `@`, or nothing for the latest. */
export function formatSelector(selector: VersionSelector): string {
  switch (selector.kind) {
    case 'latest':
      return ''
    case 'exact':
      return `@${selector.version}`
    case 'range':
      return `@${selector.operator}${selector.version}`
    case 'major':
      return `@v${selector.major}`
    case 'cid':
      return `@${selector.cid}`
  }
}

function faultOf(text: string, numbers: number[] | undefined): string {
  if (text === '') return 'it is empty'
  if (text.includes('@')) return 'a name has one @ at most'
  if (text.includes('+')) return 'build metadata does not tell versions apart'
  if (/^[\^~]/.test(text) && text.includes('-')) return 'a pre-release is reached only by its exact version'
  if (text.startsWith('v') && numbers !== undefined) return 'v takes the major number alone'
  if (parsePartial(text) !== undefined) return 'an exact version has three numbers, and a range begins with ^ or ~'
  return text.length >= SHORTEST_CID ? 'nor is it a CID of a block' : 'it follows none of the forms'
}
