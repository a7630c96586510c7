/** Exported functions that promise what cannot be sent, or not as they hold it (specs/values.md), as `file:line: ...`. */
import type ts from 'typescript'
import { STREAMS } from './library-types.ts'
import { isForeign, UNNAMED, warningAt } from './typed-source.ts'
import { typescript } from './typescript.ts'

/** What is found in a type, where in it, and what to do. */
interface Found {
  what: string
  at: string
  hint: string
}

const FUNCTION = { what: 'a function, which cannot be sent', hint: 'return what it gives' }
const SYMBOL = { what: 'a symbol, which cannot be sent', hint: 'return a string' }
const TYPED = 'return Array.from(it), or its bytes as a Uint8Array'
const LISTED = 'return an array of what it gives, such as [...it]'
const UNLISTED = 'return an array, a Map or a Set'

/** What the library brings along that is none that can be sent, or arrives as an empty object. */
const LIBRARY: Readonly<Record<string, Omit<Found, 'at'>>> = {
  Function: FUNCTION,
  CallableFunction: FUNCTION,
  NewableFunction: FUNCTION,
  Symbol: SYMBOL,
  Promise: { what: 'a promise inside, which cannot be sent', hint: 'await it first, many with Promise.all' },
  ...each(
    `Int8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array
     BigInt64Array BigUint64Array`,
    (name) => ({ what: `a typed array (${name}), which cannot be sent`, hint: TYPED }),
  ),
  DataView: { what: 'a DataView, which cannot be sent', hint: 'return its bytes as a Uint8Array' },
  RegExp: { what: 'a RegExp, which arrives as {}', hint: 'return its source' },
  ...each('Error TypeError RangeError SyntaxError ReferenceError EvalError URIError AggregateError', (name) => ({
    what: `an error (${name}), which arrives as {}`,
    hint: 'throw it, or return its message',
  })),
  ...each('WeakMap WeakSet WeakRef', (name) => ({ what: `a ${name}, which arrives as {}`, hint: UNLISTED })),
  ...each(
    `Generator AsyncGenerator Iterator AsyncIterator IterableIterator AsyncIterableIterator IteratorObject AsyncIteratorObject
     ArrayIterator MapIterator SetIterator StringIterator RegExpStringIterator`,
    () => ({ what: 'an iterator, which arrives as {}', hint: LISTED }),
  ),
}

/** Sent as what they hold: the types inside are looked at. */
const CONTAINERS = new Set(['Array', 'ReadonlyArray', 'Map', 'ReadonlyMap', 'Set', 'ReadonlySet'])
/** Their results go nowhere, or are shown otherwise. */
const APART = new Set(['init', 'migrate', 'merge', 'state'])
/** Types inside types that are looked at. */
const MAX_DEPTH = 6

/** Looks at the declared or inferred result of each function that the entry exports, and names the first thing in it. */
export function unsendableResults(checker: ts.TypeChecker, entry: ts.SourceFile | undefined): string[] {
  const module = entry && checker.getSymbolAtLocation(entry)
  if (module === undefined) return []
  return checker.getExportsOfModule(module).flatMap((symbol) => {
    const origin = symbol.flags & typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const declaration = origin.valueDeclaration
    if (APART.has(symbol.name) || declaration === undefined || isForeign(origin)) return []
    // a generator that is not async is no function that can be called, which is told elsewhere
    if (typescript.isFunctionDeclaration(declaration) && declaration.asteriskToken && !isAsync(declaration)) return []
    const type = checker.getTypeOfSymbolAtLocation(origin, declaration)
    const search = createSearch(checker, declaration)
    for (const signature of checker.getSignaturesOfType(type, typescript.SignatureKind.Call)) {
      const returned = checker.getReturnTypeOfSignature(signature)
      const found = search(checker.getAwaitedType(returned) ?? returned, '', MAX_DEPTH)
      if (found === undefined) continue
      const where = found.at === '' ? '' : `, at ${found.at}`
      return [warningAt(declaration, `${symbol.name} returns ${found.what}${where}: ${found.hint}`)]
    }
    return []
  })
}

