import { MAX_SERVICE_LENGTH, MAX_USERNAME_LENGTH, MIN_USERNAME_LENGTH } from '../constants.ts'
import { RegistryError } from '../errors.ts'
import { quote } from '../quote.ts'

/** A kind of label: all share one alphabet, a to z, 0 to 9 and single dashes inside. */
export interface LabelKind {
  readonly noun: string
  readonly min: number
  readonly max: number
}

export const USERNAME: LabelKind = { noun: 'username', min: MIN_USERNAME_LENGTH, max: MAX_USERNAME_LENGTH }
export const SERVICE_NAME: LabelKind = { noun: 'service name', min: 1, max: MAX_SERVICE_LENGTH }
export const NETWORK_NAME: LabelKind = { noun: 'network name', min: MIN_USERNAME_LENGTH, max: MAX_USERNAME_LENGTH }

/** Why a text is no label, the most telling reason first. `says` completes "X cannot be a username: ...". */
const FAULTS: readonly {
  found(text: string, kind: LabelKind): boolean
  says(text: string, kind: LabelKind): string
}[] = [
  { found: (text) => text === '', says: () => 'it is empty' },
  { found: (text) => text.includes('..'), says: () => '".." leads elsewhere and is never part of a name' },
  { found: (text) => text.includes('%'), says: () => 'percent-escapes are not part of a name' },
  { found: (text) => /[/\\]/.test(text), says: () => 'slashes only stand between the parts of a name' },
  { found: (text) => text.includes('.'), says: (_, { noun }) => `a ${noun} has no dots` },
  {
    found: (text) => /[^\x20-\x7e]/u.test(text),
    says: (text) => `${characterOf(text)} is not one of a to z, 0 to 9 and -, even if it looks like one`,
  },
  { found: (text) => /[^a-z0-9-]/.test(text), says: (_, { noun }) => `a ${noun} consists of a to z, 0 to 9 and -` },
  { found: (text) => text.startsWith('-') || text.endsWith('-'), says: () => 'a dash only stands between others' },
  { found: (text) => text.includes('--'), says: () => 'two dashes in a row are not allowed' },
  { found: (text, { min }) => text.length < min, says: (_, { min }) => `it is shorter than ${min} characters` },
  { found: (text, { max }) => text.length > max, says: (_, { max }) => `it is longer than ${max} characters` },
]

/**
 * Reads a username, service name or network name: lower-cases it and returns it.
 * @throws {RegistryError} NAME_INVALID, with the reason
 */
export function parseLabel(text: string, kind: LabelKind): string {
  // Only A to Z: the full toLowerCase turns the Kelvin sign into a plain k
  const label = text.replace(/[A-Z]/g, (char) => char.toLowerCase())
  const fault = FAULTS.find(({ found }) => found(label, kind))
  if (fault === undefined) return label
  throw new RegistryError(
    'NAME_INVALID',
    `${quote(text)} cannot be a ${kind.noun}: ${fault.says(label, kind)}`,
    `a ${kind.noun} is ${kind.min} to ${kind.max} characters of a-z, 0-9 and single dashes inside, such as "forum-2"`,
  )
}

/** Whether a text is such a label already, in its one written form. */
export function isLabel(text: string, kind: LabelKind): boolean {
  return !FAULTS.some(({ found }) => found(text, kind))
}

/** The first character that is not printable ASCII, as `U+0430`. */
function characterOf(text: string): string {
  const code = /[^\x20-\x7e]/u.exec(text)?.[0].codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
