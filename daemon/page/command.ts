/** Command lines that a reader may copy and run. Only checked words get in: what is copied into a shell is code. */
import { MAX_SIGNATURE_LENGTH } from './constants.ts'
import type { PageFunction } from './types.ts'

const WORD = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const PARAMETER = /^(\.\.\.)?\s*([A-Za-z_][A-Za-z0-9_]*)\s*(\?)?\s*(?::\s*(.*))?$/s
const ADDRESS = /^\/[A-Za-z0-9/.:%_-]{1,255}$/

const OPENING = '([{<'
const CLOSING = ')]}>'

/** Types as authors write them, and an argument that fits. */
const EXAMPLES: readonly (readonly [type: RegExp, example: (name: string) => string])[] = [
  [/^string$/, (name) => `"${name}"`],
  [/^(number|bigint)$/, () => '1'],
  [/^boolean$/, () => 'true'],
  [/(\[\]|^Array<.*>|^Set<.*>)$/s, () => '"[]"'],
  [/^Date$/, () => '"2026-01-01T00:00:00Z"'],
]

/**
 * `amigo call local.land/_/guestbook sign "name" "text"`, with an example for each parameter that has to be given; undefined
 * if the function's name is not a plain word.
 */
export function callLine(service: string, { name, kind, signature }: PageFunction): string | undefined {
  if (!WORD.test(name)) return undefined
  const verb = kind === 'query' ? 'query' : 'call'
  return [`amigo ${verb} local.land/_/${service} ${name}`, ...examples(signature)].join(' ')
}

/** The line with which another node connects to this one; undefined if the address is not one. */
export function connectLine(address: string): string | undefined {
  return ADDRESS.test(address) ? `amigo connect ${address}` : undefined
}

function examples(signature: string): string[] {
  const words: string[] = []
  for (const part of parameters(signature)) {
    if (part.hasDefault) break
    const match = PARAMETER.exec(part.text)
    if (match === null) return [...words, '...']
    const [, rest, name, optional, type] = match
    if (optional !== undefined) break
    words.push(example(name!, (rest ? (type ?? '').replace(/\[\]$/, '') : (type ?? 'string')).trim()))
  }
  return words
}

function example(name: string, type: string): string {
  const literal = /^['"]([A-Za-z0-9_-]{1,64})['"]/.exec(type)
  if (literal !== null) return literal[1]!
  return EXAMPLES.find(([pattern]) => pattern.test(type))?.[1](name) ?? '"{}"'
}

/** Splits `(a: string, b: Map<string, number>, c = 1): void` at the commas of its outermost parentheses. */
function parameters(signature: string): { text: string; hasDefault: boolean }[] {
  const text = signature.slice(0, MAX_SIGNATURE_LENGTH)
  const parts: { text: string; hasDefault: boolean }[] = []
  let depth = 0
  let from = text.indexOf('(') + 1
  let hasDefault = false
  for (let at = from; at > 0 && at < text.length && depth >= 0; at++) {
    const character = text[at]!
    const arrow = character === '>' && text[at - 1] === '='
    if (OPENING.includes(character)) depth++
    if (CLOSING.includes(character) && !arrow) depth--
    if (depth === 0 && character === '=' && text[at + 1] !== '>') hasDefault = true
    if (depth < 0 || (depth === 0 && character === ',')) {
      const part = text.slice(from, at).trim()
      if (part !== '') parts.push({ text: part, hasDefault })
      from = at + 1
      hasDefault = false
    }
  }
  return parts
}
