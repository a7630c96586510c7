/** Classes as whoever imports a service has them: their public fields, which are what is sent of an instance; methods and accessors stay behind. */
import type { ClassDeclaration } from '../syntax.ts'
import { isNode, type SyntaxNode } from '../walk-syntax.ts'

export interface ClassField {
  /** as it is to be written */
  name: string
  optional: boolean
  readonly: boolean
  /** as its author wrote it */
  type?: SyntaxNode
  /** of one without: the type of the value that it begins with */
  guessed: string
}

/** Fields that a class declares itself, and index signatures; undefined if the name of one is not known before it runs. */
export function fieldsOf({ body }: ClassDeclaration): (ClassField | SyntaxNode)[] | undefined {
  const found: (ClassField | SyntaxNode)[] = []
  for (const member of body.body as unknown as SyntaxNode[]) {
    if (member['static'] === true) continue
    if (member.type === 'TSIndexSignature') found.push(member)
    if (member.type === 'ClassMethod' && member['kind'] === 'constructor') found.push(...fromParameters(member))
    if (member.type !== 'ClassProperty' || !isPublic(member)) continue
    if (member['computed'] === true) return undefined
    found.push(fieldOf(member, keyText(member['key']), member['value'], member['readonly'] === true))
  }
  return found
}

/** `constructor(public name: string)` */
function fromParameters({ params }: SyntaxNode): ClassField[] {
  return (params as SyntaxNode[]).flatMap((param) => {
    if (param.type !== 'TSParameterProperty' || !isPublic(param)) return []
    const inner = param['parameter'] as SyntaxNode
    const named = inner.type === 'AssignmentPattern' ? (inner['left'] as SyntaxNode) : inner
    return [fieldOf(named, String(named['name']), inner['right'], param['readonly'] === true)]
  })
}

function fieldOf(node: SyntaxNode, name: string, value: unknown, readonly: boolean): ClassField {
  const { typeAnnotation } = (node['typeAnnotation'] ?? {}) as { typeAnnotation?: SyntaxNode }
  const guessed = isNode(value) ? typeOfValue(value, readonly) : 'any'
  const optional = node['optional'] === true
  return { name, optional, readonly, guessed, ...(typeAnnotation && { type: typeAnnotation }) }
}

const isPublic = ({ accessibility }: SyntaxNode): boolean => accessibility === undefined || accessibility === 'public'

const keyText = (key: unknown): string => {
  const { type, name, value } = key as { type: string; name?: string; value?: unknown }
  return type === 'Identifier' ? name! : JSON.stringify(value)
}

const OF_LITERALS: Readonly<Record<string, string>> = {
  StringLiteral: 'string',
  TemplateLiteral: 'string',
  NumericLiteral: 'number',
  BooleanLiteral: 'boolean',
}
/** What `new` makes that is sent as what it is, and has no parameters. */
const MADE = new Set(['Date', 'Uint8Array'])

function typeOfValue({ type, value, callee }: SyntaxNode, readonly: boolean): string {
  if (type === 'NewExpression') {
    const { name = '' } = callee as { name?: string }
    return MADE.has(name) ? name : 'any'
  }
  const general = OF_LITERALS[type] ?? 'any'
  return readonly && value !== undefined && general !== 'any' ? JSON.stringify(value) : general
}
