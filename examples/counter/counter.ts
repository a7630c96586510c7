/** The variable is the database: it lives on between calls. */
let count = 0

/** Adds `by`, a whole number, and answers the new count. */
export function increment(by: number = 1): number {
  if (!Number.isSafeInteger(count + by)) throw new RangeError('count in whole numbers')
  count += by
  return count
}

/** The count as it stands. @query */
export function current(): number {
  return count
}

/** The page of this service, in Markdown. */
export function render(path: string): string {
  return path === '' || path === '/' ? `# Counter\n\nCounted to **${count}** so far.\n` : '# Nothing here\n'
}
