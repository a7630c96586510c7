import type ts from 'typescript'
import { ROOT } from './type-host.ts'
import { typescript } from './typescript.ts'

/** Library types whose content nobody can list. */
const OPAQUE: Readonly<Record<string, string>> = {
  WeakMap: 'a WeakMap, whose entries cannot be listed: use a Map',
  WeakSet: 'a WeakSet, whose members cannot be listed: use a Set',
  WeakRef: 'a WeakRef: hold the value itself',
  Promise: 'a promise: hold what it gives',
  Generator: 'a generator, whose place cannot be shown: hold what it is made from',
  Iterator: 'an iterator, whose place cannot be shown: hold what it is made from',
}
/** Types inside types that are looked at: a Map of arrays of objects with a private field. */
const MAX_DEPTH = 4

/**
 * Module-level variables that hold what the logical state cannot show (specs/state.md), as `file:line: ...`. A contract that exports
 * both `state` and `migrate` says itself what is shown and carried over.
 */
export function hiddenState(program: ts.Program, sources: readonly ts.SourceFile[]): string[] {
  const checker = program.getTypeChecker()
  const saysItself = sources.some((source) => {
    const module = checker.getSymbolAtLocation(source)
    const names = module ? checker.getExportsOfModule(module).map(({ name }) => name) : []
    return names.includes('state') && names.includes('migrate')
  })
  if (saysItself) return []
  return sources.flatMap((source) =>
    source.statements.filter(typescript.isVariableStatement).flatMap(({ declarationList }) =>
      declarationList.declarations.flatMap((declaration) => {
        const why = reasonOf(checker, declaration, checker.getTypeAtLocation(declaration), MAX_DEPTH)
        if (why === undefined) return []
        const { line } = source.getLineAndCharacterOfPosition(declaration.getStart(source))
        const where = `${source.fileName.slice(ROOT.length)}:${line + 1}`
        const instead = 'or export state() and migrate(old)'
        return [`${where}: ${declaration.name.getText(source)} holds ${why}, ${instead}; nobody can read it otherwise`]
      }),
    ),
  )
}

function reasonOf(checker: ts.TypeChecker, at: ts.Node, type: ts.Type, depth: number): string | undefined {
  if (depth === 0 || type.flags & (typescript.TypeFlags.Any | typescript.TypeFlags.Unknown)) return undefined
  if (type.isUnionOrIntersection()) return first(type.types, (one) => reasonOf(checker, at, one, depth))
  if (type.flags & typescript.TypeFlags.ESSymbolLike) return 'a symbol: use a string'
  const { symbol } = type
  const isLibrary = symbol?.declarations?.every((one) => !one.getSourceFile().fileName.startsWith(ROOT)) ?? false
  if (isLibrary && Object.hasOwn(OPAQUE, symbol.name)) return OPAQUE[symbol.name]
  if (isLibrary)
    return first(checker.getTypeArguments(type as ts.TypeReference) ?? [], (one) =>
      reasonOf(checker, at, one, depth - 1),
    )
  if (!type.isClass() && !(type.flags & typescript.TypeFlags.Object)) return undefined
  const members =
    symbol?.valueDeclaration && typescript.isClassLike(symbol.valueDeclaration) ? symbol.valueDeclaration.members : []
  const hidden = members.find(({ name }) => name !== undefined && typescript.isPrivateIdentifier(name))
  if (hidden !== undefined)
    return `an instance of ${symbol.name}, whose ${hidden.name!.getText()} cannot be seen: make it a field without #`
  if (checker.getSignaturesOfType(type, typescript.SignatureKind.Call).length > 0) return undefined
  return first(checker.getPropertiesOfType(type), (property) =>
    reasonOf(checker, at, checker.getTypeOfSymbolAtLocation(property, at), depth - 1),
  )
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
