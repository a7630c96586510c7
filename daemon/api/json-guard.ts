import { ApiError } from './errors.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Bounds nesting and number of values of a JSON text while it arrives, before anything of it is parsed. Knows strings and
 * brackets only, and counts an empty bracket for two values: whether the text is JSON at all is left to the parser. Throws BAD_REQUEST.
 */
export function createJsonGuard(limits: { depth: number; elements: number }): (chunk: Uint8Array) => void {
  let depth = 0
  let elements = 1
  let inString = false
  let escaped = false

  return (chunk) => {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]
      if (inString) {
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) {
        inString = true
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1
        elements += 1
        if (depth > limits.depth) throw new ApiError('BAD_REQUEST', `The body is nested deeper than ${limits.depth}.`)
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        depth -= 1
      } else if (byte === COMMA) {
        elements += 1
      }
    }
    if (elements > limits.elements)
      throw new ApiError('BAD_REQUEST', `The body holds more than ${limits.elements} values.`)
  }
}
