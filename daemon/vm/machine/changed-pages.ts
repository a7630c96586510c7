import { LINE, PAGE } from '../constants.ts'

/** The 4 KiB pages on which these lines lie, ascending, each once. */
export function changedPages(lines: Uint32Array): number[] {
  const pages: number[] = []
  for (const line of lines) {
    const page = Math.floor((line * LINE) / PAGE)
    if (pages.at(-1) !== page) pages.push(page)
  }
  return pages
}
