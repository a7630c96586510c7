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

/**
 * Failures of this node itself are none of the contract's business: it is told that there was one.
 *
 * @param most gas that it was given: what it used beyond that is not for who asked to pay
 */
export function failedAnswer(error: unknown, most: bigint): ImportAnswer & { ok: false } {
  const used = error instanceof TreeCallFailed ? error.gas : 0n
  const gas = used < most ? used : most
  const { code, message } = toCodedError(causeOf(error))
  if (code === 'INTERNAL') {
    return { ok: false, code: 'HOST_FAILED', message: 'Something went wrong on a host, this one or another.', gas }
  }
  return { ok: false, code, message: message.slice(0, MAX_ASK_MESSAGE), gas }
}

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

/** IMPORT_BROKE, about an import that does not do what it promised when it was pinned. */
export function broke(name: string, what: string): CallsError {
  const hint = `see what changed: amigo import ${name} --update`
  return new CallsError('IMPORT_BROKE', `The import ${name} is not what it was: ${what}.`, hint)
}
