/** Type errors, names that a contract does not have, and what the checker knows besides: inferred types, state that cannot be shown. */
import type ts from 'typescript'
import { keptClosures } from './closures.ts'
import { IMPORTS_FOLDER, MAX_MESSAGE_LENGTH, MAX_PROBLEMS } from './constants.ts'
import { forbiddenGlobals, missingName, namesAskedFor } from './forbidden-globals.ts'
import { hiddenState } from './hidden-state.ts'
import { createSignatureReader, type InferredSignature } from './inferred-signature.ts'
import { localeUse } from './locale-use.ts'
import { DECLARATIONS } from './syntax.ts'
import { plainText } from './text.ts'
import { createTypeHost, ENGINE_FILES, type Links, OPTIONS, ROOT } from './type-host.ts'
import type { Problem } from './types.ts'
import { typescript } from './typescript.ts'
import { unseenState } from './unseen-state.ts'
import { unsendableResults } from './unsendable-results.ts'

export interface Types {
  problems: Problem[]
  /** `file:line: ...`: what works otherwise than its author may think, and state that nobody can see */
  warnings: string[]
  /** What an exported function of the entry takes and returns. */
  signatureOf(name: string): InferredSignature | undefined
}

/** In JavaScript only names that there are not are told: types are no concern of its author. */
const NAME_MISSING = new Set([2304, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2868])

/**
 * Checks the sources that an entry reaches. Executes nothing; takes time and memory as the sources make it: see compile.
 *
 * @param links what specifiers lead to. @default relative ones to what they say, others nowhere
 */
export function checkTypes(main: string, texts: ReadonlyMap<string, string>, links?: Links): Types {
  try {
    return check(main, texts, links)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const problem = { file: main, line: 0, column: 0, ...TOO_DEEP }
    return { problems: [problem], warnings: [], signatureOf: () => undefined }
  }
}

const TOO_DEEP = {
  reason: 'something that it reaches is nested too deeply for the checker of types',
  hint: 'Split long expressions and types.',
}

function check(main: string, texts: ReadonlyMap<string, string>, links: Links | undefined): Types {
  const program = typescript.createProgram([ROOT + main, ...ENGINE_FILES], OPTIONS, createTypeHost(texts, links))
  const checker = program.getTypeChecker()
  const sources = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(ROOT) && !isDeclared(fileName))
  const asked = new Map(sources.map((source) => [source, namesAskedFor(source)]))
  const diagnostics = [
    ...sources.flatMap((source) => program.getSyntacticDiagnostics(source)),
    ...program.getGlobalDiagnostics(),
    ...sources.flatMap((source) => program.getSemanticDiagnostics(source)),
  ]
    .filter(({ file, code }) => !isLoose(file?.fileName ?? '') || NAME_MISSING.has(code))
    .filter(({ file, start = -1, code }) => !NAME_MISSING.has(code) || !file || !asked.get(file)?.has(start))
  const problems = [...diagnostics.map(toProblem), ...forbiddenGlobals(checker, sources)]
  const entry = program.getSourceFile(ROOT + main)
  return {
    problems: onePerPlace(problems).slice(0, MAX_PROBLEMS),
    warnings: [
      ...localeUse(checker, sources),
      ...unsendableResults(checker, entry),
      ...(saysItself(checker, entry) ? [] : stateWarnings(checker, sources)),
    ],
    signatureOf: createSignatureReader(checker, entry),
  }
}

const IMPORTED = `${ROOT}${IMPORTS_FOLDER}/`

/** The types of what is imported are not its importer's to correct. */
const isDeclared = (file: string): boolean => file.startsWith(IMPORTED) && DECLARATIONS.test(file)

/** In JavaScript, and in what others wrote, only missing names count. */
const isLoose = (file: string): boolean => file.endsWith('.js') || file.startsWith(IMPORTED)

/** A contract that exports both says itself what is shown and carried over. */
function saysItself(checker: ts.TypeChecker, entry: ts.SourceFile | undefined): boolean {
  const module = entry && checker.getSymbolAtLocation(entry)
  const names = module ? checker.getExportsOfModule(module).map(({ name }) => name) : []
  return names.includes('state') && names.includes('migrate')
}

function stateWarnings(checker: ts.TypeChecker, sources: readonly ts.SourceFile[]): string[] {
  return [hiddenState, keptClosures, unseenState].flatMap((find) => find(checker, sources))
}

function onePerPlace(problems: readonly Problem[]): Problem[] {
  const places = new Map<string, Problem>()
  for (const problem of problems) {
    const place = `${problem.file}:${problem.line}:${problem.column}`
    if (!places.has(place)) places.set(place, problem)
  }
  return [...places.values()]
}

function toProblem({ file, start, messageText, code }: ts.Diagnostic): Problem {
  const { line, character } = file && start !== undefined ? file.getLineAndCharacterOfPosition(start) : NOWHERE
  const message = oneLine(typescript.flattenDiagnosticMessageText(messageText, '\n')).replaceAll(ROOT, '')
  const told = NAME_MISSING.has(code) ? missingName(message) : undefined
  return {
    file: file?.fileName.slice(ROOT.length) ?? '',
    line: line + 1,
    column: character + 1,
    reason: plainText(told?.reason ?? `${message} (TS${code})`, MAX_MESSAGE_LENGTH),
    hint: told?.hint ?? (NAME_MISSING.has(code) ? NO_NAME_HINT : 'Correct the type there, or what does not fit it.'),
  }
}

const NO_NAME_HINT = 'Correct its spelling, declare it, or import it.'
const NOWHERE = { line: -1, character: -1 }

/** The checker indents what explains what stands above it. */
function oneLine(message: string): string {
  return message.replace(/\.?\n\s*/g, ': ').replace(/\.$/, '')
}
