/** Enums as whoever imports a service has them: a union of their values. The object behind one is not over there. */
import type { EnumDeclaration } from '../syntax.ts'

type Member = EnumDeclaration['body']['members'][number]
type Initializer = NonNullable<Member['initializer']>

/** What stands for members whose value is made by calculating: with `1 << 2` and its like, values are often put together from several. */
const CALCULATED = { any: 'string | number', number: 'number' }
const NUMBERS_ALONE = new Set(['-', '*', '/', '%', '**', '<<', '>>', '>>>', '&', '|', '^', '~'])

/** Types of the members, by their names. */
export function membersOf(node: EnumDeclaration): Map<string, string> {
  const found = new Map<string, string>()
  // the value of a member without one is that of the member before it, and one more
  let next: number | undefined = 0
  for (const { id, initializer } of node.body.members) {
    const value: number | string | undefined = initializer == null ? next : writtenValue(initializer, node, found)
    next = typeof value === 'number' ? value + 1 : undefined
    found.set(nameOf(id), value === undefined ? calculated(initializer) : literal(value))
  }
  return found
}

/** The union of all of them. */
export function unionOf(members: ReadonlyMap<string, string>): string {
  const types = new Set(members.values())
  const isFlags = types.has(CALCULATED.number) && [...types].every((type) => !type.includes('"'))
  return isFlags ? CALCULATED.number : [...types].join(' | ') || 'never'
}

function writtenValue(
  node: Initializer,
  { id }: EnumDeclaration,
  known: Map<string, string>,
): number | string | undefined {
  switch (node.type) {
    case 'NumericLiteral':
    case 'StringLiteral':
      return node.value
    case 'TemplateLiteral':
      return node.expressions.length === 0 ? (node.quasis[0]?.value.cooked ?? undefined) : undefined
    case 'UnaryExpression':
      return node.operator === '-' && node.argument.type === 'NumericLiteral' ? -node.argument.value : undefined
    case 'Identifier':
      return earlier(known, node.name)
    case 'MemberExpression': {
      const isOwn = node.object.type === 'Identifier' && node.object.name === id.name && !node.computed
      return isOwn && node.property.type === 'Identifier' ? earlier(known, node.property.name) : undefined
    }
    default:
      return undefined
  }
}

/** A member before this one, if it is known. */
function earlier(known: Map<string, string>, name: string): number | string | undefined {
  const text = known.get(name)
  return text === undefined || Object.values(CALCULATED).includes(text)
    ? undefined
    : (JSON.parse(text) as number | string)
}

function calculated(initializer: Initializer | null | undefined): string {
  const { operator = '' } = (initializer ?? { operator: '-' }) as { operator?: string }
  return NUMBERS_ALONE.has(operator) ? CALCULATED.number : CALCULATED.any
}

function literal(value: number | string): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return CALCULATED.number
  return JSON.stringify(value)
}

const nameOf = (id: Member['id']): string => (id.type === 'Identifier' ? id.name : id.value)
