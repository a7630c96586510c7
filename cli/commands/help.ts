import { VERSION } from '../../daemon/version.ts'
import { helpAnswer, helpOf, overview } from '../help.ts'
import { findCommand } from '../parse.ts'
import type { Command } from '../types.ts'

/** The one command that knows the others; they are asked for when it runs. */
export function createHelp(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'explain a command, or list all',
    args: [{ name: 'COMMAND', optional: true, help: 'which one' }],
    flags: [],
    examples: ['help', 'help publish'],

    async run({ words }) {
      const [word] = words
      return helpAnswer(word === undefined ? overview(commands(), VERSION) : helpOf(findCommand(word, commands())))
    },
  }
}
