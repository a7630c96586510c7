import { CliError } from './errors.ts'

/**
 * The keys of a path into a state: a JSON pointer (RFC 6901) like `/posts/0`, or one key as a word of its own. `/` alone is the
 * whole, as in a path. Throws USAGE.
 */
export function readPointer(word: string | undefined): string[] {
  if (word === undefined || word === '/') return []
  if (!word.startsWith('/')) return [word]
  if (/~(?![01])/.test(word))
    throw new CliError('USAGE', `${word} is no JSON pointer: ~ stands alone.`, 'write ~0 for ~ and ~1 for / in a key')
  return word
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}
