/** What the checker says there is, asked of the engine: a contract that was checked must not find it missing, nor be refused what there is. */
import assert from 'node:assert/strict'
import type ts from 'typescript'
import { createTypeHost, ENGINE_FILES, OPTIONS, ROOT } from '../../daemon/contract/type-host.ts'
import { typescript } from '../../daemon/contract/typescript.ts'
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import { end, loadTestEngine, machineOf, request } from '../vm/kit.ts'

/** The global, '' or 'prototype', the member; well-known symbols as `@@iterator`. */
type Member = [global: string, of: string, member: string]

const words = (text: string): Set<string> => new Set(text.trim().split(/\s+/))

/** Declared by the library of the language; the check of globals refuses them, so they need not be there. */
const REFUSED = words('Intl SharedArrayBuffer Atomics')
/** The library says of a prototype what only instances have, and of RegExp what no engine has to have. */
const NOT_THERE = words(`
  Function.prototype.prototype RegExp.prototype.lastIndex Iterator.prototype.next Iterator.prototype.return Iterator.prototype.throw
  AggregateError.prototype.errors SuppressedError.prototype.error SuppressedError.prototype.suppressed
  ${['Aggregate', 'Eval', 'Range', 'Reference', 'Suppressed', 'Syntax', 'Type', 'URI', ''].map((kind) => `${kind}Error.prototype.cause`).join(' ')}
  ${['input', 'lastMatch', 'lastParen', 'leftContext', 'rightContext', ...'123456789', '_', '&', '+', '`', "'"].map((name) => `RegExp.${name.length === 1 ? '$' : ''}${name}`).join(' ')}`)
/** Of every function, and of every prototype. */
const OF_ALL = words('length name constructor prototype toString')
/** Deprecated, the engine's own, or proposals whose types are not settled: a contract has to say itself what they are. */
const UNTYPED = words(`
  ArrayBuffer.prototype.immutable ArrayBuffer.prototype.sliceToImmutable ArrayBuffer.prototype.transferToImmutable
  Date.prototype.getYear Date.prototype.setYear Date.prototype.toGMTString
  Error.captureStackTrace Error.prepareStackTrace Error.stackTraceLimit InternalError InternalError.prototype.message
  Iterator.prototype.chunks Iterator.prototype.includes Iterator.prototype.join Iterator.prototype.windows Iterator.zip Iterator.zipKeyed
  JSON.isRawJSON JSON.rawJSON
  Object.prototype.__defineGetter__ Object.prototype.__defineSetter__ Object.prototype.__lookupGetter__ Object.prototype.__lookupSetter__
  Object.prototype.__proto__`)

const CONTRACT = `
  const keyOf = name => name.startsWith('@@') ? Symbol[name.slice(2)] : name
  const at = (name, of) => of === '' ? globalThis[name] : Object(globalThis[name])[of]
  export const missing = members => members.filter(([name, of, member]) => {
    if (!(name in globalThis)) return true
    return member !== '' && !(keyOf(member) in Object(at(name, of)))
  }).map(parts => parts.filter(Boolean).join('.'))
  export const present = () => Reflect.ownKeys(globalThis).filter(name => typeof name === 'string').flatMap(name => {
    const value = globalThis[name]
    const own = object => Object.getOwnPropertyNames(object).filter(key => Object.getOwnPropertyDescriptor(object, key) !== undefined)
    if (typeof value !== 'function' && typeof value !== 'object' || value === null || value === globalThis) return [[name, '', '']]
    const inside = typeof value.prototype === 'object' && value.prototype !== null ? own(value.prototype).map(key => [name, 'prototype', key]) : []
    return [[name, '', ''], ...own(value).map(key => [name, '', key]), ...inside]
  })
`

describe('the library that the checker knows', () => {
  let checker: ts.TypeChecker
  let source: ts.SourceFile
  let machine: Machine
  const ask = (method: string, args: unknown[] = []): never =>
    JSON.parse(end(machine.query(request(method, args)))) as never

  before(async () => {
    const host = createTypeHost(new Map([['main.ts', 'export {}']]))
    const program = typescript.createProgram([`${ROOT}main.ts`, ...ENGINE_FILES], OPTIONS, host)
    checker = program.getTypeChecker()
    source = program.getSourceFile(`${ROOT}main.ts`)!
    machine = machineOf(await loadTestEngine(), CONTRACT)
  })

  const values = (): ts.Symbol[] =>
    checker
      .getSymbolsInScope(source, typescript.SymbolFlags.Value)
      // the engine's modules stand under their quoted names
      .filter(({ name }) => !name.startsWith('"') && !REFUSED.has(name))
  const nameOf = ({ name }: ts.Symbol): string =>
    name.startsWith('__@') ? `@@${name.slice(3).replace(/@\d+$/, '')}` : name
  const membersOf = (symbol: ts.Symbol): Member[] => {
    const type = checker.getTypeOfSymbolAtLocation(symbol, source)
    const prototype = type.getProperty('prototype')
    const inside = prototype ? checker.getTypeOfSymbolAtLocation(prototype, source).getProperties() : []
    return [
      [symbol.name, '', ''],
      ...(symbol.name === 'globalThis' ? [] : type.getProperties()).map(
        (one): Member => [symbol.name, '', nameOf(one)],
      ),
      ...inside.map((one): Member => [symbol.name, 'prototype', nameOf(one)]),
    ]
  }

  it('has nothing that the engine lacks', () => {
    const declared = values().flatMap(membersOf)
    assert(declared.length > 1000, `${declared.length} members`)
    const lacking = ask('missing', [declared]) as string[]
    assert.deepEqual(new Set(lacking), NOT_THERE)
  })

  it('lacks nothing that the engine has and whose types are settled', () => {
    const declared = new Set(values().flatMap(membersOf).map(String))
    const present = (ask('present') as Member[]).filter(([, , member]) => !OF_ALL.has(member))
    const unknown = present.filter((member) => !declared.has(String(member)))
    assert.deepEqual(new Set(unknown.map((parts) => parts.filter(Boolean).join('.'))), UNTYPED)
  })
})
