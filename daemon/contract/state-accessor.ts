import type { Module, Statement } from './syntax.ts'
import { isNode, syntaxNodes } from './walk-syntax.ts'

/** What the line imports; no source may import it itself. */
export const STATE_MODULE = 'amigos:state'
/** The name that the line takes in each source; no source may use it. */
export const REGISTER_NAME = '__amigos_register'

interface Variables {
  names: Set<string>
  /** those that can be assigned */
  mutable: Set<string>
  classes: Map<string, string[] | undefined>
}

/**
 * The text of a source with one line behind it, which registers its variables and classes with the engine, so that the state can be shown
 * and carried over by name (specs/state.md). A source that needs none is left as it is. Lines keep their numbers.
 *
 * @param name under which its variables go; empty for the entry, whose variables go by their names alone
 */
export function withStateAccessor(module: Module, name: string): string {
  const found: Variables = { names: new Set(), mutable: new Set(), classes: new Map() }
  for (const statement of module.body) declare(found, statement)
  const imports = dynamicImports(module).map((specifier) => `import ${JSON.stringify(specifier)}; `)
  const call = found.names.size === 0 && found.classes.size === 0 ? '' : registerCall(found, name)
  return imports.length === 0 && call === '' ? module.text : `${module.text}\n${imports.join('')}${call}\n`
}

/** What `import()` names is evaluated with the rest, before the module that names it: variables cannot be registered later. */
function dynamicImports(module: Module): string[] {
  const found = new Set<string>()
  for (const { type, source } of syntaxNodes(module)) {
    const specifier = type === 'ImportExpression' && isNode(source) ? source['value'] : undefined
    if (typeof specifier === 'string' && !specifier.startsWith('amigos:') && !specifier.endsWith('.json'))
      found.add(specifier)
  }
  return [...found]
}

function registerCall(found: Variables, name: string): string {
  const path = JSON.stringify(name)
  const setters = [...found.mutable].map((name) => `${key(name)}: (${REGISTER_NAME}) => { ${name} = ${REGISTER_NAME} }`)
  const classes = [...found.classes.keys()].map(property)
  const hidden = [...found.classes].flatMap(([name, fields]) =>
    fields === undefined ? [] : [`${key(name)}: ${JSON.stringify(fields)}`],
  )
  const given = [
    path,
    `() => (${object([...found.names].map(property))})`,
    object(setters),
    object(classes),
    ...(hidden.length > 0 ? [object(hidden)] : []),
  ]
  return `import { register as ${REGISTER_NAME} } from '${STATE_MODULE}'; ${REGISTER_NAME}(${given.join(', ')})`
}

function object(properties: readonly string[]): string {
  return properties.length === 0 ? '{}' : `{ ${properties.join(', ')} }`
}

/** In an object literal the key __proto__ is no property. */
function key(name: string): string {
  return name === '__proto__' ? `['${name}']` : name
}

function property(name: string): string {
  return name === '__proto__' ? `${key(name)}: ${name}` : name
}

type Declared = Extract<Statement, { type: 'VariableDeclaration' }>
type ClassNode = Extract<Statement, { type: 'ClassDeclaration' }>

function declare(found: Variables, statement: Statement): void {
  if (statement.type === 'VariableDeclaration') addVariables(found, statement)
  else if (statement.type === 'ClassDeclaration') addClass(found, statement.id?.name, statement)
  else if (statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration') {
    const declaration = statement.declaration as Statement | null | undefined
    if (declaration != null) declare(found, declaration)
  } else for (const inner of hoistedIn(statement)) addVariables(found, inner)
}

/** Statements with statements in them, and where they are. */
const NESTING: Readonly<Record<string, readonly string[]>> = {
  BlockStatement: ['body'],
  IfStatement: ['consequent', 'alternate'],
  ForStatement: ['init', 'body'],
  ForInStatement: ['left', 'body'],
  ForOfStatement: ['left', 'body'],
  WhileStatement: ['body'],
  DoWhileStatement: ['body'],
  TryStatement: ['block', 'handler', 'finalizer'],
  CatchClause: ['body'],
  SwitchStatement: ['cases'],
  SwitchCase: ['consequent'],
  LabeledStatement: ['body'],
}

/** `var` inside a statement of the module belongs to the module. */
function hoistedIn(statement: Statement): Declared[] {
  const found: Declared[] = []
  const waiting: unknown[] = [statement]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (Array.isArray(node)) waiting.push(...node.toReversed())
    else if (!isNode(node)) continue
    else if (node.type !== 'VariableDeclaration')
      waiting.push(...(NESTING[node.type] ?? []).map((field) => node[field]).reverse())
    else if (node['kind'] === 'var') found.push(node as unknown as Declared)
  }
  return found
}

function addVariables(found: Variables, { kind, declare: ambient, declarations }: Declared): void {
  if (ambient || (kind !== 'let' && kind !== 'var' && kind !== 'const')) return
  for (const { id, init } of declarations) {
    const value = bare(init)
    if (kind === 'const' && value?.type === 'ClassExpression' && id.type === 'Identifier')
      addClass(found, id.name, value as unknown as ClassNode)
    else if (kind !== 'const' || !CODE.has(value?.type ?? '')) {
      for (const name of boundNames(id)) {
        found.names.add(name)
        if (kind !== 'const') found.mutable.add(name)
      }
    }
  }
}

const CODE = new Set(['ArrowFunctionExpression', 'FunctionExpression', 'ClassExpression'])
const WRAPPERS = new Set(['TSAsExpression', 'TSSatisfiesExpression', 'TSNonNullExpression', 'TSTypeAssertion'])

/** An initialiser without the types around it. */
function bare(init: unknown): { type: string } | undefined {
  let node = init as { type: string; expression?: unknown } | null | undefined
  while (node != null && WRAPPERS.has(node.type)) node = node.expression as typeof node
  return node ?? undefined
}

function boundNames(pattern: unknown): string[] {
  const names: string[] = []
  const waiting = [pattern]
  while (waiting.length > 0) {
    const node = waiting.pop() as Record<string, unknown> | null | undefined
    if (node == null) continue
    if (node['type'] === 'Identifier') names.push(node['name'] as string)
    else if (node['type'] === 'ObjectPattern') waiting.push(...(node['properties'] as unknown[]).toReversed())
    else if (node['type'] === 'ArrayPattern') waiting.push(...(node['elements'] as unknown[]).toReversed())
    // a default value, a property, the rest
    else waiting.push(node['left'] ?? node['value'] ?? node['argument'])
  }
  return names
}

function addClass({ classes }: Variables, name: string | undefined, node: ClassNode): void {
  if (name !== undefined && !node.declare) classes.set(name, privateFields(node))
}

/** Names of its private instance fields; undefined if it has no private members at all. */
function privateFields({ body }: ClassNode): string[] | undefined {
  const members = (
    body.body as { type: string; static?: boolean; key?: { type: string; id?: { name: string } } }[]
  ).filter(({ static: isStatic, key: named }) => !isStatic && named?.type === 'PrivateName')
  if (members.length === 0) return undefined
  const fields = members.filter(({ type }) => type === 'ClassPrivateProperty' || type === 'ClassAccessorProperty')
  return fields.map(({ key: named }) => `#${named?.id?.name ?? ''}`)
}
