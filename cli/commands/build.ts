import type { BundledPart, ContractImport, ExportedFunction } from '../../daemon/contract/types.ts'
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
      value: {
        contract,
        exports: built.interface,
        imports: built.imports.map(importOf),
        bundle: built.bundle.map((part) => ({
          ...part,
          ...('contract' in part && { contract: part.contract.toString() }),
        })),
        warnings: built.warnings,
      },
      human: [
        say`${styled('bold', built.manifest.name)} ${built.manifest.version}`,
        say`contract ${contract}`,
        ...table(built.interface.map((fn) => [`  ${fn.kind}`, signature(fn)])),
        ...table(built.imports.map(({ mode, name, version }) => [`  ${mode}`, `${name} ${version}`])),
        ...table(built.bundle.flatMap((part) => partLine(part, built.imports))),
      ],
      notes: warnings(built.warnings),
    }
  },
}

/** CIDs as texts, and names of the functions that it calls. */
function importOf(found: ContractImport): Record<string, unknown> {
  const { name, range, mode, version, contract } = found
  const pinned = { name, range, mode, version, contract: contract.toString() }
  if (found.mode === 'code') return pinned
  const called = { ...pinned, service: found.service.toString(), functions: found.functions.map((fn) => fn.name) }
  return found.mode === 'live' ? called : { ...called, commit: found.commit.toString() }
}

/** What is linked besides the imports: packages, and the code that the code of others needs. */
function partLine(part: BundledPart, imports: readonly ContractImport[]): string[][] {
  const shown = `${part.name} ${part.version}`
  if (part.kind === 'npm') return [['  npm', shown, part.license]]
  const isImport = imports.some(({ mode, contract }) => mode === 'code' && contract.equals(part.contract))
  return isImport ? [] : [['  code', shown, 'imported by one of those']]
}

/** What the compiler warned of, for people. */
export function warnings(list: readonly string[]): Text[] {
  return list.map((warning) => say`${styled('yellow', 'warning:')} ${warning}`)
}

function signature({ name, params, returns }: ExportedFunction): string {
  const shown = params.map((p) => `${p.rest ? '...' : ''}${p.name}${p.optional && !p.rest ? '?' : ''}: ${p.text}`)
  return `${name}(${shown.join(', ')}): ${returns}`
}