function createSearch(checker: ts.TypeChecker, place: ts.Node) {
  const seen = new Set<ts.Type>()

  const search = (type: ts.Type, at: string, depth: number): Found | undefined => {
    if (depth === 0 || seen.has(type)) return undefined
    seen.add(type)
    if (type.isUnion()) return first(type.types, (one) => search(one, at, depth))
    if (type.flags & typescript.TypeFlags.ESSymbolLike) return { ...SYMBOL, at }
    if (!(type.flags & (typescript.TypeFlags.Object | typescript.TypeFlags.Intersection))) return undefined
    if (isCallable(type)) return { ...FUNCTION, at }
    const { symbol } = type
    // a whole result can be given item by item
    if (at === '' && isForeign(symbol) && STREAMS.has(symbol?.name ?? ''))
      return first(checker.getTypeArguments(type as ts.TypeReference).slice(0, 1), (one) =>
        search(one, '[]', depth - 1),
      )
    if (checker.isTupleType(type) || (isForeign(symbol) && symbol?.name !== UNNAMED)) {
      if (symbol && Object.hasOwn(LIBRARY, symbol.name)) return { ...LIBRARY[symbol.name]!, at }
      if (!checker.isTupleType(type) && !CONTAINERS.has(symbol?.name ?? '')) return undefined
      return first(checker.getTypeArguments(type as ts.TypeReference), (one) => search(one, `${at}[]`, depth - 1))
    }
    const own = checker.getPropertiesOfType(type).filter((one) => !isForeign(one) && !one.name.startsWith('__@'))
    const lost = isClass(symbol) ? own.find(isLost) : undefined
    if (lost !== undefined) return { ...lossOf(symbol!.name, nameOf(lost)), at }
    return (
      first(own, (one) =>
        search(checker.getTypeOfSymbolAtLocation(one, place), at === '' ? one.name : `${at}.${one.name}`, depth - 1),
      ) ?? first(checker.getIndexInfosOfType(type), (info) => search(info.type, `${at}[]`, depth - 1))
    )
  }

  const isCallable = (type: ts.Type): boolean =>
    [typescript.SignatureKind.Call, typescript.SignatureKind.Construct].some(
      (kind) => checker.getSignaturesOfType(type, kind).length > 0,
    )
  return search
}

const isAsync = ({ modifiers }: ts.FunctionDeclaration): boolean =>
  modifiers?.some(({ kind }) => kind === typescript.SyntaxKind.AsyncKeyword) ?? false

const isClass = (symbol: ts.Symbol | undefined): boolean =>
  symbol !== undefined && (symbol.flags & typescript.SymbolFlags.Class) !== 0

/** What stands on the prototype, or is private to the class. */
const isLost = ({ flags, valueDeclaration }: ts.Symbol): boolean => {
  const name = valueDeclaration && typescript.getNameOfDeclaration(valueDeclaration)
  const { Method, Accessor } = typescript.SymbolFlags
  return (flags & (Method | Accessor)) !== 0 || (name !== undefined && typescript.isPrivateIdentifier(name))
}

/** Names of private members are known to the checker under another one. */
const nameOf = ({ name, valueDeclaration }: ts.Symbol): string =>
  (valueDeclaration && typescript.getNameOfDeclaration(valueDeclaration)?.getText()) ?? name

const lossOf = (type: string, member: string): Omit<Found, 'at'> => ({
  what: `an instance of ${type}, which arrives as a plain object without ${member}`,
  hint: 'return an object with what callers need of it, and say so in the type',
})

function each(names: string, made: (name: string) => Omit<Found, 'at'>): Record<string, Omit<Found, 'at'>> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, made(name)]))
}

function first<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
