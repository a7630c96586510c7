import { plainText } from './markdown.ts'
import type { Post } from './post.ts'

const TITLE_WEIGHT = 5
const TAG_WEIGHT = 3

/** The posts that have every word, those first that have them in the title and most often. */
export function search(posts: readonly Post[], query: string): Post[] {
  const words = wordsOf(query)
  if (words.length === 0) return []
  return posts
    .map((post) => ({ post, score: scoreOf(post, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ post }) => post)
}

function scoreOf({ title, text, tags }: Post, words: readonly string[]): number {
  const inTitle = wordsOf(title)
  const inText = wordsOf(plainText(text))
  const scores = words.map(
    (word) => count(inTitle, word) * TITLE_WEIGHT + (tags.includes(word) ? TAG_WEIGHT : 0) + count(inText, word),
  )
  return scores.includes(0) ? 0 : scores.reduce((sum, score) => sum + score, 0)
}

function count(words: readonly string[], wanted: string): number {
  return words.filter((word) => word === wanted).length
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}
