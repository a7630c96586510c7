import { CliError } from './errors.ts'
import { shellWord } from './shell-word.ts'

/** The word that names a service. Throws USAGE for nothing, and for a folder as a shell completes it. */
export function serviceName(word = ''): string {
  if (word === '') throw new CliError('USAGE', 'The name is empty.', `like local.land/_/hello or '~k51.../hello'`)
  const folder = /^(?!\.|~)([^/]+)\/$/.exec(word)?.[1]
  if (folder === undefined) return word
  throw new CliError(
    'USAGE',
    `${word} is no name of a service: it ends like a folder.`,
    `the service of that name on this node is ${shellWord(`local.land/_/${folder}`)}`,
  )
}
