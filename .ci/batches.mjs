// Which test files run together in one process.
import { globSync } from 'node:fs'

/** A process that has run hundreds of files is twice as slow as a new one; to start one costs what two or three files do. */
const MOST_FILES = 12

/** The folders that take longest, longest first: begun last, they would run alone when all others are done. */
const FIRST = ['daemon', 'hub', 'calls', 'vm', 'contract']

/**
 * @param words what `npm test --` was given: files or patterns of files, by default all, and options for mocha
 * @returns the batches, each of one folder, in the order in which they are to begin; and the options
 */
export function batchesOf(words) {
  const patterns = words.filter((word) => word.endsWith('.ts'))
  const files = globSync(patterns.length > 0 ? patterns : ['test/**/*.test.ts']).toSorted()
  const folders = [...Map.groupBy(files, folderOf)].toSorted(([a], [b]) => place(a) - place(b))
  return {
    batches: folders.flatMap(([folder, members]) => split(folder, members)),
    options: words.filter((word) => !patterns.includes(word)),
  }
}

/** `test/vm/` of anything in or below it, `test/` of what lies there directly */
const folderOf = (file) => file.split(/[\\/]/).slice(1, -1)[0] ?? ''

const place = (folder) => (FIRST.includes(folder) ? FIRST.indexOf(folder) : FIRST.length)

/** Evenly: the files in turn, so that neighbours, which often are alike, come apart. */
function split(folder, files) {
  const parts = Math.ceil(files.length / MOST_FILES)
  return Array.from({ length: parts }, (_, part) => ({
    name: `test/${folder}${parts > 1 ? ` (${part + 1} of ${parts})` : ''}`,
    files: files.filter((_, at) => at % parts === part),
  }))
}
