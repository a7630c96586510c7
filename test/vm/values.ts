/** Values as text, the form in which they cross into a contract and out of it (specs/values.md), independently of the guest's code. */
import { BadValue } from './value-bounds.ts'
import { valueFromJson } from './value-from-json.ts'
import { valueToJson } from './value-to-json.ts'

/** @throws BadValue if the value has no encoding */
export function encodeValue(value: unknown): string {
  return JSON.stringify(valueToJson(value))
}

/** @throws BadValue if it is not JSON, or not of the encoding */
export function decodeValue(text: string): unknown {
  return valueFromJson(parsed(text))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BadValue('The value is not JSON.')
  }
}
