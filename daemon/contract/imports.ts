import { posix } from 'node:path'
import { pathProblem } from './path.ts'
import { STATE_MODULE } from './state-accessor.ts'
import type { Module } from './syntax.ts'

/** One place where a module names another, or seems to. */
export interface Import {
  /** absent in `import(x)`, where it is only known at run time */
  specifier?: string
  line: number
  column: number
}

export type Resolved = { path: string } | { builtin: string } | { reason: string; hint: string }

interface SyntaxNode {
  type: string
  loc?: { start: { line: number; column: number } }
  source?: SyntaxNode | null
  argument?: SyntaxNode
  value?: unknown
}

/** Where a syntax node keeps other things than its children. */
const NOT_CHILDREN = new Set(['loc', 'leadingComments', 'trailingComments', 'innerComments', 'extra', 'errors'])
const MODULE_NODES = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
  'TSExternalModuleReference',
])

/** Every import and re-export of a module, of values and of types, static and dynamic, in the order of the source. */
export function importsOf(module: Module): Import[] {
  const found: Import[] = []
  const waiting: unknown[] = [module.body]
  // A stack of our own: the tree may be deeper than the thread's.
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (Array.isArray(next)) for (let i = next.length - 1; i >= 0; i--) waiting.push(next[i])
    else if (isNode(next)) {
      if (MODULE_NODES.has(next.type)) addImport(next, found)
      const children = Object.entries(next).filter(([key]) => !NOT_CHILDREN.has(key))
      for (let i = children.length - 1; i >= 0; i--) waiting.push(children[i]?.[1])
    }
  }
  return found
}

function addImport(node: SyntaxNode, found: Import[]): void {
  const source = node.source ?? (node as { expression?: SyntaxNode }).expression
  if (source == null) return
  const { line, column } = (source.loc ?? node.loc)?.start ?? { line: 0, column: -1 }
  const specifier = source.type === 'StringLiteral' && typeof source.value === 'string' ? source.value : undefined
  found.push({ ...(specifier === undefined ? {} : { specifier }), line, column: column + 1 })
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string'
}

/** `alice.amigos.net/forum`, `local.land/_/forum`, `~k51.../forum`, also with a version. */
const SERVICE = /^(~k51[a-z0-9]*|([a-z0-9-]+\.)+(amigos\.net|land))([/@]|$)/i

/** The kinds of specifier that lead nowhere, and what to do instead; the first that matches speaks. */
const REFUSALS: { matches: RegExp; reason: string; hint: string }[] = [
  {
    matches:
      /^node:|^(assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|process|stream|util|worker_threads)(\/|$)/,
    reason: 'a contract runs without Node.js and its modules',
    hint: 'Use what JavaScript itself has, amigos:crypto, amigos:events and amigos:context.',
  },
  {
    matches: /^[a-z][a-z0-9+.-]+:/i,
    reason: 'a contract loads nothing from elsewhere',
    hint: 'Copy the source into the folder and import it relatively.',
  },
  {
    matches: /^(\/|\\|[a-z]:)/i,
    reason: 'it is an absolute path',
    hint: 'Import relatively, such as ./lib.ts',
  },
  {
    matches: SERVICE,
    reason: 'it is the name of a service, and imports of services are not there yet',
    hint: 'Copy the source into the folder, or let a program that is no contract call both.',
  },
  {
    matches: /^(?!\.{1,2}\/)/,
    reason: 'it is an npm package, and a contract has no node_modules',
    hint: 'Copy the source into the folder and import it relatively, such as ./lib.ts',
  },
]

/** What a specifier stands for inside the contract that imports it. */
export function resolveImport(from: string, { specifier }: Import): Resolved {
  if (specifier === undefined)
    return { reason: 'import() needs a fixed text', hint: 'Import the modules by name and choose between them.' }
  if (specifier === STATE_MODULE)
    return {
      reason: 'it is for the compiler alone',
      hint: 'Keep state in module-level variables: they are shown as they are.',
    }
  if (specifier.startsWith('amigos:')) return { builtin: specifier }
  const refusal = REFUSALS.find(({ matches }) => matches.test(specifier))
  if (refusal !== undefined) return refusal
  const path = posix.join(posix.dirname(from), specifier)
  const problem = pathProblem(path)
  if (problem !== undefined) return { reason: problem, hint: 'Keep the file in the folder, under a plain name.' }
  if (!/\.(ts|js|json)$/.test(path))
    return { reason: 'only .ts, .js and .json are imported', hint: `Write the whole name, such as ${specifier}.ts` }
  return { path }
}
