import {
  type ClassDeclaration,
  type Comment,
  DECLARATIONS,
  type EnumDeclaration,
  type FunctionNode,
  type InterfaceDeclaration,
  type Module,
  type Statement,
  type TypeAlias,
} from './syntax.ts'

/** What a module says at its top level, by name: enough to follow a function or a type through imports and re-exports. */
export interface Declarations {
  module: Module
  functions: Map<string, DeclaredFunction>
  types: Map<string, TypeAlias | InterfaceDeclaration>
  /** what is a type and a value; undefined where several declarations make one */
  shapes: Map<string, ClassDeclaration | EnumDeclaration | undefined>
  /** local name to where it comes from */
  imports: Map<string, Origin>
  /** exported name to a local one or to another module's */
  exports: Map<string, ExportedName>
  /** modules of `export * from` */
  stars: { specifier: string; erased: boolean }[]
}

export interface DeclaredFunction {
  module: Module
  node: FunctionNode
  comments: readonly Comment[]
}

/** `erased` after `export type`: nothing of it is left at run time. */
export type ExportedName = ({ local: string } | { origin: Origin }) & { line: number; erased: boolean }

/** `name` is `*` for a whole module. */
export interface Origin {
  specifier: string
  name: string
}

type Named = Extract<Statement, { type: 'ExportNamedDeclaration' }>
type Import = Extract<Statement, { type: 'ImportDeclaration' }>

/** What one module declares, imports and exports, by name; nothing is followed into other modules. */
export function declarationsOf(module: Module): Declarations {
  const found: Declarations = {
    module,
    functions: new Map(),
    types: new Map(),
    shapes: new Map(),
    imports: new Map(),
    exports: new Map(),
    stars: [],
  }
  for (const statement of module.body) {
    if (statement.type === 'ImportDeclaration') addImports(found, statement)
    else if (statement.type === 'ExportNamedDeclaration') addExports(found, statement)
    else if (statement.type === 'ExportDefaultDeclaration')
      found.exports.set('default', { local: 'default', line: lineOf(statement), erased: false })
    else if (statement.type === 'ExportAllDeclaration')
      found.stars.push({ specifier: statement.source.value, erased: statement.exportKind === 'type' })
    else declare(found, statement, statement.leadingComments ?? [])
  }
  return found
}

/** Notes what a statement declares, and answers the names of the values among it. */
function declare(found: Declarations, statement: Statement, comments: readonly Comment[]): string[] {
  const { module } = found
  switch (statement.type) {
    case 'TSDeclareFunction':
    case 'FunctionDeclaration': {
      const name = statement.id?.name
      // of an overload the function itself speaks, which a file of declarations does not have
      if (name === undefined || (statement.type === 'TSDeclareFunction' && !DECLARATIONS.test(module.path))) return []
      found.functions.set(name, { module, node: statement, comments })
      return [name]
    }
    case 'VariableDeclaration':
      return statement.declarations.flatMap(({ id, init }) => {
        if (id.type !== 'Identifier') return patternNames(id)
        const node = functionIn(init)
        if (node !== undefined) found.functions.set(id.name, { module, node, comments })
        return [id.name]
      })
    case 'TSTypeAliasDeclaration':
    case 'TSInterfaceDeclaration':
      found.types.set(statement.id.name, statement)
      return []
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
      if (statement.id == null) return []
      found.shapes.set(statement.id.name, found.shapes.has(statement.id.name) ? undefined : statement)
      return [statement.id.name]
    default:
      return []
  }
}

/** The function of `const f = (…) => …`, also behind `as` and `satisfies`. */
function functionIn(init: unknown): FunctionNode | undefined {
  let node = init as { type: string; expression?: unknown } | null | undefined
  while (node?.type === 'TSAsExpression' || node?.type === 'TSSatisfiesExpression')
    node = node.expression as typeof node
  return node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression'
    ? (node as unknown as FunctionNode)
    : undefined
}

/** Names of `const { a, b: [c] } = …`; they can be anything, so none of them is a function we can see. */
function patternNames(pattern: unknown): string[] {
  const names: string[] = []
  const waiting = [pattern]
  while (waiting.length > 0) {
    const node = waiting.pop() as Record<string, unknown> | null | undefined
    if (node == null || typeof node !== 'object') continue
    if (node['type'] === 'Identifier') names.push(node['name'] as string)
    else if (node['type'] === 'ObjectPattern') waiting.push(...(node['properties'] as unknown[]))
    else if (node['type'] === 'ArrayPattern') waiting.push(...(node['elements'] as unknown[]))
    else waiting.push(node['value'] ?? node['argument'] ?? node['left'])
  }
  return names.reverse()
}

function addImports(found: Declarations, { specifiers, source }: Import): void {
  for (const specifier of specifiers) {
    const name =
      specifier.type === 'ImportSpecifier'
        ? nameOf(specifier.imported)
        : specifier.type === 'ImportDefaultSpecifier'
          ? 'default'
          : '*'
    found.imports.set(specifier.local.name, { specifier: source.value, name })
  }
}

function addExports(found: Declarations, statement: Named): void {
  const { declaration, source } = statement
  if (declaration != null) {
    const line = lineOf(statement)
    for (const name of declare(found, declaration as Statement, statement.leadingComments ?? []))
      found.exports.set(name, { local: name, line, erased: false })
  }
  for (const specifier of statement.specifiers) {
    const name = specifier.type === 'ExportSpecifier' ? nameOf(specifier.local) : '*'
    const erased =
      statement.exportKind === 'type' || (specifier.type === 'ExportSpecifier' && specifier.exportKind === 'type')
    const from = source == null ? { local: name } : { origin: { specifier: source.value, name } }
    found.exports.set(nameOf(specifier.exported), { ...from, line: lineOf(specifier), erased })
  }
}

function nameOf(node: Extract<Named['specifiers'][number], { type: 'ExportSpecifier' }>['exported']): string {
  return node.type === 'Identifier' ? node.name : node.value
}

function lineOf(node: { loc?: { start: { line: number } } | null }): number {
  return node.loc?.start.line ?? 0
}
