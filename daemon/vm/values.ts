/** Values as text, the form in which they cross into a contract and out of it. See specs/values.md. */
import { VmError } from './errors.ts'
import { valueFromJson } from './value-from-json.ts'
import { valueToJson } from './value-to-json.ts'

/** @throws VmError BAD_VALUE if the value has no encoding */
export function encodeValue(value: unknown): string {
  return JSON.stringify(valueToJson(value))
}

/**
 * @param text not trusted; whoever calls bounds its length
 * @throws VmError BAD_VALUE if it is not JSON, or not of the encoding
 */
export function decodeValue(text: string): unknown {
  return valueFromJson(parsed(text))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new VmError('BAD_VALUE', 'The value is not JSON.', 'See specs/values.md.')
  }
}
