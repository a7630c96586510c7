import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are missing, one by one: Node's own recursive `mkdir` never ends where a parent is
 * there and the system says ENOENT all the same, as in /proc. Rejects with the error of the system.
 *
 * @param path absolute
 * @returns the topmost folder that was made; undefined if all were there
 */
export async function makeFolder(path: string, mode: number = 0o777): Promise<string | undefined> {
  const parent = dirname(path)
  try {
    return await makeOne(path, mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error
  }
  const top = await makeFolder(parent, mode)
  const made = await makeOne(path, mode)
  return top ?? made
}

async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode })
    return path
  } catch (error) {
    const there = await stat(path).catch(() => undefined)
    if (there?.isDirectory()) return undefined
    throw error
  }
}
