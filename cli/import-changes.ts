/** What becomes of the interfaces of imports that take another version. */
import type { FetchedImport } from '../daemon/contract/linking/import-files.ts'
import type { ImportFolder } from '../daemon/contract/linking/import-folder.ts'
import type { Interface } from '../daemon/contract/types.ts'
import { CliError } from './errors.ts'
import { say, styled, type Text } from './text.ts'

export interface ImportChange {
  name: string
  /** versions */
  from: string
  to: string
  /** `- call add(n: number): number` of what was, `+ ...` of what is */
  diff: string[]
  /** what can no longer be relied on, as `NAME: FUNCTION: reason` */
  breaks: string[]
}

export async function changesIn(
  folder: Pick<ImportFolder, 'lock' | 'interfaceOf'>,
  fetched: readonly Pick<FetchedImport, 'name' | 'version' | 'contract'>[],
  interfaces: Record<string, Interface>,
): Promise<ImportChange[]> {
  const [{ breaksOf }, { interfaceDiff }] = await Promise.all([
    import('../daemon/contract/compare.ts'),
    import('../daemon/contract/interface-diff.ts'),
  ])
  const found = fetched.map(async ({ name, version, contract }) => {
    const locked = folder.lock[name]
    const before = await folder.interfaceOf(name)
    if (locked === undefined || before === undefined || locked.contract === contract) return []
    const after = interfaces[name] ?? []
    const breaks = breaksOf(before, after).map((one) => `${name}: ${one.function}: ${one.reason}`)
    return [{ name, from: locked.version, to: version, diff: interfaceDiff(before, after), breaks }]
  })
  return (await Promise.all(found)).flat()
}

export function showChange({ name, from, to, diff }: ImportChange): Text[] {
  const lines = diff.map((line) => say`  ${styled(line.startsWith('-') ? 'red' : 'green', line)}`)
  const same = diff.length === 0 ? ', with the same functions' : ''
  return [say`${name} ${from} -> ${to}${same}`, ...lines]
}

/** UPGRADE_BREAKS: what breaks, and all that is different. */
export function breaksError(changes: readonly ImportChange[]): CliError {
  const broken = changes.filter(({ breaks }) => breaks.length > 0)
  const names = broken.map(({ name, from, to }) => `${name} ${to} breaks what ${from} promised`)
  const lines = broken.flatMap(({ breaks, diff }) => [...breaks, ...diff])
  return new CliError(
    'UPGRADE_BREAKS',
    [`${names.join(', and ')}.`, ...lines].join('\n'),
    'nothing was changed: pin what you have with a narrower range, or take it with --force and correct what amigo build then shows',
  )
}
