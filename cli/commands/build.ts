import type { ExportedFunction } from '../../daemon/contract/types.ts'
import { buildContract } from '../contract.ts'
import { say, styled, type Text, table } from '../text.ts'
import type { Command } from '../types.ts'

export const build: Command = {
  name: 'build',
  summary: 'check and compile a contract; needs no node',
  args: [{ name: 'DIR', optional: true, help: 'its folder; the current one if left out' }],
  flags: [],
  examples: ['build', 'build hello --json'],

  async run(context) {
    const { built, encoded } = await buildContract(context, context.words[0])
    const contract = encoded.cid.toString()
    return {
      value: { contract, exports: built.interface, warnings: built.warnings },
      human: [
        say`${styled('bold', built.manifest.name)} ${built.manifest.version}`,
        say`contract ${contract}`,
        ...table(built.interface.map((fn) => [`  ${fn.kind}`, signature(fn)])),
      ],
      notes: warnings(built.warnings),
    }
  },
}

/** What the compiler warned of, for people. */
export function warnings(list: readonly string[]): Text[] {
  return list.map((warning) => say`${styled('yellow', 'warning:')} ${warning}`)
}

function signature({ name, params, returns }: ExportedFunction): string {
  const shown = params.map((p) => `${p.rest ? '...' : ''}${p.name}${p.optional && !p.rest ? '?' : ''}: ${p.text}`)
  return `${name}(${shown.join(', ')}): ${returns}`
}
