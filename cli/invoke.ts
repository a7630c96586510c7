/** What `call`, `query` and `render` share: words to arguments, results to text. */
import type { FunctionSummary, Json } from '../daemon/api/vocabulary.ts'
import type { Parameter } from '../daemon/contract/types.ts'
import { CliError } from './errors.ts'
import { nearest } from './nearest.ts'
import { bareNumber, plain } from './plain.ts'
import { linesOf, say, styled, type Text } from './text.ts'
import type { Context } from './types.ts'
import { visibleJson } from './visible.ts'

/** What a service exports, as the daemon knows it. */
export async function listFunctions(context: Context, name: string): Promise<FunctionSummary[]> {
  const { functions, warnings } = await context.request('describe', { name }, { doing: `looking up ${name}` })
  context.terminal.note(...warnings.map((warning) => say`${styled('yellow', 'warning:')} ${warning}`))
  return functions
}

/** Says, as USAGE, which functions could have been named. */
export async function functionMissing(context: Context, verb: 'call' | 'query', name: string): Promise<CliError> {
  // wrong usage it is, whether or not the service is found
  const functions = await listFunctions(context, name).catch(() => undefined)
  const usage = `usage: amigo ${verb} NAME FUNCTION [ARG]...`
  const hint = functions === undefined ? usage : functionsOf(functions, '\n')
  return new CliError('USAGE', `amigo ${verb} needs FUNCTION: what to ${verb} of ${name}.`, hint)
}

/** Throws NO_SUCH_FUNCTION with the list of those there are. */
async function findFunction(context: Context, name: string, method: string): Promise<FunctionSummary> {
  const functions = await listFunctions(context, name)
  const found = functions.find((candidate) => candidate.name === method)
  if (found === undefined) throw noSuchFunction(name, method, functions)
  return found
}

/** Reads words by the types of that function's parameters. */
export async function readArguments(
  context: Context,
  name: string,
  method: string,
  words: readonly string[],
): Promise<Json[]> {
  const found = await findFunction(context, name, method)
  assertCount(found, words)
  const { readWord } = await import('../daemon/contract/words.ts')
  return words.map((word, index) => readWord(parameterAt(found, index), word) as Json)
}

/** `sign(name: string, text?: string): number` */
function signatureOf({ name, params, returns }: FunctionSummary): string {
  const shown = params.map(
    (param) => `${param.rest ? '...' : ''}${param.name}${param.optional && !param.rest ? '?' : ''}: ${param.text}`,
  )
  return `${name}(${shown.join(', ')}): ${returns}`
}

/** A result for people: a string as its lines, a number as it is, anything else as JSON. */
export function showResult(result: Json): Text[] {
  const text = typeof result === 'string' ? result : bareNumber(result)
  return linesOf(text ?? visibleJson(plain(result), 2))
}

/** What a contract printed, for stderr. */
export function showLogs(logs: readonly string[]): Text[] {
  return logs.flatMap((log) => linesOf(log).map((line) => say`log: ${line}`))
}

/** What `--gas` allows, in units of gas; no field without the flag. Throws USAGE. */
export function readGas(context: Context): { gas?: number } {
  const word = context.flags.text('gas')
  if (word === undefined) return {}
  const gas = /^\d+$/.test(word) ? Number(word) : Number.NaN
  if (gas > Number.MAX_SAFE_INTEGER)
    throw new CliError('USAGE', `--gas ${word} is above ${Number.MAX_SAFE_INTEGER}.`, 'say it like --gas 1000000')
  if (!(gas >= 1))
    throw new CliError('USAGE', `--gas ${word} is not a whole number above zero.`, 'say it like --gas 1000000')
  return { gas }
}

/** Whether a trace is wanted; no field without the flag. */
export function readTrace({ flags }: Pick<Context, 'flags'>): { trace?: true } {
  return flags.has('trace') ? { trace: true } : {}
}

function assertCount(fn: FunctionSummary, words: readonly string[]): void {
  const least = fn.params.filter((param) => !param.optional && !param.rest).length
  const most = fn.params.at(-1)?.rest ? Number.POSITIVE_INFINITY : fn.params.length
  if (words.length >= least && words.length <= most) return
  const wanted =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`
  throw new CliError(
    'BAD_ARGUMENTS',
    `${fn.name} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${words.length}.`,
    `it is ${signatureOf(fn)}; quote an argument that has spaces`,
  )
}

function parameterAt({ params }: FunctionSummary, index: number): Parameter {
  const param = params[Math.min(index, params.length - 1)]
  if (param === undefined) throw new CliError('INTERNAL', 'A word has no parameter.')
  // described by a daemon that read it from a contract it checked
  return param as unknown as Parameter
}

function noSuchFunction(name: string, method: string, functions: readonly FunctionSummary[]): CliError {
  const near = nearest(
    method,
    functions.map((fn) => fn.name),
  )
  const all = functionsOf(functions, '; ')
  return new CliError(
    'NO_SUCH_FUNCTION',
    `${name} has no function ${method}.`,
    near === undefined ? all : `did you mean ${near}? I${all.slice(1)}.`,
  )
}

function functionsOf(functions: readonly FunctionSummary[], separator: string): string {
  return functions.length === 0 ? 'it exports none' : `it exports ${functions.map(signatureOf).join(separator)}`
}
