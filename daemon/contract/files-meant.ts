import { pathProblem } from './path.ts'

const KNOWN_SUFFIX = /\.(ts|js|json)$/
/** What is tried behind a path without a suffix, in the order of TypeScript (typescriptlang.org, "Modules - Reference"). */
const SUFFIXES = ['.ts', '.js', '/index.ts', '/index.js']

/**
 * The files that a relative import may mean, by its path inside the contract: the first that is there counts. A .js file may be
 * the .ts file that it is made of, and a name without a suffix is completed.
 */
export function filesMeant(path: string): string[] {
  const [suffix] = KNOWN_SUFFIX.exec(path) ?? []
  if (suffix === undefined) return SUFFIXES.map((end) => path + end).filter((file) => pathProblem(file) === undefined)
  return suffix === '.js' ? [path, path.replace(KNOWN_SUFFIX, '.ts')] : [path]
}
