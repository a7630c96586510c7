// C0 but tab and line feed, DEL, C1, and what turns the direction of a line: a terminal or a page would obey them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Whether a text can be shown as it is: well-formed Unicode without control characters other than tab and line feed. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && text.search(CONTROL) < 0
}

/** The text made showable, and cut at `length` UTF-16 units with an ellipsis in the last place. */
export function plainText(text: string, length: number): string {
  const plain = text.replace(/\r\n?/g, '\n').replace(CONTROL, ' ')
  return (plain.length > length ? `${plain.slice(0, length - 1)}…` : plain).toWellFormed()
}
