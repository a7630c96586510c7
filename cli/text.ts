import { visible, visibleLines } from './visible.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** SGR codes to begin and end with. */
const SGR: { readonly [S in Style]: readonly [number, number] } = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
}

interface Part {
  text: string
  styles: readonly Style[]
}

/**
 * Text that may reach a terminal. It can only be made from strings that went through visible(), and the output layer
 * takes nothing else: so what a contract or a peer says cannot be printed raw by forgetting something.
 */
export class Text {
  readonly parts: readonly Part[]

  constructor(parts: readonly Part[]) {
    this.parts = parts
  }

  /** Columns it takes, one for each code point. */
  get width(): number {
    return this.parts.reduce((sum, part) => sum + [...part.text].length, 0)
  }

  render(color: boolean): string {
    return this.parts.map((part) => (color ? paint(part) : part.text)).join('')
  }
}

type Value = string | number | Text

/** Template tag: the template is ours and stays as it is, each value is made visible. */
export function say(strings: TemplateStringsArray, ...values: Value[]): Text {
  const parts = strings.flatMap((ours, index) => {
    const value = values[index]
    return [{ text: ours, styles: [] }, ...(value === undefined ? [] : toText(value).parts)]
  })
  return new Text(parts.filter((part) => part.text !== ''))
}

/** One line from anywhere. */
export function toText(value: Value): Text {
  return value instanceof Text ? value : new Text([{ text: visible(String(value)), styles: [] }])
}

/** Several lines from anywhere. */
export function linesOf(value: string): Text[] {
  return visibleLines(value)
    .split('\n')
    .map((line) => new Text([{ text: line, styles: [] }]))
}

/** The text in a style, besides those it has. */
export function styled(style: Style, value: Value): Text {
  return new Text(toText(value).parts.map((part) => ({ text: part.text, styles: [...part.styles, style] })))
}

/** Texts one after the other. */
export function join(texts: readonly Text[], separator = ''): Text {
  return new Text(texts.flatMap((text, index) => [...(index === 0 ? [] : toText(separator).parts), ...text.parts]))
}

/** Rows in columns as wide as their widest cell; the last column is not padded. */
export function table(rows: readonly (readonly Value[])[]): Text[] {
  const cells = rows.map((row) => row.map(toText))
  const widths: number[] = []
  for (const row of cells)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.width)
  return cells.map((row) =>
    join(
      row.map((cell, column) =>
        column === row.length - 1 ? cell : join([cell, toText(' '.repeat((widths[column] ?? 0) - cell.width))]),
      ),
      '  ',
    ),
  )
}

function paint(part: Part): string {
  return part.styles.reduce((text, style) => `\u001b[${SGR[style][0]}m${text}\u001b[${SGR[style][1]}m`, part.text)
}
