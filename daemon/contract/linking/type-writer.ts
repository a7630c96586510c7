/** Writes the types of a contract down so that they need none of its files. */
import { declarationsOf } from '../declarations.ts'
import type { DeclaredShape, Program } from '../program.ts'
import type { ClassDeclaration, EnumDeclaration, Module, Statement } from '../syntax.ts'
import { childrenOf, isNode, nodesUnder, type SyntaxNode } from '../walk-syntax.ts'
import { type ClassField, fieldsOf } from './class-fields.ts'
import { membersOf, unionOf } from './enum-text.ts'

export interface TypeWriter {
  /** a type as its author wrote it, with the names that it has here */
  text(module: Module, node: unknown): string
  /** the name that a declared type has here */
  nameOf(declared: DeclaredShape): string
  /** every type that was named so far, and those that they name */
  declarations(): string[]
}

interface Edit {
  start: number
  end: number
  text: string
}

/** What this thread may stack up; types that nest deeper are written as `any`. */
const MAX_DEPTH = 200
/** Declared types of one contract that are written down. */
const MAX_TYPES = 1000
/** Without the files that declare them nothing can be said of these. */
const FOREIGN = new Set(['TSTypeQuery', 'TSImportType', 'TSQualifiedName'])
const DECLARES_VALUES = new Set(['ClassDeclaration', 'TSEnumDeclaration', 'TSModuleDeclaration'])

class Unwritable extends Error {}

/** Classes become what is sent of them, enums the union of their values, types from elsewhere `any`. */
export function createTypeWriter(program: Program): TypeWriter {
  const names = new Map<DeclaredShape['node'], string>()
  const taken = new Set<string>()
  const waiting: DeclaredShape[] = []
  const enums = new Map<EnumDeclaration, ReadonlyMap<string, string>>()
  const others = new Map<Module, Set<string>>()

  const nameOf = (declared: DeclaredShape): string => {
    const known = names.get(declared.node)
    if (known !== undefined) return known
    if (names.size >= MAX_TYPES) return 'any'
    const own = declared.node.id!.name
    let name = own
    for (let i = 2; taken.has(name); i++) name = `${own}${i}`
    taken.add(name)
    names.set(declared.node, name)
    waiting.push(declared)
    return name
  }

  const isForeignName = (module: Module, name: string): boolean => {
    const known = others.get(module) ?? foreignNames(module)
    others.set(module, known)
    return known.has(name)
  }

  const visit = (module: Module, node: SyntaxNode, bound: ReadonlySet<string>, edits: Edit[], depth: number): void => {
    if (FOREIGN.has(node.type) || depth > MAX_DEPTH) {
      edits.push({ ...spanOf(node), text: 'any' })
      return
    }
    // its key may be a constant of the module
    if (node['computed'] === true) throw new Unwritable()
    const named = node['typeName'] ?? (HERITAGE.has(node.type) ? node['expression'] : undefined)
    const member = isNode(named) ? memberNamed(module, named, bound) : undefined
    if (member !== undefined) {
      edits.push({ ...spanOf(node), text: member })
      return
    }
    if (isNode(named)) {
      const name = named.type === 'Identifier' ? String(named['name']) : ''
      const declared = bound.has(name) ? undefined : program.shapeNamed(module, name)
      if (declared !== undefined) edits.push({ ...spanOf(named), text: nameOf(declared) })
      else if (name === '' || (!bound.has(name) && isForeignName(module, name))) {
        if (HERITAGE.has(node.type)) throw new Unwritable()
        edits.push({ ...spanOf(node), text: 'any' })
        return
      }
    }
    for (const child of childrenOf(node)) if (child !== named) visit(module, child, bound, edits, depth + 1)
  }

  const valuesOf = (node: EnumDeclaration): ReadonlyMap<string, string> => {
    const known = enums.get(node) ?? membersOf(node)
    enums.set(node, known)
    return known
  }

  /** `Color.Red`: what that member of an enum is. */
  const memberNamed = (module: Module, { type, left, right }: SyntaxNode, bound: ReadonlySet<string>) => {
    if (type !== 'TSQualifiedName' || !isNode(left) || left.type !== 'Identifier') return undefined
    const found = bound.has(nameIn(left)) ? undefined : program.shapeNamed(module, nameIn(left))
    return found?.node.type === 'TSEnumDeclaration' ? valuesOf(found.node).get(nameIn(right)) : undefined
  }

  /** @param bound names that stand for something else around it */
  const text = (module: Module, node: unknown, more: Edit[] = [], bound?: ReadonlySet<string>): string => {
    if (!isNode(node)) return 'any'
    const edits = [...more]
    try {
      visit(module, node, bound ?? boundIn(node), edits, 0)
    } catch (error) {
      if (error instanceof Unwritable) return 'any'
      throw error
    }
    return edited(module.text, spanOf(node), edits)
  }

  /** What follows the name of the class; undefined where a part of it cannot be written down. */
  const classText = (module: Module, node: ClassDeclaration): string | undefined => {
    const fields = fieldsOf(node)
    // what has no types says nothing of the fields that its constructor makes
    if (fields === undefined || !TYPED.test(module.path)) return undefined
    const bound = boundIn(node as unknown as SyntaxNode)
    const part = (of: unknown): string => (of == null ? '' : text(module, of, [], bound))
    const written = fields.map((field) => {
      if ('type' in field && field.type === 'TSIndexSignature') return part(field)
      const { name, optional, readonly, type, guessed } = field as ClassField
      return `${readonly ? 'readonly ' : ''}${name}${optional ? '?' : ''}: ${type === undefined ? guessed : part(type)}`
    })
    const parent = node.superClass?.type === 'Identifier' ? program.shapeNamed(module, node.superClass.name) : undefined
    if (node.superClass != null && parent?.node.type !== 'ClassDeclaration') return undefined
    const heritage = parent === undefined ? [] : [nameOf(parent), part(node.superTypeArguments)]
    const parts = [part(node.typeParameters), ...heritage]
    if (parts.includes('any')) return undefined
    return `${parts[0]}${parent === undefined ? '' : ` extends ${heritage.join('')}`} { ${written.join('; ')} }`
  }

  const written = ({ module, node }: DeclaredShape, name: string): string | undefined => {
    if (node.type === 'TSEnumDeclaration') return `type ${name} = ${unionOf(valuesOf(node))}`
    if (node.type === 'ClassDeclaration') {
      const rest = classText(module, node)
      return rest && `interface ${name}${rest}`
    }
    const id = spanOf(node.id as unknown as SyntaxNode)
    const found = text(module, node, [{ ...id, text: name }])
    return found === 'any' ? undefined : found
  }

  const declaration = (declared: DeclaredShape): string => {
    const name = names.get(declared.node)!
    return written(declared, name) ?? `type ${name}${parametersOf(declared.node)} = any`
  }

  return {
    text: (module, node) => text(module, node),
    nameOf,
    declarations() {
      const written: string[] = []
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) written.push(declaration(next))
      return written
    },
  }
}

