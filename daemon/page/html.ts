/** HTML that is safe by construction: the only way from text to markup is through the escape below. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** Markup. Its content is private, so that no JSON, contract or peer can hand in an object that passes for it. */
class Markup {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  static is(value: unknown): value is Markup {
    return typeof value === 'object' && value !== null && #text in value
  }

  toString(): string {
    return this.#text
  }
}

export type SafeHtml = Markup

/** What may stand in a template: text and numbers are escaped, markup is kept, lists are joined, nothing is nothing. */
export type Part = string | number | SafeHtml | undefined | null | false | readonly Part[]

/**
 * Escapes text for an element's content and for a quoted attribute alike. Control characters that HTML forbids and lone
 * surrogates become U+FFFD.
 */
export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replace(/(?![\t\n])\p{Cc}/gu, '\ufffd')
    .replace(/[&<>"'`]/g, (character) => ENTITIES[character]!)
}

/**
 * Template tag. Interpolations are escaped unless they are `SafeHtml`. They belong in an element's content or in a *quoted*
 * attribute; never in a tag name, an attribute name, a script or a style.
 */
export function html(strings: TemplateStringsArray, ...parts: Part[]): SafeHtml {
  let text = strings[0]!
  for (const [index, part] of parts.entries()) text += toMarkup(part) + strings[index + 1]!
  return new Markup(text)
}

/** Takes markup as it is. For output of the Markdown renderer and for constants of this folder, nothing else. */
export function trusted(markup: string): SafeHtml {
  return new Markup(markup)
}

function toMarkup(part: Part): string {
  if (Markup.is(part)) return part.toString()
  if (part === undefined || part === null || part === false) return ''
  if (typeof part === 'object') return part.map(toMarkup).join('')
  return escapeHtml(String(part))
}
