/** What a function takes and returns where its author did not say, as the type checker sees it. */
import type ts from 'typescript'
import { MAX_LITERAL_LENGTH, MAX_TYPE_DEPTH, MAX_TYPE_NODES, MAX_TYPE_TEXT_LENGTH } from './constants.ts'
import { LIBRARY } from './library-types.ts'
import { plainText } from './text.ts'
import { ANY, admitsVoid, union, withoutVoid } from './type-algebra.ts'
import { isForeign, UNNAMED } from './typed-source.ts'
import type { ValueType } from './types.ts'
import { typescript } from './typescript.ts'

export interface InferredType {
  text: string
  type: ValueType
}

export interface InferredSignature {
  params: InferredType[]
  /** without the promise around it */
  result: InferredType
}

/** Reads the functions that `entry` exports. */
export function createSignatureReader(
  checker: ts.TypeChecker,
  entry: ts.SourceFile | undefined,
): (name: string) => InferredSignature | undefined {
  const module = entry && checker.getSymbolAtLocation(entry)
  const exported = new Map((module ? checker.getExportsOfModule(module) : []).map((symbol) => [symbol.name, symbol]))
  return (name) => {
    const symbol = exported.get(name)
    if (entry === undefined || symbol === undefined) return undefined
    const type = checker.getTypeOfSymbolAtLocation(symbol, entry)
    const [signature] = checker.getSignaturesOfType(type, typescript.SignatureKind.Call)
    if (signature === undefined) return undefined
    const returned = checker.getReturnTypeOfSignature(signature)
    const inferred = (found: ts.Type): InferredType => ({
      text: textOf(checker, found, entry),
      type: createTypeReader(checker, entry)(found),
    })
    // a default says little in JavaScript, where whoever reads more of it than it has is not told
    const isTyped = signature.declaration?.getSourceFile().fileName.endsWith('.ts') ?? false
    const given = isTyped ? signature.parameters : []
    return {
      params: given.map((one) => anyIfEmpty(inferred(checker.getTypeOfSymbolAtLocation(one, entry)))),
      result: inferred(checker.getAwaitedType(returned) ?? returned),
    }
  }
}

/** The default `{}` is no promise that there are no fields. */
function anyIfEmpty({ text, type }: InferredType): InferredType {
  return { text, type: type.kind === 'object' && type.fields.length === 0 ? ANY : type }
}

function textOf(checker: ts.TypeChecker, type: ts.Type, at: ts.Node): string {
  const text = checker.typeToString(type, at, typescript.TypeFormatFlags.NoTruncation)
  // types of other files are written with the file, which says nothing to a reader
  return plainText(text.replaceAll(/import\("[^"]*"\)\./g, ''), MAX_TYPE_TEXT_LENGTH)
}

type Flag = keyof typeof typescript.TypeFlags
type Reader = (type: ts.Type) => ValueType

/** Types without an inside; the first flag that is set decides. */
const FLAT: [flag: Flag, read: (type: ts.Type) => ValueType][] = [
  ['EnumLike', () => ANY],
  ['StringLiteral', (type) => literal((type as ts.StringLiteralType).value)],
  ['NumberLiteral', (type) => literal((type as ts.NumberLiteralType).value)],
  ['BooleanLiteral', (type) => literal((type as ts.Type & { intrinsicName?: string }).intrinsicName === 'true')],
  ['StringLike', () => ({ kind: 'string' })],
  ['NumberLike', () => ({ kind: 'number' })],
  ['Boolean', () => ({ kind: 'boolean' })],
  ['BigIntLike', () => ({ kind: 'bigint' })],
  ['Null', () => ({ kind: 'null' })],
  ['VoidLike', () => ({ kind: 'void' })],
]

/** As the reader of written types: the same bounds, and `any` for the same things. */
function createTypeReader(checker: ts.TypeChecker, at: ts.Node): Reader {
  let nodes = 0
  const open: ts.Type[] = []

  const read = (type: ts.Type): ValueType => {
    if (++nodes > MAX_TYPE_NODES || open.length >= MAX_TYPE_DEPTH || open.includes(type)) return ANY
    const flat = FLAT.find(([flag]) => type.flags & typescript.TypeFlags[flag])
    if (flat !== undefined) return flat[1](type)
    open.push(type)
    const found = type.isUnion() ? union(withBooleans(type.types.map(read))) : object(type)
    open.pop()
    return found
  }

  const object = (type: ts.Type): ValueType => {
    if (!(type.flags & (typescript.TypeFlags.Object | typescript.TypeFlags.Intersection))) return ANY
    const of = (index: number) =>
      read(checker.getTypeArguments(type as ts.TypeReference)[index] ?? checker.getAnyType())
    if (checker.isTupleType(type)) {
      const items = checker.getTypeArguments(type as ts.TypeReference).map(read)
      return { kind: 'array', items: items.length === 0 ? ANY : union(withBooleans(items)) }
    }
    const { symbol } = type
    if (isForeign(symbol) && symbol?.name !== UNNAMED)
      return (Object.hasOwn(LIBRARY, symbol.name) ? LIBRARY[symbol.name]?.(of) : undefined) ?? ANY
    if (type.isClass() || checker.getSignaturesOfType(type, typescript.SignatureKind.Call).length > 0) return ANY
    return record(type)
  }

  const record = (type: ts.Type): ValueType => {
    const properties = checker.getPropertiesOfType(type)
    const values = checker.getIndexTypeOfType(type, typescript.IndexKind.String)
    if (values !== undefined) return properties.length === 0 ? { kind: 'record', values: read(values) } : ANY
    // `{}` means anything but null
    if (properties.length === 0 && !isLiteral(type)) return ANY
    if (properties.some(({ name }) => name.startsWith('__') || name.length > MAX_LITERAL_LENGTH)) return ANY
    const fields = properties.map((property) => {
      const found = read(checker.getTypeOfSymbolAtLocation(property, at))
      const optional = (property.flags & typescript.SymbolFlags.Optional) !== 0 || admitsVoid(found)
      return { name: property.name, type: withoutVoid(found), optional }
    })
    return { kind: 'object', fields }
  }
  return read
}

/** The checker writes boolean inside a union as true | false. */
function withBooleans(types: readonly ValueType[]): ValueType[] {
  const isTruth = (type: ValueType) => type.kind === 'literal' && typeof type.value === 'boolean'
  return types.filter(isTruth).length < 2
    ? [...types]
    : [...types.filter((type) => !isTruth(type)), { kind: 'boolean' }]
}

function isLiteral({ symbol }: ts.Type): boolean {
  return symbol !== undefined && (symbol.flags & typescript.SymbolFlags.ObjectLiteral) !== 0
}

function literal(value: string | number | boolean): ValueType {
  if (typeof value === 'string' && value.length > MAX_LITERAL_LENGTH) return { kind: 'string' }
  // -0 and infinity have no place in a block
  if (typeof value === 'number')
    return Number.isFinite(value) ? { kind: 'literal', value: value + 0 } : { kind: 'number' }
  return { kind: 'literal', value }
}
