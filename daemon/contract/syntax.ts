import { type File, type ParseResult, type ParserOptions, parse, parseExpression } from '@babel/parser'
import type { Problem } from './types.ts'

export type Statement = File['program']['body'][number]
export type TypeAlias = Extract<Statement, { type: 'TSTypeAliasDeclaration' }>
export type InterfaceDeclaration = Extract<Statement, { type: 'TSInterfaceDeclaration' }>
export type ClassDeclaration = Extract<Statement, { type: 'ClassDeclaration' }>
export type EnumDeclaration = Extract<Statement, { type: 'TSEnumDeclaration' }>
export type TypeNode = TypeAlias['typeAnnotation']
export type Comment = NonNullable<ParseResult<File>['comments']>[number]

/** A source that was parsed. */
export interface Module {
  path: string
  text: string
  body: Statement[]
}

const TOO_DEEP = 'the code is nested too deeply'

/** Paths of files that declare types, and run nothing. */
export const DECLARATIONS: RegExp = /\.d\.[mc]?ts$/

/** Parses a `.ts` or `.js` source. Never throws: what is wrong with it goes to `problems`. */
export function parseModule(path: string, text: string, problems: Problem[]): Module | undefined {
  const plugins: ParserOptions['plugins'] = /\.[mc]?ts$/.test(path)
    ? [['typescript', { dts: DECLARATIONS.test(path) }]]
    : []
  const file = attempt(path, problems, () => parse(text, { sourceType: 'module', plugins, errorRecovery: true }))
  if (file === undefined) return undefined
  for (const error of file.errors ?? []) problems.push(syntaxProblem(path, error))
  return { path, text, body: file.program.body }
}

/** Parses a module of a package, which may be CommonJS. Never throws. */
export function parseScript(path: string, text: string, problems: Problem[]): Module | undefined {
  const options: ParserOptions = { sourceType: 'unambiguous', allowReturnOutsideFunction: true, errorRecovery: true }
  const file = attempt(path, problems, () => parse(text, options))
  return file && { path, text, body: file.program.body }
}

/** Checks a `.json` source. */
export function checkJson(path: string, text: string, problems: Problem[]): void {
  // The same parser as for code, because its bounded depth keeps the bundler's recursion bounded too.
  if (attempt(path, problems, () => parseExpression(text)) === undefined) return
  try {
    JSON.parse(text)
  } catch {
    problems.push({ file: path, line: 1, column: 1, reason: 'it is not JSON', hint: 'Check it with a JSON validator.' })
  }
}

function attempt<T>(path: string, problems: Problem[], run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    problems.push(syntaxProblem(path, error))
    return undefined
  }
}

function syntaxProblem(path: string, error: unknown): Problem {
  if (error instanceof RangeError)
    return {
      file: path,
      line: 0,
      column: 0,
      reason: TOO_DEEP,
      hint: 'Split the expression, or keep data in the state.',
    }
  const { message, loc } = error as Error & { loc?: { line: number; column: number } }
  return {
    file: path,
    line: loc?.line ?? 0,
    column: (loc?.column ?? -1) + 1,
    reason: message.replace(/ \(\d+:\d+\)$/, '').replace(/\.$/, ''),
    hint: 'Correct the syntax there.',
  }
}

/** The source between two offsets of a node, on one line. */
export function textOf(module: Module, node: { start?: number | null; end?: number | null }): string {
  return module.text.slice(node.start ?? 0, node.end ?? 0).replace(/\s+/g, ' ')
}

type Expression = Exclude<Extract<Statement, { type: 'ExportDefaultDeclaration' }>['declaration'], Statement>
export type FunctionNode =
  | Extract<Statement, { type: 'FunctionDeclaration' | 'TSDeclareFunction' }>
  | Extract<Expression, { type: 'ArrowFunctionExpression' | 'FunctionExpression' }>
export type FunctionParameter = FunctionNode['params'][number]
