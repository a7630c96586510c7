import type { Module } from './syntax.ts'

/** What all nodes of the syntax have, whatever they are. */
export interface SyntaxNode {
  type: string
  loc?: { start: { line: number; column: number } }
  [field: string]: unknown
}

/** Where a node keeps other things than its children. */
const NOT_CHILDREN = new Set(['loc', 'leadingComments', 'trailingComments', 'innerComments', 'extra', 'errors'])

/** Every node of a module, in the order of the source. */
export function syntaxNodes({ body }: Module): Generator<SyntaxNode> {
  return nodesUnder(body)
}

/** The same of a part of it: a node, which comes first, or a list of them. */
export function* nodesUnder(part: unknown): Generator<SyntaxNode> {
  const waiting: unknown[] = [part]
  // A stack of our own: the tree may be deeper than the thread's.
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) waiting.push(next[i])
    else if (isNode(next)) {
      yield next
      const fields = childFields(next)
      for (let i = fields.length - 1; i >= 0; i--) waiting.push(fields[i])
    }
  }
}

/** The nodes right under one, in the order of the source. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return childFields(node).flat().filter(isNode)
}

function childFields(node: SyntaxNode): unknown[] {
  return Object.entries(node)
    .filter(([key]) => !NOT_CHILDREN.has(key))
    .map(([, value]) => value)
}

/** Whether a field of a syntax node holds another node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
}

/** The module that a call of `require` asks for, where it is written down. */
export function requiredBy({ type, callee, arguments: given }: SyntaxNode): string | undefined {
  if (type !== 'CallExpression' || !isNode(callee) || callee['name'] !== 'require') return undefined
  const [first] = Array.isArray(given) ? given : []
  const specifier = isNode(first) ? first['value'] : undefined
  return typeof specifier === 'string' ? specifier : undefined
}
