import { MAX_DOC_LENGTH } from './constants.ts'
import type { Comment } from './syntax.ts'
import { plainText } from './text.ts'

/** A doc comment in two parts: its text up to the first tag, and whether `@query` is among the tags. */
export interface Doc {
  text: string
  query: boolean
}

/** Reads the doc comment nearest to a declaration. */
export function readDoc(comments: readonly Comment[]): Doc {
  const comment = comments.findLast(({ type, value }) => type === 'CommentBlock' && value.startsWith('*'))
  const lines = (comment?.value ?? '')
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const query = lines.some((line) => /(^|\s)@query\b/.test(line))
  const tag = lines.findIndex((line) => /^\s*@[a-z]/i.test(line))
  const text = (tag < 0 ? lines : lines.slice(0, tag)).join('\n').replace(/(^|[ \t])@query\b[ \t]*/g, '$1')
  return { text: plainText(text, MAX_DOC_LENGTH).trim(), query }
}
