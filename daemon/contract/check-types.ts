/** Type errors, names that a contract does not have, and what the checker knows besides: inferred results, state that cannot be shown. */
import type ts from 'typescript'
import { MAX_MESSAGE_LENGTH, MAX_PROBLEMS, MAX_TYPE_TEXT_LENGTH } from './constants.ts'
import { forbiddenGlobals, missingName } from './forbidden-globals.ts'
import { hiddenState } from './hidden-state.ts'
import { plainText } from './text.ts'
import { createTypeHost, ENGINE_FILES, OPTIONS, ROOT } from './type-host.ts'
import type { Problem } from './types.ts'
import { typescript } from './typescript.ts'

export interface Types {
  problems: Problem[]
  /** `file:line: ...`: variables of modules whose values cannot be shown, or carried over by an upgrade */
  hidden: string[]
  /** Text of what an exported function of the entry returns, without the promise around it; undefined if that is not plain. */
  resultOf(name: string): string | undefined
}

/** In JavaScript only names that there are not are told: types are no concern of its author. */
const NAME_MISSING = new Set([2304, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2868])

/** Checks the sources that an entry reaches. Executes nothing; takes time and memory as the sources make it: see compile. */
export function checkTypes(main: string, texts: ReadonlyMap<string, string>): Types {
  const program = typescript.createProgram([ROOT + main, ...ENGINE_FILES], OPTIONS, createTypeHost(texts))
  const checker = program.getTypeChecker()
  const sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(ROOT))
  const diagnostics = [
    ...program.getSyntacticDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((source) => program.getSemanticDiagnostics(source)),
  ].filter(({ file, code }) => !file?.fileName.endsWith('.js') || NAME_MISSING.has(code))
  const problems = [...diagnostics.map(toProblem), ...forbiddenGlobals(program, sources)]
  return {
    problems: problems.slice(0, MAX_PROBLEMS),
    hidden: hiddenState(program, sources),
    resultOf: (name) => resultOf(checker, program.getSourceFile(ROOT + main), name),
  }
}

function toProblem({ file, start, messageText, code }: ts.Diagnostic): Problem {
  const { line, character } = file && start !== undefined ? file.getLineAndCharacterOfPosition(start) : NOWHERE
  const message = typescript.flattenDiagnosticMessageText(messageText, '; ').replace(/\.$/, '').replaceAll(ROOT, '')
  const told = NAME_MISSING.has(code) ? missingName(message) : undefined
  return {
    file: file?.fileName.slice(ROOT.length) ?? '',
    line: line + 1,
    column: character + 1,
    reason: plainText(`${told?.reason ?? message} (TS${code})`, MAX_MESSAGE_LENGTH),
    hint: told?.hint ?? 'Correct the type there, or what does not fit it.',
  }
}

const NOWHERE = { line: -1, character: -1 }

function resultOf(checker: ts.TypeChecker, source: ts.SourceFile | undefined, name: string): string | undefined {
  const module = source && checker.getSymbolAtLocation(source)
  const symbol = module && checker.getExportsOfModule(module).find((found) => found.name === name)
  if (source === undefined || symbol === undefined) return undefined
  const [signature] = checker.getSignaturesOfType(
    checker.getTypeOfSymbolAtLocation(symbol, source),
    typescript.SignatureKind.Call,
  )
  if (signature === undefined) return undefined
  const returned = checker.getReturnTypeOfSignature(signature)
  const flags = typescript.TypeFormatFlags.NoTruncation | typescript.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope
  const text = checker.typeToString(checker.getAwaitedType(returned) ?? returned, source, flags)
  // a name of another module means nothing where the text will be read
  return text.length > MAX_TYPE_TEXT_LENGTH || text.includes('import(') ? undefined : text
}
