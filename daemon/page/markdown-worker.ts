/** A thread that turns Markdown into HTML, so that a text made to be slow holds up nobody but itself. */
import { parentPort } from 'node:worker_threads'
import { createMarkdownRenderer } from './markdown.ts'
import type { Place } from './markdown-links.ts'

export interface MarkdownJob {
  text: string
  place: Place
}

export type MarkdownAnswer = { html: string } | { failed: true; tooLarge: boolean }

const render = createMarkdownRenderer()

parentPort?.on('message', ({ text, place }: MarkdownJob) => {
  parentPort!.postMessage(answer(text, place))
})

function answer(text: string, place: Place): MarkdownAnswer {
  try {
    return { html: render(text, place) }
  } catch (error) {
    return { failed: true, tooLarge: (error as { code?: unknown }).code === 'MARKDOWN_TOO_LARGE' }
  }
}
