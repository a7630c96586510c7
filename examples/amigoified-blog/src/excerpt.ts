/** The beginning of a text in Markdown as plain words, cut between two of them. */
export function excerptOf(markdown: string, length: number = 160): string {
  const words = markdown
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(#{1,6}|>|[-*+]|\d+\.)\s+/gm, '')
    .replace(/[*_`~]/g, '')
    .trim()
    .split(/\s+/)
  let text = ''
  for (const word of words) {
    if (text.length + word.length + 1 > length) return `${text} …`
    text = text === '' ? word : `${text} ${word}`
  }
  return text
}
