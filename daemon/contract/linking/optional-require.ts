import { parseScript } from '../syntax.ts'
import { nodesUnder, requiredBy, syntaxNodes } from '../walk-syntax.ts'

/** Whether a module of a package does without another one where that cannot be had: it asks for it inside `try`. */
export function isOptionalRequire(text: string, specifier: string): boolean {
  const module = parseScript('module.js', text, [])
  if (module === undefined) return false
  for (const { type, block } of syntaxNodes(module)) {
    if (type !== 'TryStatement') continue
    for (const node of nodesUnder(block)) if (requiredBy(node) === specifier) return true
  }
  return false
}
