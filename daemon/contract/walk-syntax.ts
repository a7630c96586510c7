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
export function* syntaxNodes({ body }: Module): Generator<SyntaxNode> {
  const waiting: unknown[] = [body]
  // A stack of our own: the tree may be deeper than the thread's.
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) waiting.push(next[i])
    else if (isNode(next)) {
      yield next
      const children = Object.entries(next).filter(([key]) => !NOT_CHILDREN.has(key))
      for (let i = children.length - 1; i >= 0; i--) waiting.push(children[i]?.[1])
    }
  }
}

/** Whether a field of a syntax node holds another node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
}
