import type { NameRecord } from '../../registry/names/types.ts'
import type { Listed } from './listed.ts'

/** What is different between a record and what the book says of the name, in words; undefined if nothing is. */
export function differenceOf(
  { user, issued, expires }: Pick<NameRecord, 'user' | 'issued' | 'expires'>,
  listed: Omit<Listed, 'commit'>,
): string | undefined {
  const held = listed.state === 'held' && listed.expires! > issued ? listed.user : null
  if (user !== held) return `it belongs to ${held ?? 'nobody'}, and the record says ${user ?? 'nobody'}`
  if (user === null || expires <= listed.expires!) return undefined
  return `it is held until ${day(listed.expires!)}, and the record says ${day(expires)}`
}

const day = (ms: number): string => new Date(ms).toISOString()
