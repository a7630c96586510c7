/// <reference path="./amigos.d.ts" />
import { caller } from 'amigos:context'

const perPage = 20
const entries: { who: string; text: string; time: Date }[] = []

/** Writes into the book, in the caller's name, and answers the number of the entry. */
export function sign(text: string): number {
  const line = text.trim().replace(/\s+/g, ' ')
  if (line.length < 1 || line.length > 280) throw new RangeError('write 1 to 280 characters')
  return entries.push({ who: caller(), text: line, time: new Date() })
}

/** One page of entries, newest first; page 1 is the newest. @query */
export function list(page: number = 1): { who: string; text: string; time: Date }[] {
  if (!Number.isSafeInteger(page) || page < 1) return []
  return entries.toReversed().slice((page - 1) * perPage, page * perPage)
}

/** The book as a page: `/` is page 1, `/2` the one before it. */
export function render(path: string): string {
  const page = Number(path.replace(/^\//, '') || 1)
  const lines = list(page).map(({ who, text, time }) => `- **${who}**, ${time.toISOString()}: ${plain(text)}`)
  const older = page * perPage < entries.length ? `\n[Older entries](${page + 1})\n` : ''
  return `# Guestbook\n\n${lines.join('\n') || 'Nothing on this page.'}\n${older}`
}

/** Keeps a visitor's Markdown from becoming ours. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()<>#+!|~&-]/g, '\\$&')
}
