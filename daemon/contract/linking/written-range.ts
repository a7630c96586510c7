/** The range that a contract's own code writes behind the name of a service, before amigo.yaml says any: `'bob.amigos.net/stock@^1'`. */
import { MAX_SOURCES } from '../constants.ts'
import type { Folder } from '../folder.ts'
import { isRange } from '../import-names.ts'
import { importsOf, resolveImport } from '../imports.ts'
import { parseModule } from '../syntax.ts'
import { splitSpecifier } from './service-specifier.ts'

/** Undefined where the entry and what it imports relatively say none, several, or nothing that is a range. */
export async function writtenRange(folder: Folder, main: string, name: string): Promise<string | undefined> {
  const ranges = new Set<string>()
  const seen = new Set([main])
  // grows while it is walked
  for (const path of seen) {
    if (seen.size > MAX_SOURCES) return undefined
    const content = await folder.peek(path)
    const module = content && parseModule(path, new TextDecoder().decode(content), [])
    for (const { specifier } of module ? importsOf(module) : []) {
      const found = resolveImport(path, specifier)
      if ('files' in found) for (const file of found.files) seen.add(file)
      if (!('bare' in found)) continue
      const written = splitSpecifier(found.bare)
      if (written.name === name && written.range !== undefined) ranges.add(written.range)
    }
  }
  const [range] = ranges
  return ranges.size === 1 && isRange(range) ? range : undefined
}
