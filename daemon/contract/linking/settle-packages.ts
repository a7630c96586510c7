/** Decides what the specifiers inside npm packages mean, before the bundler asks in an order of its own. */
import { parseScript } from '../syntax.ts'
import { isNode, requiredBy, syntaxNodes } from '../walk-syntax.ts'
import type { Linker } from './linker.ts'
import type { Want } from './npm-files.ts'

/**
 * Follows everything that packages import, one after the other, so that which of several copies of a package is taken depends on the
 * sources alone. What leads nowhere is left to the bundler, which may not need it.
 *
 * @param starts paths of modules of packages
 */
export async function settlePackages(linker: Linker, starts: readonly string[]): Promise<void> {
  const waiting = [...starts]
  const seen = new Set<string>()
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (seen.has(path) || !linker.isPackaged(path)) continue
    seen.add(path)
    const bytes = await linker.read(path)
    if (bytes === undefined || path.endsWith('.json')) continue
    for (const { specifier, want } of requestsIn(path, new TextDecoder().decode(bytes))) {
      const found = await linker.follow(path, specifier, want)
      if ('path' in found && found.path !== undefined) waiting.push(found.path)
    }
  }
}

function requestsIn(path: string, text: string): { specifier: string; want: Want }[] {
  const module = parseScript(path, text, [])
  if (module === undefined) return []
  const found: { specifier: string; want: Want }[] = []
  for (const node of syntaxNodes(module)) {
    const required = requiredBy(node)
    if (required !== undefined) found.push({ specifier: required, want: 'require' })
    const imported = isNode(node['source']) ? node['source']['value'] : undefined
    if (typeof imported === 'string') found.push({ specifier: imported, want: 'import' })
  }
  return found
}
