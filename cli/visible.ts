/**
 * Control, format and separator characters, lone surrogates and the block of invisible tags: what moves the cursor, recolours, reorders or hides text.
 * The two joiners are spared, which Persian, Hindi and many emoji need, and which cannot reorder anything.
 */
const UNSAFE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u{e0000}-\u{e007f}]/gu

const SHORT: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Text from outside as one line that a terminal shows and does not obey: `\x1b`, `\u{202e}`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, (character) => SHORT[character] ?? named(character))
}

/** The same for text of several lines: line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : (SHORT[character] ?? named(character)),
  )
}

/** JSON on one line, or indented, of the same value, in which no such character stands as itself. */
export function visibleJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value ?? null, undefined, indent)
  return text.replace(UNSAFE, (character) =>
    // line feeds can only be the indentation's own
    character === '\n'
      ? character
      : Array.from({ length: character.length }, (_, unit) => unitOf(character, unit)).join(''),
  )
}

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

function unitOf(character: string, unit: number): string {
  return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`
}
