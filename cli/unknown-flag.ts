import { MAX_MEANT } from './constants.ts'
import { CliError } from './errors.ts'
import { GLOBAL_FLAGS, VERSION_FLAG } from './flags.ts'
import { nearest } from './nearest.ts'
import type { Command, FlagSpec } from './types.ts'

/**
 * USAGE for a flag that nobody knows: with the one that may have been meant, and all that there are.
 *
 * @param specs the flags that may stand there
 * @param command undefined before the verb
 */
export function unknownFlag(word: string, specs: Map<string, FlagSpec>, command: Command | undefined): CliError {
  const name = word.replace(/^-+/, '')
  const where = command === undefined ? 'amigo' : `amigo ${command.name}`
  const meant = meantBy(name, specs)
  // before the verb those of all verbs may stand, which are too many to list
  const all = command === undefined ? [VERSION_FLAG, ...GLOBAL_FLAGS] : [...command.flags, ...GLOBAL_FLAGS]
  const listed = new Map(all.map((spec) => [spec.name, spec]))
  const shown = new Set([...meant, ...listed.keys()].filter((one) => listed.has(one)))
  const guess = meant.length === 0 ? '' : `did you mean ${meant.map((one) => `--${one}`).join(' or ')}? `
  const takes = `${guess === '' ? 'it' : 'It'} takes ${[...shown].map((one) => shownFlag(listed.get(one))).join(', ')}`
  const advice = command?.args.at(-1)?.rest ? '. Put -- before arguments that begin with a dash' : ''
  const end = guess === '' && advice === '' ? '' : '.'
  return new CliError('USAGE', `${where} has no flag ${word}.`, `${guess}${takes}${advice}${end}`)
}

/** The flag that is a few slips away; of a single letter those that begin with it. */
function meantBy(name: string, specs: Map<string, FlagSpec>): string[] {
  if (name.length === 1) return [...specs.keys()].filter((candidate) => candidate.startsWith(name)).slice(0, MAX_MEANT)
  const near = nearest(name, specs.keys())
  return near === undefined ? [] : [near]
}

function shownFlag(spec: FlagSpec | undefined): string {
  return spec?.value === undefined ? `--${spec?.name}` : `--${spec.name} ${spec.value}`
}
