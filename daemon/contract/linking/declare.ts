/** The types of a service as those see them who import it. */
import { posix } from 'node:path'
import { MAX_DECLARATIONS_BYTES } from '../constants.ts'
import type { DeclaredFunction } from '../declarations.ts'
import { ContractError } from '../errors.ts'
import { filesMeant } from '../files-meant.ts'
import { importsOf } from '../imports.ts'
import { STREAMS } from '../library-types.ts'
import { createProgram, type Follow } from '../program.ts'
import { type Annotation, partsOf, typeIn, withoutPromise } from '../signature.ts'
import type { FunctionNode, Module, TypeNode } from '../syntax.ts'
import { parseModule } from '../syntax.ts'
import { isIdentifier, wholeTypeText } from '../type-text.ts'
import type { ExportedFunction, Interface, ValueType } from '../types.ts'
import { createTypeWriter, type TypeWriter } from './type-writer.ts'

const HEAD = '// Written by amigo import. Functions are called where the service runs, so that each gives a promise.\n'

/**
 * Declarations of the functions of an interface, and of the types that the entry exports, which need no other file. Where the sources say
 * nothing that can be written down, what the interface says is written. Pure; executes nothing. Throws CONTRACT_TOO_LARGE.
 */
export function declareService(main: string, functions: Interface, texts: ReadonlyMap<string, string>): string {
  const follow = followIn(texts)
  const program = createProgram(reachedFrom(main, texts, follow), follow)
  const writer = createTypeWriter(program)
  const known = new Map(program.exportsOf(main).map((found) => [found.name, found.function]))
  const types = [...program.typesOf(main)].map(([name, declared]) => ({ name, local: writer.nameOf(declared) }))
  const written = functions
    .filter(({ name }) => isIdentifier(name))
    .map((fn) => declare(fn, known.get(fn.name), writer))
  const exported = types
    .filter(({ name, local }) => isIdentifier(name) && local !== 'any')
    .map(({ name, local }) => (name === local ? name : `${local} as ${name}`))
  const text = [HEAD, ...written, ...writer.declarations(), `export type { ${exported.join(', ')} }`].join('\n')
  if (Buffer.byteLength(text) <= MAX_DECLARATIONS_BYTES) return `${text}\n`
  const message = `The types of the service have more than ${MAX_DECLARATIONS_BYTES} bytes.`
  throw new ContractError('CONTRACT_TOO_LARGE', message, 'Import another version of it.')
}

/** The modules of a contract that its entry leads to. What does not parse is left out. */
function reachedFrom(main: string, texts: ReadonlyMap<string, string>, follow: Follow): Map<string, Module> {
  const modules = new Map<string, Module>()
  const waiting = [main]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const text = texts.get(path)
    if (text === undefined || modules.has(path) || !/\.[jt]s$/.test(path)) continue
    const module = parseModule(path, text, [])
    if (module === undefined) continue
    modules.set(path, module)
    for (const { specifier = '' } of importsOf(module))
      if (/^\.{1,2}\//.test(specifier)) waiting.push(follow(module, specifier))
  }
  return modules
}

const followIn =
  (texts: ReadonlyMap<string, string>): Follow =>
  (from, specifier) => {
    const path = posix.join(posix.dirname(from.path), specifier)
    return filesMeant(path).find((file) => texts.has(file)) ?? path
  }

function declare(fn: ExportedFunction, declared: DeclaredFunction | undefined, writer: TypeWriter): string {
  const source = declared?.node.typeParameters == null ? declared : undefined
  const given = (source?.node.params ?? []).map(partsOf).filter(({ name }) => name !== 'this')
  const typed = (annotation: Annotation | undefined, type: ValueType): string => {
    const node = typeIn(annotation)
    return source === undefined || node === undefined ? wholeTypeText(type) : writer.text(source.module, node)
  }
  const params = fn.params.map(({ name, type, optional, rest }, index) => {
    const shown = isIdentifier(name) ? name : `arg${index + 1}`
    const text = typed(given[index]?.annotation, type)
    if (rest) return `...${shown}: ${text}`
    if (!optional) return `${shown}: ${text}`
    // one that is needed may follow one that may be left out, as undefined
    return fn.params.slice(index + 1).every((one) => one.optional)
      ? `${shown}?: ${text}`
      : `${shown}: ${text} | undefined`
  })
  const doc = fn.doc === '' ? '' : `/** ${fn.doc.replaceAll('*/', '*\\/').replaceAll('\n', '\n * ')} */\n`
  return `${doc}export function ${fn.name}(${params.join(', ')}): Promise<${resultOf(fn, source, writer)}>`
}

function resultOf(
  { result }: ExportedFunction,
  source: { module: Module; node: FunctionNode } | undefined,
  writer: TypeWriter,
): string {
  const written = typeIn(source?.node.returnType)
  if (result.kind === 'stream') {
    const items = written === undefined ? undefined : itemsOf(written)
    const text =
      items === undefined || source === undefined ? wholeTypeText(result.items) : writer.text(source.module, items)
    return `Array<${text}>`
  }
  if (written === undefined || source === undefined) return wholeTypeText(result)
  return writer.text(source.module, withoutPromise(written))
}

/** What gives items one by one is a list for who calls it. */
function itemsOf(node: TypeNode): TypeNode | undefined {
  if (node.type !== 'TSTypeReference' || node.typeName.type !== 'Identifier') return undefined
  return STREAMS.has(node.typeName.name) ? node.typeArguments?.params[0] : undefined
}
