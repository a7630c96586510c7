import { MAX_LITERAL_LENGTH, MAX_TYPE_DEPTH, MAX_TYPE_NODES } from './constants.ts'
import { LIBRARY, type LibraryTypes } from './library-types.ts'
import type { DeclaredType, Program } from './program.ts'
import type { InterfaceDeclaration, Module, TypeNode } from './syntax.ts'
import {
  ANY,
  admitsVoid,
  itemsOf,
  keyOf,
  lastOfEach,
  literal,
  merge,
  union,
  withOptional,
  withoutVoid,
} from './type-algebra.ts'
import type { ValueType } from './types.ts'

type Field = Extract<ValueType, { kind: 'object' }>['fields'][number]
type Members = InterfaceDeclaration['body']['body']
type Reference = Extract<TypeNode, { type: 'TSTypeReference' }>

/** Where a type is being read: whose names it uses, what its parameters stand for, and how deep we are. */
interface Scope {
  module: Module
  bindings: ReadonlyMap<string, Argument>
  /** declarations being read, so that a recursive type ends as `any` */
  open: readonly DeclaredType['node'][]
  depth: number
}

/** A type argument is read anew wherever its parameter stands, so that each use counts. */
interface Argument {
  node: TypeNode | undefined
  scope: Scope
}

const KEYWORDS: Partial<Record<TypeNode['type'], ValueType>> = {
  TSStringKeyword: { kind: 'string' },
  TSNumberKeyword: { kind: 'number' },
  TSBooleanKeyword: { kind: 'boolean' },
  TSBigIntKeyword: { kind: 'bigint' },
  TSNullKeyword: { kind: 'null' },
  TSVoidKeyword: { kind: 'void' },
  TSUndefinedKeyword: { kind: 'void' },
  TSTemplateLiteralType: { kind: 'string' },
}

/** The types that come along where they are written: with those that make one type of another, which an inferred type has behind it. */
const BUILT_IN: LibraryTypes = {
  ...LIBRARY,
  Record: (of) => ({ kind: 'record', values: of(1) }),
  Readonly: (of) => of(0),
  Partial: (of) => withOptional(of(0), true),
  Required: (of) => withOptional(of(0), false),
}

/**
 * Reads TypeScript types into value types. One reader serves one function: after MAX_TYPE_NODES nodes everything is `any`,
 * as is what the language of value types cannot say (utility types, classes, recursion).
 */
export function createTypeReader(program: Program): (module: Module, node: TypeNode) => ValueType {
  let nodes = 0

  const read = (node: TypeNode, outer: Scope): ValueType => {
    if (++nodes > MAX_TYPE_NODES || outer.depth > MAX_TYPE_DEPTH) return ANY
    const scope = { ...outer, depth: outer.depth + 1 }
    switch (node.type) {
      case 'TSParenthesizedType':
      case 'TSOptionalType':
        return read(node.typeAnnotation, outer)
      case 'TSRestType':
        return itemsOf(read(node.typeAnnotation, outer))
      case 'TSNamedTupleMember':
        return read(node.elementType, outer)
      case 'TSTypeOperator':
        return node.operator === 'readonly' ? read(node.typeAnnotation, outer) : ANY
      case 'TSArrayType':
        return { kind: 'array', items: read(node.elementType, scope) }
      case 'TSTupleType':
        return { kind: 'array', items: union(node.elementTypes.map((type) => read(type, scope))) }
      case 'TSUnionType':
        return union(node.types.map((type) => read(type, scope)))
      case 'TSIntersectionType':
        return merge(node.types.map((type) => read(type, scope)))
      case 'TSTypeLiteral':
        return members(node.members, scope)
      case 'TSLiteralType':
        return literal(node.literal)
      case 'TSTypeReference':
        return reference(node, scope)
      default:
        return KEYWORDS[node.type] ?? ANY
    }
  }

  const reference = ({ typeName, typeArguments }: Reference, scope: Scope): ValueType => {
    if (typeName.type !== 'Identifier') return ANY
    const { name } = typeName
    const bound = scope.bindings.get(name)
    if (bound?.node !== undefined) return read(bound.node, { ...bound.scope, depth: scope.depth })
    if (bound !== undefined) return ANY
    const given = typeArguments?.params ?? []
    const declared = program.typeNamed(scope.module, name)
    if (declared !== undefined) return declaration(declared, given, scope)
    const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined
    return (
      builtIn?.((index) => {
        const argument = given[index]
        return argument === undefined ? ANY : read(argument, scope)
      }) ?? ANY
    )
  }

  const declaration = ({ module, node }: DeclaredType, given: readonly TypeNode[], scope: Scope): ValueType => {
    if (scope.open.includes(node)) return ANY
    const bindings = new Map<string, Argument>()
    const inner: Scope = { module, bindings, open: [...scope.open, node], depth: scope.depth }
    node.typeParameters?.params.forEach((parameter, index) => {
      const argument = given[index]
      const fallback: Argument = { node: parameter.default ?? undefined, scope: inner }
      bindings.set(parameter.name.name, argument === undefined ? fallback : { node: argument, scope })
    })
    if (node.type === 'TSTypeAliasDeclaration') return read(node.typeAnnotation, inner)
    const parents = (node.extends ?? []).map(({ expression, typeArguments }) =>
      read({ type: 'TSTypeReference', typeName: expression, typeArguments } as Reference, inner),
    )
    return merge(
      node.body.body.length === 0 && parents.length > 0 ? parents : [...parents, members(node.body.body, inner)],
    )
  }

  const members = (list: Members, scope: Scope): ValueType => {
    // `{}` means anything but null in TypeScript.
    if (list.length === 0) return ANY
    const fields: Field[] = []
    let values: ValueType | undefined
    for (const member of list) {
      if (member.type === 'TSIndexSignature') values = annotated(member, scope)
      else if (member.type === 'TSPropertySignature' || member.type === 'TSMethodSignature') {
        const name = member.computed ? undefined : keyOf(member.key)
        if (name === undefined || name.length > MAX_LITERAL_LENGTH) return ANY
        const type = member.type === 'TSPropertySignature' ? annotated(member, scope) : ANY
        fields.push({ name, type: withoutVoid(type), optional: member.optional === true || admitsVoid(type) })
      } else return ANY
    }
    if (values === undefined) return { kind: 'object', fields: lastOfEach(fields) }
    return fields.length === 0 ? { kind: 'record', values } : ANY
  }

  const annotated = (member: { typeAnnotation?: { typeAnnotation: TypeNode } | null }, scope: Scope): ValueType =>
    member.typeAnnotation == null ? ANY : read(member.typeAnnotation.typeAnnotation, scope)

  return (module, node) => read(node, { module, bindings: new Map(), open: [], depth: 0 })
}
