/** Arguments and results between JSON, as programs here see them, and the bytes that are signed, stored and sent. */
import type { Json } from '../api/vocabulary.ts'
import { MAX_ARGUMENT_BYTES, MAX_ARGUMENT_ELEMENTS } from './constants.ts'
import { CallsError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws CallsError ARGUMENTS_TOO_LARGE */
export function encodeArguments(args: readonly Json[]): Uint8Array {
  const bytes = encoder.encode(JSON.stringify(args))
  if (bytes.length <= MAX_ARGUMENT_BYTES) return bytes
  const limit = `${MAX_ARGUMENT_BYTES / 1024} KiB`
  throw new CallsError(
    'ARGUMENTS_TOO_LARGE',
    `The arguments take ${bytes.length} bytes; ${limit} is the limit.`,
    'send them in parts',
  )
}

/** @throws CallsError ARGUMENTS_INVALID if the bytes are not the JSON text of an array, ARGUMENTS_TOO_LARGE if it holds too much */
export function decodeArguments(bytes: Uint8Array): Json[] {
  if (countSeparators(bytes) > MAX_ARGUMENT_ELEMENTS) {
    const message = `The arguments hold more than ${MAX_ARGUMENT_ELEMENTS} values.`
    throw new CallsError('ARGUMENTS_TOO_LARGE', message, 'send them in parts, or as bytes')
  }
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    if (Array.isArray(value)) return value as Json[]
  } catch {
    // told below
  }
  throw new CallsError('ARGUMENTS_INVALID', 'The arguments are not a JSON array.', 'see specs/values.md')
}

/** A result as the VM or a host gave it. @throws CallsError ANSWER_INVALID */
export function decodeResult(bytes: Uint8Array): Json {
  try {
    return JSON.parse(decoder.decode(bytes)) as Json
  } catch (cause) {
    throw new CallsError('ANSWER_INVALID', 'The result is not in the value encoding.', 'tell the host', { cause })
  }
}

const SEPARATORS = new Set([...',[{'].map((char) => char.charCodeAt(0)))

/** At least as many as there are values; those inside strings count, too, which errs on the safe side. */
function countSeparators(json: Uint8Array): number {
  let count = 0
  for (const byte of json) if (SEPARATORS.has(byte)) count++
  return count
}
