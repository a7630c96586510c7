import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_SOURCE_BYTES, MAX_SOURCES, MAX_SOURCES_BYTES } from './constants.ts'
import { ContractError } from './errors.ts'

/** A contract's folder as the compiler sees it: nothing outside it, nothing behind a link, and only so much of it. */
export interface Folder {
  /** The content of a file, or undefined if there is no such file. `path` must have passed `pathProblem`. Throws CONTRACT_TOO_LARGE. */
  read(path: string): Promise<Uint8Array | undefined>
  has(path: string): Promise<boolean>
  /** everything read so far, in the order of the paths' characters */
  sources(): { path: string; content: Uint8Array }[]
}

// A named pipe must not hold us up, and a link that took a file's place must not be followed. Windows knows neither.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens the folder of a contract. Throws FOLDER_NOT_FOUND. */
export async function openFolder(dir: string): Promise<Folder> {
  const root = await realpath(dir).catch(() => undefined)
  if (root === undefined || !(await stat(root)).isDirectory())
    throw new ContractError('FOLDER_NOT_FOUND', `${dir} is no folder.`, 'Name the folder that holds amigo.yaml.')
  const files = new Map<string, Uint8Array>()
  let total = 0

  /** The file's real place, if that is where its path says: a link or a name in other letters is not the same file everywhere. */
  const locate = async (path: string): Promise<string | undefined> => {
    const wanted = join(root, path)
    return (await realpath(wanted).catch(() => undefined)) === wanted ? wanted : undefined
  }

  return {
    async read(path) {
      const known = files.get(path)
      if (known !== undefined) return known
      const place = await locate(path)
      const content = place === undefined ? undefined : await readBounded(place, path)
      if (content === undefined) return undefined
      total += content.length
      if (total > MAX_SOURCES_BYTES) throw tooLarge('The sources are', `${MAX_SOURCES_BYTES} bytes together`)
      if (files.size === MAX_SOURCES) throw tooLarge('The sources are', `${MAX_SOURCES} files`)
      files.set(path, content)
      return content
    },
    has: async (path) => (await locate(path)) !== undefined,
    sources: () => [...files].map(([path, content]) => ({ path, content })).sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

async function readBounded(place: string, path: string): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined
  try {
    handle = await open(place, FLAGS)
    const { size } = await handle.stat().then((found) => (found.isFile() ? found : { size: -1 }))
    if (size < 0) return undefined
    if (size > MAX_SOURCE_BYTES) throw tooLarge(`${path} is`, `${MAX_SOURCE_BYTES} bytes`)
    const content = new Uint8Array(size)
    const { bytesRead } = await handle.read(content, 0, size, 0)
    return content.subarray(0, bytesRead)
  } catch (error) {
    if (error instanceof ContractError) throw error
    return undefined
  } finally {
    await handle?.close()
  }
}

function tooLarge(what: string, limit: string): ContractError {
  return new ContractError(
    'CONTRACT_TOO_LARGE',
    `${what} more than ${limit}.`,
    'Keep data in the state, not in the code.',
  )
}
