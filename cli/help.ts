import { HELP_COLUMN } from './constants.ts'
import { GLOBAL_FLAGS } from './flags.ts'
import { say, styled, type Text, toText } from './text.ts'
import type { Answer, Command, FlagSpec } from './types.ts'
import { usageOf } from './usage.ts'

/** Lines of help as an answer: text for people, the same text in `help` for programs. */
export function helpAnswer(lines: readonly Text[]): Answer {
  return { value: { help: lines.map((line) => line.render(false)).join('\n') }, human: lines }
}

/** `amigo help` */
export function overview(commands: readonly Command[], version: string): Text[] {
  return [
    say`${styled('bold', 'amigo')} ${version}: publish twenty lines of TypeScript as a live service`,
    say``,
    say`Usage: amigo COMMAND [ARGUMENT]... [--FLAG]...`,
    say``,
    ...commands.map((command) => entry(names(command), command.summary)),
    say``,
    styled('bold', 'With every command'),
    ...GLOBAL_FLAGS.map(flagEntry),
    say``,
    styled('bold', 'Begin with'),
    example('up --detach'),
    example('init hello'),
    example('publish hello'),
    say``,
    say`See amigo help COMMAND. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon, 4 not found, 5 refused, 6 timed out.`,
  ]
}

/** `amigo help COMMAND` */
export function helpOf(command: Command): Text[] {
  const section = (title: string, lines: Text[]) => (lines.length === 0 ? [] : [say``, styled('bold', title), ...lines])
  return [
    toText(usageOf(command)),
    say``,
    say`${names(command)}: ${command.summary}`,
    ...section(
      'Arguments',
      command.args.map(({ name, help }) => entry(name, help)),
    ),
    ...section('Flags', [...command.flags, ...GLOBAL_FLAGS].map(flagEntry)),
    ...section('Examples', command.examples.map(example)),
  ]
}

function names({ name, aliases = [] }: Command): string {
  return [name, ...aliases].join(', ')
}

function flagEntry({ name, value, help }: FlagSpec): Text {
  return entry(value === undefined ? `--${name}` : `--${name} ${value}`, help)
}

function entry(term: string, help: string): Text {
  return say`  ${styled('cyan', term.padEnd(HELP_COLUMN))} ${help}`
}

function example(line: string): Text {
  return say`  amigo ${line}`
}
