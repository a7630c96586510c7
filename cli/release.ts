import type { Result } from '../daemon/api/vocabulary.ts'
import { span } from './format.ts'
import { say, styled, type Text } from './text.ts'

/** Which release runs, and which is the newest that the hub told of. */
export function showRelease({ running, newest }: Result<'release'>): Text[] {
  if (newest === null) return [say`amigo ${running} runs; nobody on this network told of another`]
  const { version, isNewer, age, stale, registrar } = newest
  const old = stale ? ', which did not answer since' : ''
  const said = say`as the hub ${registrar} said ${span(age / 1000)} ago${old}`
  if (isNewer) return [say`${styled('yellow', `amigo ${version} is there`)}, ${said}; ${running} runs`]
  return [say`amigo ${running} runs, and ${version} is the newest, ${said}`]
}
