import { CliError } from './errors.ts'
import { GLOBAL_FLAGS, specsOf, VERSION_FLAG } from './flags.ts'
import { nearest } from './nearest.ts'
import type { Command, FlagSpec, Flags } from './types.ts'
import { unknownFlag } from './unknown-flag.ts'
import { hintOf } from './usage.ts'

export interface Parsed {
  /** undefined if no verb was given */
  command: Command | undefined
  words: string[]
  flags: Flags
  /** `--version` without a verb */
  wantsVersion: boolean
}

/** One letter for what everybody types. */
const SHORT: { readonly [letter: string]: string } = { '-h': '--help', '-q': '--quiet' }

/** `-5`, `-.5` and `-Infinity` are numbers, `-` is stdin: arguments all. */
const NEGATIVE = /^-(?:$|\d|\.\d|Infinity$)/

/**
 * Reads a command line. Flags may stand anywhere, before the verb too; `--` ends them; `--flag value` and `--flag=value` are
 * the same. Throws USAGE for what no command, or not this one, knows.
 */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Parsed {
  const anywhere = new Map(commands.flatMap((command) => command.flags).map((flag) => [flag.name, flag]))
  for (const flag of [VERSION_FLAG, ...GLOBAL_FLAGS]) anywhere.set(flag.name, flag)
  const given: { spec: FlagSpec; value: string }[] = []
  const words: string[] = []
  let command: Command | undefined
  let flagsEnded = false

  const specs = (): Map<string, FlagSpec> => (command === undefined ? anywhere : specsOf(command))

  const queue = [...argv]
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!flagsEnded && word === '--') flagsEnded = true
    else if (!flagsEnded && word.startsWith('-') && !NEGATIVE.test(word))
      given.push(readFlag(SHORT[word] ?? word, queue, specs(), command))
    else if (command === undefined) command = findCommand(word, commands)
    else words.push(word)
  }

  const flags = collect(given.filter(({ spec }) => spec !== VERSION_FLAG))
  const wantsVersion = given.some(({ spec }) => spec === VERSION_FLAG)
  if (command !== undefined) for (const { spec } of given) assertKnown(spec, command)
  if (command !== undefined && !flags.has('help')) assertCount(words, command)
  return { command, words, flags, wantsVersion }
}

/** The verb of this name or alias. Throws USAGE, with the one that may have been meant. */
export function findCommand(word: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === word || command.aliases?.includes(word))
  if (found !== undefined) return found
  const near = nearest(
    word,
    commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]),
  )
  throw new CliError(
    'USAGE',
    `amigo has no command '${word}'.`,
    near === undefined ? 'see amigo help' : `did you mean amigo ${near}? See amigo help.`,
  )
}

function readFlag(
  word: string,
  queue: string[],
  specs: Map<string, FlagSpec>,
  command: Command | undefined,
): { spec: FlagSpec; value: string } {
  const [name = '', ...rest] = word.slice(2).split('=')
  const attached = word.includes('=') ? rest.join('=') : undefined
  const spec = word.startsWith('--') ? specs.get(name) : undefined
  if (spec === undefined) throw unknownFlag(word.split('=')[0] ?? word, specs, command)
  if (spec.value === undefined) {
    if (attached !== undefined) throw new CliError('USAGE', `--${name} takes no value.`, hintOf(command))
    return { spec, value: '' }
  }
  const value = attached ?? queue[0]
  // a flag in its place means that the value was forgotten
  if (value === undefined || (attached === undefined && value.startsWith('--')))
    throw new CliError('USAGE', `--${name} needs a value: --${name} ${spec.value}.`, hintOf(command))
  // mostly a variable that was not set; no flag means anything by it
  if (value === '') throw new CliError('USAGE', `--${name} is empty.`, hintOf(command))
  if (attached === undefined) queue.shift()
  return { spec, value }
}

function collect(given: readonly { spec: FlagSpec; value: string }[]): Flags {
  const values = new Map<string, string[]>()
  for (const { spec, value } of given) values.set(spec.name, [...(values.get(spec.name) ?? []), value])
  return {
    has: (name) => values.has(name),
    text: (name) => values.get(name)?.at(-1),
    list: (name) => values.get(name) ?? [],
  }
}

/** Flags before the verb were read by the table of all verbs. */
function assertKnown(spec: FlagSpec, command: Command): void {
  const specs = specsOf(command)
  const known = specs.get(spec.name)
  if (known === undefined) throw unknownFlag(`--${spec.name}`, specs, command)
  // read as the program's own, which takes no value
  if (spec === VERSION_FLAG)
    throw new CliError('USAGE', `--${spec.name} ${known.value} stands after ${command.name}.`, hintOf(command))
}

function assertCount(words: readonly string[], command: Command): void {
  const missing = command.args.find((argument, index) => !argument.optional && index >= words.length)
  if (missing !== undefined)
    throw new CliError('USAGE', `amigo ${command.name} needs ${missing.name}.`, hintOf(command))
  const empty = command.args.find((argument, index) => !argument.rest && words[index] === '')
  if (empty !== undefined) throw new CliError('USAGE', `${empty.name} is empty.`, hintOf(command))
  const most = command.args.at(-1)?.rest ? Number.POSITIVE_INFINITY : command.args.length
  if (words.length > most)
    throw new CliError(
      'USAGE',
      `amigo ${command.name} does not know what to do with '${words[most]}'.`,
      hintOf(command),
    )
}
