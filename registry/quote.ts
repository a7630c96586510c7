/** longest piece of somebody's text that is repeated in a message */
const MAX_QUOTED = 64

/**
 * Somebody's text, fit to be shown in a message: clipped, in quotes, and everything but printable ASCII written out as
 * `\u{...}`, so that neither a terminal's escape sequences nor look-alike letters reach the reader.
 */
export function quote(text: string): string {
  const clipped = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text
  const shown = clipped.replace(/[^\x20-\x7e]/gu, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  return `"${shown}"`
}
