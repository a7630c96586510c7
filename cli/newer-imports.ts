/** Newer versions of imports, which their ranges keep out: an update does not take them, and says that they are there. */
import type { ImportRule } from '../daemon/contract/types.ts'
import { shellWord } from './shell-word.ts'
import { say, type Text } from './text.ts'
import type { Context } from './types.ts'

interface Taken extends Pick<ImportRule, 'range'> {
  name: string
  version: string
}

/** Nothing is said of one whose name leads nowhere just now: the update itself found what it needed. */
export async function newerImports({ request }: Pick<Context, 'request'>, taken: readonly Taken[]): Promise<Text[]> {
  const { isAfter, isInRange } = await import('../daemon/contract/linking/version-range.ts')
  const found = taken.map(async ({ name, range, version }) => {
    const target = await request('resolve', { name }, { doing: `looking up ${name}` }).catch(() => undefined)
    const newest = target && 'version' in target ? target.version : undefined
    if (!newest || isInRange(range, newest) || !isAfter(newest, version)) return []
    const wish = shellWord(`${name}@^${newest}`)
    return [say`${name} ${newest} is there, which ${range} keeps out. To go over to it: amigo import ${wish}`]
  })
  return (await Promise.all(found)).flat()
}
