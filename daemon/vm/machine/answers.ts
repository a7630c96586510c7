import type { CallFailureCode } from '../types.ts'
import type { Answer, Failure } from './guest.ts'
import { readUtf8 } from './read-utf8.ts'

/** The first letter of a failed answer of the guest's runtime (guest/dispatch.ts) and what it means. */
const LETTERS: Readonly<Record<string, CallFailureCode>> = {
  T: 'CONTRACT_THREW',
  N: 'CONTRACT_THREW',
  F: 'NO_SUCH_FUNCTION',
  V: 'RESULT_NOT_A_VALUE',
  A: 'ARGUMENTS_NOT_VALUES',
  M: 'OUT_OF_MEMORY',
  S: 'STACK_OVERFLOW',
  L: 'RESULT_TOO_LARGE',
  P: 'NO_SUCH_STATE',
  G: 'MIGRATION_NEEDED',
  I: 'NOT_A_STREAM',
}
const NULL_THROWN = 'N'
const RESULT = '+'.charCodeAt(0)

/** The sentence for each failure; those of a contract's own making hold its words. */
const SENTENCES: Readonly<Record<CallFailureCode, (detail: string) => string>> = {
  CONTRACT_THREW: (detail) => detail,
  NO_SUCH_FUNCTION: () => 'The contract exports no such function.',
  NEVER_SETTLED: () => 'The contract returned a promise that nothing can settle any more.',
  OUT_OF_GAS: () => 'The call used up its gas.',
  OUT_OF_MEMORY: () => 'The memory of the contract is full.',
  CHANGE_TOO_LARGE: () => 'The call changed more of the state than its limit allows.',
  NO_SUCH_STATE: () => 'The state holds nothing at this path.',
  MIGRATION_NEEDED: (detail) => detail,
  NOT_A_STREAM: () => 'The function gave nothing that can be consumed item by item.',
  CONTENT_NEEDED: () => 'The contract needs content that the call does not bring.',
  ANSWERS_NEEDED: () => 'The contract needs answers of its imports that the call does not bring.',
  STACK_OVERFLOW: () => 'The contract called itself too deeply.',
  RESULT_TOO_LARGE: () => 'The result is larger than the call allows.',
  RESULT_NOT_A_VALUE: (detail) => `The result cannot be sent: ${detail}.`,
  ARGUMENTS_NOT_VALUES: (detail) => `The arguments cannot be read: ${detail}.`,
  WATCHDOG: () => 'The call took too long and was ended.',
  CANCELLED: () => 'The call was given up by its caller, and ended.',
  VM_CRASHED: () => 'The virtual machine failed.',
}

/** A failure in the words of its code. @param detail what the contract or the engine said, where the code has a place for it */
export function failure(code: CallFailureCode, detail = ''): Failure {
  return { ok: false, code, message: SENTENCES[code](detail) }
}

/**
 * Reads a string of the guest's runtime: a letter, then JSON text or a message.
 *
 * @param isFull whether the memory has been full: then an engine that throws null had no room left for an error
 */
export function parseAnswer(text: Uint8Array, isFull: () => boolean): Answer {
  if (text[0] === RESULT) return { ok: true, result: text.slice(1) }
  const letter = String.fromCharCode(text[0] ?? 0)
  if (letter === NULL_THROWN && isFull()) return failure('OUT_OF_MEMORY')
  return failure(LETTERS[letter] ?? 'VM_CRASHED', readUtf8(text.subarray(1)))
}
