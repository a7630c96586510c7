import { posix } from 'node:path'
import { IMPORTS_FOLDER } from './constants.ts'
import { filesMeant } from './files-meant.ts'
import { pathProblem } from './path.ts'
import { STATE_MODULE } from './state-accessor.ts'
import type { Module } from './syntax.ts'
import { isNode, type SyntaxNode, syntaxNodes } from './walk-syntax.ts'

/** One place where a module names another, or seems to. */
export interface Import {
  /** absent in `import(x)`, where it is only known at run time */
  specifier?: string
  line: number
  column: number
}

/** `files`: one of the contract's own, the first that is there; `bare`: a service or a package */
export type Resolved = { files: string[] } | { builtin: string } | { bare: string } | { reason: string; hint: string }

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
  for (const node of syntaxNodes(module)) if (MODULE_NODES.has(node.type)) addImport(node, found)
  return found
}

function addImport(node: SyntaxNode, found: Import[]): void {
  const source = node['source'] ?? node['expression']
  if (!isNode(source)) return
  const { line, column } = (source.loc ?? node.loc)?.start ?? { line: 0, column: -1 }
  const value = source.type === 'StringLiteral' ? source['value'] : undefined
  found.push({ ...(typeof value === 'string' ? { specifier: value } : {}), line, column: column + 1 })
}

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
]

/** What a specifier stands for inside the contract that imports it. */
export function resolveImport(from: string, specifier: string | undefined): Resolved {
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
  if (!/^\.{1,2}\//.test(specifier)) return { bare: specifier }
  const path = posix.join(posix.dirname(from), specifier)
  const problem = pathProblem(path)
  if (problem !== undefined) return { reason: problem, hint: 'Keep the file in the folder, under a plain name.' }
  if (path.startsWith(`${IMPORTS_FOLDER}/`))
    return { reason: 'it belongs to an import', hint: 'Import it by its name.' }
  return { files: filesMeant(path) }
}
