import { MAX_CODE_LENGTH, MAX_MESSAGE_LENGTH } from './constants.ts'
import { isCode } from './wire/fields.ts'

export interface CodedError {
  code: string
  message: string
  hint: string
}

/** Codes of the runtime and of libraries. Their sentences name paths of this machine, so they never travel. */
const FOREIGN = /^(ERR|LEVEL|ABORT)_/

/**
 * What a peer may know of an error that a handler threw: code, sentence and hint if it has a code of ours, else INTERNAL and no more.
 * Never a stack, nor anything of an error that came from the operating system.
 */
export function toCodedError(error: unknown): CodedError {
  const { code, message, hint } = (error ?? {}) as Record<string, unknown>
  const isOurs = error instanceof Error && isCode(code, MAX_CODE_LENGTH) && !FOREIGN.test(code)
  if (!isOurs || 'errno' in error || 'syscall' in error) {
    return { code: 'INTERNAL', message: 'The peer failed while it served the request.', hint: '' }
  }
  return { code: code as string, message: toLine(message), hint: toLine(hint) }
}

/** One line that any terminal shows as it is and any frame carries, cut to length. */
function toLine(text: unknown): string {
  if (typeof text !== 'string') return ''
  return text
    .slice(0, MAX_MESSAGE_LENGTH)
    .toWellFormed()
    .replace(/[\p{Cc}\uFEFF]+/gu, ' ')
}
