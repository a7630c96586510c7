/** Which files a path inside an npm package may mean. */

import { DECLARATIONS } from '../syntax.ts'

/** What is looked for: a module that is imported, or required, or what says its types. */
export type Want = 'import' | 'require' | 'types'

const SUFFIXES = ['.js', '.json', '.cjs', '.mjs']
const TYPE_SUFFIXES = ['.d.ts', '.d.mts', '.d.cts']
const RUNS = /\.(js|mjs|cjs|json)$/

/** In the order in which they are tried (nodejs.org/api/modules.html, "All together"; for types as TypeScript does it). */
export function filesFor(path: string, want: Want): string[] {
  if (want !== 'types') return [path, ...SUFFIXES.map((suffix) => path + suffix)]
  if (DECLARATIONS.test(path)) return [path]
  const [, stem = path, kind = ''] = /^(.*)\.([mc]?)js$/.exec(path) ?? []
  return [`${stem}.d.${kind}ts`, ...TYPE_SUFFIXES.map((suffix) => stem + suffix)]
}

/** Whether a file of a package can be part of a contract for this purpose. */
export function isUsable(file: string, want: Want): boolean {
  return (want === 'types' ? DECLARATIONS : RUNS).test(file)
}