/** Type parameters of what is `any`, whatever they are given. */
function parametersOf(node: DeclaredShape['node']): string {
  const { params = [] } = ('typeParameters' in node && node.typeParameters) || {}
  const names = (params as unknown as SyntaxNode[]).map(({ name }) => `${nameIn(name)} = any`)
  return names.length === 0 ? '' : `<${names.join(', ')}>`
}

const TYPED = /\.[cm]?ts$/
const HERITAGE = new Set(['TSInterfaceHeritage', 'TSExpressionWithTypeArguments'])

/** Type parameters, and the variables of mapped and conditional types. */
function boundIn(node: SyntaxNode): Set<string> {
  const found = new Set<string>()
  for (const { type, name, key } of nodesUnder(node)) {
    if (type === 'TSTypeParameter') found.add(nameIn(name))
    if (type === 'TSMappedType') found.add(nameIn(key))
  }
  return found
}

const nameIn = (node: unknown): string => (typeof node === 'string' ? node : isNode(node) ? String(node['name']) : '')

/** Names that a module imports, or declares as something that is no mere type. */
function foreignNames(module: Module): Set<string> {
  const declared = module.body.flatMap((statement) => {
    const inner = (statement as { declaration?: Statement | null }).declaration ?? statement
    const { id } = inner as { id?: { name?: string } | null }
    return DECLARES_VALUES.has(inner.type) && id?.name !== undefined ? [id.name] : []
  })
  return new Set([...declared, ...declarationsOf(module).imports.keys()])
}

function spanOf(node: SyntaxNode): { start: number; end: number } {
  return { start: Number(node['start']), end: Number(node['end']) }
}

function edited(text: string, { start, end }: { start: number; end: number }, edits: readonly Edit[]): string {
  const inOrder = [...edits].sort((a, b) => a.start - b.start)
  let at = start
  let written = ''
  for (const edit of inOrder) {
    written += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return written + text.slice(at, end)
}
