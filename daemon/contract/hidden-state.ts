import type ts from 'typescript'
import { isForeign, UNNAMED, warningAt } from './typed-source.ts'
import { typescript } from './typescript.ts'

const GENERATOR = 'a generator, whose place cannot be shown: hold what it is made from'
const ITERATOR = 'an iterator, whose place cannot be shown: hold what it is made from'
/** Library types whose content nobody can list. */
const OPAQUE: Readonly<Record<string, string>> = {
  WeakMap: 'a WeakMap, whose entries cannot be listed: use a Map',
  WeakSet: 'a WeakSet, whose members cannot be listed: use a Set',
  WeakRef: 'a WeakRef: hold the value itself',
  Promise: 'a promise: hold what it gives',
  Generator: GENERATOR,
  AsyncGenerator: GENERATOR,
  Iterator: ITERATOR,
  IteratorObject: ITERATOR,
  IterableIterator: ITERATOR,
  ArrayIterator: ITERATOR,
  MapIterator: ITERATOR,
  SetIterator: ITERATOR,
  StringIterator: ITERATOR,
  RegExpStringIterator: ITERATOR,
}
/** Types inside types that are looked at: a Map of arrays of objects with a private field. */
const MAX_DEPTH = 4

/** Module-level variables that hold what the logical state cannot show (specs/state.md), as `file:line: ...`, by their types. */
export function hiddenState(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): string[] {
  const declarations = sources
    .flatMap(({ statements }) => statements.filter(typescript.isVariableStatement))
    .filter(({ modifiers }) => !modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.DeclareKeyword))
    .flatMap(({ declarationList }) => declarationList.declarations.flatMap(bindingsOf))
  return declarations.flatMap((declaration) => {
    const why = createSearch(checker, declaration)(checker.getTypeAtLocation(declaration), MAX_DEPTH)
    if (why === undefined) return []
    const instead = 'or export state() and migrate(old)'
    return [warningAt(declaration, `${declaration.name.getText()} holds ${why}, ${instead}`)]
  })
}

/** The declarations of single names: those of a pattern each by itself. */
function bindingsOf(declaration: Binding): Binding[] {
  if (typescript.isIdentifier(declaration.name)) return [declaration]
  return declaration.name.elements.flatMap((one) => (typescript.isBindingElement(one) ? bindingsOf(one) : []))
}

type Binding = ts.VariableDeclaration | ts.BindingElement
type Search = (type: ts.Type, depth: number) => string | undefined

/** Looks for what cannot be shown in a type and those it is made of, each once. */
function createSearch(checker: ts.TypeChecker, at: ts.Node): Search {
  const seen = new Set<ts.Type>()

  const search: Search = (type, depth) => {
    if (depth === 0 || seen.has(type)) return undefined
    seen.add(type)
    if (type.isUnionOrIntersection()) return first(type.types, (one) => search(one, depth))
    if (type.flags & typescript.TypeFlags.ESSymbolLike) return 'a symbol: use a string'
    if (!(type.flags & typescript.TypeFlags.Object)) return undefined
    const { symbol } = type
    if (isForeign(symbol) && symbol?.name !== UNNAMED) {
      if (Object.hasOwn(OPAQUE, symbol.name)) return OPAQUE[symbol.name]
      return first(checker.getTypeArguments(type as ts.TypeReference), (one) => search(one, depth - 1))
    }
    if (checker.getSignaturesOfType(type, typescript.SignatureKind.Call).length > 0) return undefined
    const properties = checker.getPropertiesOfType(type)
    const hidden = first(properties, privateName)
    if (hidden !== undefined)
      return `an instance of ${checker.typeToString(type)}, whose ${hidden} can be neither shown nor carried over: write it without #`
    const getter = first(properties, getterName)
    if (getter !== undefined) return `an object, whose ${getter} is a getter and is not asked: write a function`
    const kept = properties.find((property) => isKeptFunction(checker, property))
    if (kept !== undefined)
      return `an instance of ${checker.typeToString(type)}, whose ${kept.name} is a function and cannot be carried over: make it where it is used`
    const inside = [
      // what a class that extends a container holds
      ...basesOf(checker, type),
      ...properties.map((property) => checker.getTypeOfSymbolAtLocation(property, at)),
      ...checker.getIndexInfosOfType(type).map((info) => info.type),
    ]
    return first(inside, (one) => search(one, depth - 1))
  }
  return search
}

/** Inherited ones are among the properties of a type. */
function privateName({ valueDeclaration }: ts.Symbol): string | undefined {
  const name = valueDeclaration && typescript.getNameOfDeclaration(valueDeclaration)
  return name && typescript.isPrivateIdentifier(name) ? name.text : undefined
}

/** Of an object literal: those of a class are on its prototype, and no state. */
function getterName({ flags, name, declarations = [] }: ts.Symbol): string | undefined {
  const isGetter = flags & typescript.SymbolFlags.GetAccessor
  return isGetter && declarations.some(({ parent }) => typescript.isObjectLiteralExpression(parent)) ? name : undefined
}

/** A field of a class, not a method. */
function isKeptFunction(checker: ts.TypeChecker, { valueDeclaration }: ts.Symbol): boolean {
  if (valueDeclaration === undefined) return false
  const isField = typescript.isPropertyDeclaration(valueDeclaration) || typescript.isParameter(valueDeclaration)
  if (!isField) return false
  const type = checker.getNonNullableType(checker.getTypeAtLocation(valueDeclaration))
  return checker.getSignaturesOfType(type, typescript.SignatureKind.Call).length > 0
}

function basesOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const { target = type } = type as ts.TypeReference
  return target.isClassOrInterface() ? checker.getBaseTypes(target) : []
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
