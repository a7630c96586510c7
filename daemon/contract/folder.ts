import { constants } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import {
  IMPORTS_FOLDER,
  IMPORTS_FOLDER_ON_DISK,
  MAX_SOURCE_BYTES,
  MAX_SOURCES,
  MAX_SOURCES_BYTES,
} from './constants.ts'
import { ContractError } from './errors.ts'
import type { Reader } from './linking/types.ts'

/** A contract's folder as the compiler sees it: nothing outside it, nothing behind a link, and only so much of it. */
export interface Folder extends Reader {
  /**
   * The content of a file, or undefined if there is no such file. What it answers is among the sources from then on. `path` must have
   * passed `pathProblem`. Throws CONTRACT_TOO_LARGE.
   *
   * @param place where it is on the disk, if not there
   */
  read(path: string, place?: string): Promise<Uint8Array | undefined>
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

  const find = async (place: string): Promise<string | undefined> => {
    const [first, ...more] = place.split('/')
    // an author's folder hides what comes from others
    const hidden = first === IMPORTS_FOLDER ? await locate([IMPORTS_FOLDER_ON_DISK, ...more].join('/')) : undefined
    return hidden ?? locate(place)
  }

  const peek = async (place: string): Promise<Uint8Array | undefined> => {
    const found = await find(place)
    return found === undefined ? undefined : readBounded(found, place)
  }

  return {
    peek,
    holds: (path) => files.has(path),
    async isFile(place) {
      const found = await find(place)
      const is = found === undefined ? undefined : await stat(found).catch(() => undefined)
      return is?.isFile() ?? false
    },
    async real(place) {
      const found = await realpath(join(root, place)).catch(() => undefined)
      if (found === undefined) return undefined
      const inside = relative(root, found)
      const isInside = inside !== '' && !isAbsolute(inside) && inside.split(sep)[0] !== '..'
      return isInside ? inside.split(sep).join('/') : 'outside'
    },
    async read(path, place = path) {
      const known = files.get(path)
      if (known !== undefined) return known
      const content = await peek(place)
      if (content === undefined) return undefined
      total += content.length
      if (total > MAX_SOURCES_BYTES) throw tooLarge('The sources are', `${MAX_SOURCES_BYTES} bytes together`)
      if (files.size === MAX_SOURCES) throw tooLarge('The sources are', `${MAX_SOURCES} files`)
      files.set(path, content)
      return content
    },
    has: async (path) => (await find(path)) !== undefined,
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
