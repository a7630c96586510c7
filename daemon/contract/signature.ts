import { MAX_IDENTIFIER_LENGTH, MAX_TYPE_TEXT_LENGTH } from './constants.ts'
import type { DeclaredFunction } from './declarations.ts'
import type { InferredSignature } from './inferred-signature.ts'
import type { FunctionNode, FunctionParameter, Module, TypeNode } from './syntax.ts'
import { textOf } from './syntax.ts'
import { plainText } from './text.ts'
import { ANY, admitsVoid, withoutVoid } from './type-algebra.ts'
import type { Parameter, ValueType } from './types.ts'

/** Parameters and result of a function as its author declared them, and whether all of it was declared. */
export interface Signature {
  params: Parameter[]
  returns: string
  result: ValueType
  complete: boolean
}

export type Annotation = FunctionNode['returnType']

/** What the literals say that stand as default values. */
const INFERRED: Record<string, { text: string; type: ValueType }> = {
  StringLiteral: { text: 'string', type: { kind: 'string' } },
  TemplateLiteral: { text: 'string', type: { kind: 'string' } },
  NumericLiteral: { text: 'number', type: { kind: 'number' } },
  BooleanLiteral: { text: 'boolean', type: { kind: 'boolean' } },
  BigIntLiteral: { text: 'bigint', type: { kind: 'bigint' } },
}

/**
 * Parameters and result of a function as value types.
 *
 * @param readType what a type means that is written down; what is neither written down nor inferred is `any`
 */
export function readSignature(
  { module, node }: DeclaredFunction,
  readType: (module: Module, node: TypeNode) => ValueType,
  /** what its author does not say */
  inferred?: InferredSignature | undefined,
): Signature {
  let complete = true
  const params: Parameter[] = []
  const typed = (annotation: Annotation, fallback: unknown): { text: string; type: ValueType } => {
    const written = typeIn(annotation)
    if (written !== undefined) return { text: typeText(module, written), type: readType(module, written) }
    const found = INFERRED[(fallback as { type?: string } | undefined)?.type ?? ''] ?? inferred?.params[params.length]
    if (found === undefined || found.text === 'any') complete = false
    return found ?? { text: 'any', type: ANY }
  }

  for (const param of node.params) {
    const parts = partsOf(param)
    if (parts.name === 'this') continue
    const { text, type } = typed(parts.annotation, parts.fallback)
    const optional = parts.fallback !== undefined || parts.optional || parts.rest || admitsVoid(type)
    const name = (parts.name ?? `arg${params.length + 1}`).slice(0, MAX_IDENTIFIER_LENGTH)
    params.push({ name, text, type: withoutVoid(type), optional, rest: parts.rest })
  }
  const written = typeIn(node.returnType)
  if (written === undefined && inferred === undefined) complete = false
  if (written === undefined)
    return { params, returns: inferred?.result.text ?? 'any', result: inferred?.result.type ?? ANY, complete }
  const settled = withoutPromise(written)
  return { params, returns: typeText(module, settled), result: readType(module, settled), complete }
}

export interface Parts {
  /** absent where the parameter is a pattern */
  name: string | undefined
  annotation: Annotation
  fallback: unknown
  optional: boolean
  rest: boolean
}

/** What a parameter is made of, whatever its form. */
export function partsOf(param: FunctionParameter): Parts {
  const plain: Parts = { name: undefined, annotation: undefined, fallback: undefined, optional: false, rest: false }
  switch (param.type) {
    case 'Identifier':
      return { ...plain, name: param.name, annotation: param.typeAnnotation, optional: param.optional === true }
    case 'AssignmentPattern': {
      const left = param.left as FunctionParameter
      return { ...partsOf(left), fallback: param.right }
    }
    case 'RestElement': {
      const name = param.argument.type === 'Identifier' ? param.argument.name : undefined
      return { ...plain, name, annotation: param.typeAnnotation, rest: true }
    }
    case 'ObjectPattern':
    case 'ArrayPattern':
      return { ...plain, annotation: param.typeAnnotation }
    default:
      return plain
  }
}

/** The type that is written there. */
export function typeIn(annotation: Annotation): TypeNode | undefined {
  return annotation?.type === 'TSTypeAnnotation' ? annotation.typeAnnotation : undefined
}

/** What a function gives once it is awaited. */
export function withoutPromise(node: TypeNode): TypeNode {
  if (node.type !== 'TSTypeReference' || node.typeName.type !== 'Identifier' || node.typeName.name !== 'Promise')
    return node
  return node.typeArguments?.params[0] ?? node
}

function typeText(module: Module, node: TypeNode): string {
  return plainText(textOf(module, node), MAX_TYPE_TEXT_LENGTH)
}
