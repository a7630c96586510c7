import { parseScript } from '../syntax.ts'
import { isNode, type SyntaxNode, syntaxNodes } from '../walk-syntax.ts'

/** Whether a module of a package does without another one where that cannot be had: it asks for it inside `try`. */
export function isOptionalRequire(text: string, specifier: string): boolean {
  const module = parseScript('module.js', text, [])
  if (module === undefined) return false
  for (const node of syntaxNodes(module)) {
    const block = node.type === 'TryStatement' ? node['block'] : undefined
    // a block is a statement, as a module's body has them
    if (isNode(block) && requires({ ...module, body: [block as never] }, specifier)) return true
  }
  return false
}

function requires(module: Parameters<typeof syntaxNodes>[0], specifier: string): boolean {
  for (const node of syntaxNodes(module)) if (isRequireOf(node, specifier)) return true
  return false
}

function isRequireOf({ type, callee, arguments: given }: SyntaxNode, specifier: string): boolean {
  const [first] = Array.isArray(given) ? given : []
  return (
    type === 'CallExpression' &&
    isNode(callee) &&
    callee['name'] === 'require' &&
    isNode(first) &&
    first['value'] === specifier
  )
}
