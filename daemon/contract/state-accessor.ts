import type { Module, Statement } from './syntax.ts'

/** What the line imports; no source may import it itself. */
export const STATE_MODULE = 'amigos:state'
/** The name that the line takes in each source; no source may use it. */
export const REGISTER_NAME = '__amigos_register'

interface Variables {
  names: string[]
  /** those that can be assigned */
  mutable: string[]
  classes: Map<string, string[] | undefined>
}

/**
 * The text of a source with one line behind it, which registers its variables and classes with the engine, so that the state can be shown
 * and carried over by name (specs/state.md). A source without any is left as it is. Lines keep their numbers.
 *
 * @param main the entry, whose variables go by their names alone
 */
export function withStateAccessor(module: Module, main: string): string {
  const found: Variables = { names: [], mutable: [], classes: new Map() }
  for (const statement of module.body) declare(found, statement)
  if (found.names.length === 0 && found.classes.size === 0) return module.text
  const path = JSON.stringify(module.path === main ? '' : module.path)
  const setters = found.mutable.map((name) => `${key(name)}: (${REGISTER_NAME}) => { ${name} = ${REGISTER_NAME} }`)
  const classes = [...found.classes.keys()].map(property)
  const hidden = [...found.classes].flatMap(([name, fields]) =>
    fields === undefined ? [] : [`${key(name)}: ${JSON.stringify(fields)}`],
  )
  const given = [
    path,
    `() => (${object(found.names.map(property))})`,
    object(setters),
    object(classes),
    ...(hidden.length > 0 ? [object(hidden)] : []),
  ]
  return `${module.text}\nimport { register as ${REGISTER_NAME} } from '${STATE_MODULE}'; ${REGISTER_NAME}(${given.join(', ')})\n`
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
  }
}

function addVariables(found: Variables, { kind, declare: ambient, declarations }: Declared): void {
  if (ambient || (kind !== 'let' && kind !== 'var' && kind !== 'const')) return
  for (const { id, init } of declarations) {
    const value = bare(init)
    if (kind === 'const' && value?.type === 'ClassExpression' && id.type === 'Identifier')
      addClass(found, id.name, value as unknown as ClassNode)
    else if (kind !== 'const' || !CODE.has(value?.type ?? '')) {
      const names = boundNames(id).filter((name) => !found.names.includes(name))
      found.names.push(...names)
      if (kind !== 'const') found.mutable.push(...names)
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
