import { shellWord } from './shell-word.ts'

/** Our own commands in our own sentences. */
const OUR_COMMAND = /(?<![\w./-])(usage: )?amigo (?=([a-z]+)\b)/g

/** Those that ask no node, whichever home it has. */
const HOMELESS: ReadonlySet<string> = new Set(['build', 'help', 'init', 'version'])

/** A command for another node, which says so itself. */
const NAMES_HOME = /^amigo [^;:,`]*--home /

/**
 * Spells `amigo` as this user has to type it: `npx amigo` for whoever started us through npm, as in a checkout there is no
 * `amigo`; with `--home DIR` if that was given, as the next command would ask another node without.
 */
export function ownWords(env: NodeJS.ProcessEnv, homeWord?: string): (sentence: string) => string {
  const program = env['npm_command'] === undefined ? 'amigo' : 'npx amigo'
  const home = homeWord === undefined ? '' : `--home ${shellWord(homeWord)} `
  return (sentence) =>
    sentence.replace(OUR_COMMAND, (_, usage: string | undefined, verb: string, at: number) => {
      const isPlain = usage !== undefined || HOMELESS.has(verb) || NAMES_HOME.test(sentence.slice(at))
      return `${usage ?? ''}${program} ${isPlain ? '' : home}`
    })
}
