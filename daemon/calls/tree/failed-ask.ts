/** What a contract is told of an ask that failed, and what is not for it to know: then its own call ends, too. */
import { toCodedError } from '../../../protocol/coded-error.ts'
import type { ImportAnswer } from '../../vm/types.ts'
import { MAX_ASK_MESSAGE } from '../constants.ts'
import { CallsError } from '../errors.ts'

/** A call of a tree that failed, with the gas that it used. */
export class TreeCallFailed extends Error {
  readonly gas: bigint

  constructor(cause: unknown, gas: bigint) {
    super('a call of a tree failed', { cause })
    this.gas = gas
  }
}

/** Codes with which the whole tree gives way, to begin anew. */
const GIVES_WAY = new Set(['CALL_BUSY'])

/** Whether the tree is to end with it: no contract can make it good. */
export function endsTree(error: unknown): boolean {
  return GIVES_WAY.has((causeOf(error) as { code?: string }).code ?? '')
}

export const causeOf = (error: unknown): unknown => (error instanceof TreeCallFailed ? error.cause : error)

/** What was asked: the name of the import, and its function. */
export interface Asked {
  import: string
  method: string
}

/**
 * Failures of this node itself are none of the contract's business: it is told that there was one.
 *
 * @param gas that it was given: what it used beyond that is not for who asked to pay
 */
export function failedAnswer(
  error: unknown,
  { gas: most, ...asked }: Asked & { gas: bigint },
): ImportAnswer & { ok: false } {
  const used = error instanceof TreeCallFailed ? error.gas : 0n
  const gas = used < most ? used : most
  const known = toCodedError(causeOf(error))
  const isOwn = known.code === 'INTERNAL'
  const code = isOwn ? 'HOST_FAILED' : known.code
  const message = isOwn ? 'Something went wrong on a host, this one or another.' : known.message
  return { ok: false, code, message: failureText(asked, code, message), gas }
}

/** Nobody may catch it: then this is all that a user sees, after any number of services that passed it on. */
export function failureText({ import: name, method }: Asked, code: string, message: string): string {
  const who = message.includes(name) ? '' : `${method.slice(0, 64)} of ${name.slice(0, 128)}: `
  // what a contract threw begins with the name of its error
  const what = code === 'CONTRACT_THREW' ? '' : `${code}: `
  const text = `${who}${what}${message}`
  // at the end is what went wrong first
  return text.length <= MAX_ASK_MESSAGE
    ? text
    : `${text.slice(0, HEAD)}${GAP}${text.slice(HEAD + GAP.length - MAX_ASK_MESSAGE)}`.toWellFormed()
}

const GAP = ' ... '
const HEAD = MAX_ASK_MESSAGE / 2

/** TIMED_OUT; or what is not known of a call that was sent. */
export function late(name: string, method: string, error: unknown): unknown {
  if ((error as { code?: string }).code === 'OUTCOME_UNKNOWN') return error
  const message = `${name} did not answer ${method} in the time that was left.`
  return new CallsError('TIMED_OUT', message, 'try again, or ask for less', { cause: error })
}

/** @param chain what is called already, by the name that is known of each */
export function cycle(chain: readonly string[]): CallsError {
  const message = `The services call each other in a circle: ${chain.join(' -> ')}.`
  return new CallsError('CALL_CYCLE', message, 'a service cannot be called again before it has answered')
}

/** CALL_CYCLE, about services that go on calling others. */
export function tooDeep(chain: readonly string[]): CallsError {
  const message = `More than ${chain.length} services call each other, one behind the other.`
  return new CallsError('CALL_CYCLE', message, 'let one service call several, not each the next')
}

/** IMPORT_BROKE, about an import that is as it was pinned, and uses or answers more than it may. */
export function tooMuch(name: string, what: string): CallsError {
  return new CallsError(
    'IMPORT_BROKE',
    `The import ${name} goes beyond what it may: ${what}.`,
    'ask it for less at once',
  )
}

/** IMPORT_BROKE, about an import that does not do what it promised when it was pinned. */
export function broke(name: string, what: string): CallsError {
  const hint = `see what changed: amigo import ${name} --update`
  return new CallsError('IMPORT_BROKE', `The import ${name} is not what it was: ${what}.`, hint)
}
