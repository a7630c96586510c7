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
  throw argumentsTooLarge(bytes.length, MAX_ARGUMENT_BYTES)
}

/** ARGUMENTS_TOO_LARGE. @param most the limit, in bytes */
export function argumentsTooLarge(bytes: number, most: number): CallsError {
  const message = `The arguments take ${bytes} bytes, and ${most} are the limit.`
  return new CallsError('ARGUMENTS_TOO_LARGE', message, 'send them in parts')
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
  return decodeValue(bytes, 'result', (value): value is Json => value !== undefined)
}

/** @throws CallsError ANSWER_INVALID if the bytes are no JSON text, or not of the form that `is` looks for */
export function decodeValue<T extends Json>(bytes: Uint8Array, what: string, is: (value: Json) => value is T): T {
  let cause: unknown
  try {
    const value = JSON.parse(decoder.decode(bytes)) as Json
    if (is(value)) return value
  } catch (error) {
    cause = error
  }
  throw new CallsError('ANSWER_INVALID', `The ${what} of a call is not in the value encoding.`, 'tell the host', {
    cause,
  })
}

const SEPARATORS = new Set([...',[{'].map((char) => char.charCodeAt(0)))

/** At least as many as there are values; those inside strings count, too, which errs on the safe side. */
function countSeparators(json: Uint8Array): number {
  let count = 0
  for (const byte of json) if (SEPARATORS.has(byte)) count++
  return count
}
