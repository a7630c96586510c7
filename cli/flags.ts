import type { Command, FlagSpec } from './types.ts'

/** Of all commands. */
export const GLOBAL_FLAGS: readonly FlagSpec[] = [
  { name: 'home', value: 'DIR', help: 'data folder of the node; else AMIGO_HOME, unless that is empty' },
  { name: 'timeout', value: '30s', help: 'how long to wait for others: 500ms, 30s, 2m, 1h' },
  { name: 'json', help: 'exactly one JSON value on stdout, errors too' },
  { name: 'quiet', help: 'no progress, no advice' },
  { name: 'verbose', help: 'more of what happens, on stderr' },
  { name: 'help', help: 'what a command does, with examples' },
]

/** Of the program itself: with a verb, it is the verb's own or none. */
export const VERSION_FLAG: FlagSpec = { name: 'version', help: 'the version of amigo' }

/** What may stand on the line of a command, by name: its own flags go before those of all commands. */
export function specsOf(command: Command): Map<string, FlagSpec> {
  return new Map([...GLOBAL_FLAGS, ...command.flags].map((flag) => [flag.name, flag]))
}
