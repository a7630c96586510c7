import type { Command } from './types.ts'

/** How a command is written: `amigo init DIR [--template NAME]`. */
export function usageOf(command: Command): string {
  const args = command.args.map(({ name, optional, rest }) => `${optional ? `[${name}]` : name}${rest ? '...' : ''}`)
  const flags = command.flags.map(
    ({ name, value, repeat }) => `[--${name}${value === undefined ? '' : ` ${value}`}]${repeat ? '...' : ''}`,
  )
  return ['amigo', command.name, ...args, ...flags].join(' ')
}

/** What to try after a line that could not be read. @param command undefined before the verb */
export function hintOf(command: Command | undefined): string {
  return command === undefined ? 'see amigo help' : `usage: ${usageOf(command)}`
}
