import { MAX_PATH_LENGTH } from './constants.ts'

const SEGMENT = /^[A-Za-z0-9_@+~-][A-Za-z0-9_@+~.-]*$/
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * Says why `path` may not be the path of a file in a contract, or nothing if it may.
 *
 * Contracts are written to other people's disks, so a path is what every file system takes for the same file: relative, `/` between
 * its parts, ASCII, no part that starts with a dot (`..`, `.git`) or names a device.
 */
export function pathProblem(path: string): string | undefined {
  if (path.length === 0) return 'it is empty'
  if (path.length > MAX_PATH_LENGTH) return `it is longer than ${MAX_PATH_LENGTH} characters`
  if (path.startsWith('/')) return 'it is absolute'
  const parts = path.split('/')
  if (parts.includes('..')) return 'it leads out of the folder'
  if (parts.includes('node_modules')) return 'a contract has no node_modules'
  for (const part of parts) {
    if (part.startsWith('.')) return 'no part of it may start with a dot'
    if (!SEGMENT.test(part)) return 'its parts are made of A-Z a-z 0-9 _ @ + ~ - and dots'
    if (part.endsWith('.') || DEVICE.test(part)) return `not every system can store a file called ${part}`
  }
  return undefined
}

/** The first path that some file system cannot keep apart from another one, or needs as a folder. */
export function collidingPath(paths: readonly string[]): string | undefined {
  const files = new Set<string>()
  for (const path of paths) {
    const folded = path.toLowerCase()
    if (files.has(folded)) return path
    files.add(folded)
  }
  return paths.find((path) => foldersOf(path.toLowerCase()).some((folder) => files.has(folder)))
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
