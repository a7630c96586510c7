import { MAX_FUNCTIONS, MAX_IDENTIFIER_LENGTH, MAX_PARAMETERS } from './constants.ts'
import { readDoc } from './doc.ts'
import { ContractError } from './errors.ts'
import type { InferredSignature } from './inferred-signature.ts'
import { createProgram, type Export, type Follow } from './program.ts'
import { readSignature } from './signature.ts'
import type { Module } from './syntax.ts'
import type { ExportedFunction, Interface, Parameter } from './types.ts'
import { createTypeReader } from './value-type.ts'

/** Queries by their name, whatever their comment says: the node itself asks for them. */
const QUERIES = new Set(['render', 'state', 'health'])
/** Called by the node at genesis, at an upgrade and at a merge; nobody else can call them, so they are not part of the interface. */
const LIFE_CYCLE = new Set(['init', 'migrate', 'merge'])
/** A name that the entry exports, as far as the sources tell. */
export interface ExportedName {
  name: string
  file: string
  line: number
  /** whether it can be called, by anybody or by the node alone */
  isFunction: boolean
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/**
 * Reads what the entry module exports. Pure; executes nothing and resolves no more than `modules`.
 * `infer` gives types that their author did not write. Functions stand in the order of the source. Throws CONTRACT_TOO_LARGE.
 */
export function readInterface(
  main: string,
  modules: ReadonlyMap<string, Module>,
  infer: (name: string) => InferredSignature | undefined = () => undefined,
  follow?: Follow,
): { functions: Interface; init: Parameter[] | null; names: ExportedName[]; warnings: string[] } {
  const program = createProgram(modules, follow)
  const functions: Interface = []
  let init: Parameter[] | null = null
  const names: ExportedName[] = []
  const warnings: string[] = []
  for (const found of program.exportsOf(main)) {
    if (found.erased) continue
    const { name, file, line } = found
    const reason = whyNotCallable(found)
    names.push({ name, file, line, isFunction: reason === undefined })
    if (name === 'init' && found.function !== undefined && reason === undefined) {
      init = readSignature(found.function, createTypeReader(program), infer(name)).params
      if (init.length > MAX_PARAMETERS) throw tooMany(`init has more than ${MAX_PARAMETERS} parameters`)
    }
    if (LIFE_CYCLE.has(name)) continue
    const where = `${file}:${line}`
    if (found.function === undefined || reason !== undefined) {
      warnings.push(`${where}: ${name.slice(0, MAX_IDENTIFIER_LENGTH)} cannot be called: ${reason}`)
      continue
    }
    const { params, returns, result, complete } = readSignature(found.function, createTypeReader(program), infer(name))
    if (params.length > MAX_PARAMETERS) throw tooMany(`${name} has more than ${MAX_PARAMETERS} parameters`)
    if (!complete) warnings.push(`${where}: ${name} lacks the type of a parameter or of its result; taken as any`)
    const doc = readDoc(found.function.comments)
    const kind: ExportedFunction['kind'] = doc.query || QUERIES.has(name) ? 'query' : 'call'
    functions.push({ name, kind, params, returns, result, doc: doc.text })
  }
  if (functions.length > MAX_FUNCTIONS) throw tooMany(`The entry exports more than ${MAX_FUNCTIONS} functions`)
  if (functions.length === 0) warnings.push(`${main}: exports no function: nobody can call it`)
  return { functions, init, names, warnings }
}

function whyNotCallable({ name, function: declared }: Export): string | undefined {
  if (name === 'default') return 'give it a name'
  if (name.length > MAX_IDENTIFIER_LENGTH || !IDENTIFIER.test(name)) return 'its name is no short identifier'
  if (declared === undefined) return 'it is no function that can be seen to be one'
  if (declared.node.generator && !declared.node.async) return 'a generator is no value that can be sent: make it async'
  return undefined
}

function tooMany(sentence: string): ContractError {
  return new ContractError('CONTRACT_TOO_LARGE', `${sentence}.`, 'Split the contract into several services.')
}
