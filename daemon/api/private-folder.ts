import type { Stats } from 'node:fs'
import { chmod, lstat, stat } from 'node:fs/promises'
import { makeFolder } from '../make-folder.ts'
import { ApiError } from './errors.ts'

/** Makes a folder that only this account can enter (0700), or makes an own one such; rejects with UNSAFE_FOLDER or HOME_UNWRITABLE otherwise. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await makeFolder(folder, 0o700).catch(() => {
    throw new ApiError(
      'HOME_UNWRITABLE',
      'The data folder of the daemon cannot be made.',
      'choose another one with --home DIR or AMIGO_HOME',
    )
  })
  await assertOwnFolder(folder)
  if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700)
}

/**
 * Rejects with UNSAFE_FOLDER if another account owns the folder, or the symbolic link that leads to it: in a shared
 * temporary folder somebody else may have been first. A folder that does not exist is nobody's and passes.
 */
export async function assertOwnFolder(folder: string): Promise<void> {
  const link = await lstat(folder).catch(absent)
  if (link === undefined) return
  const target = link.isSymbolicLink() ? await stat(folder).catch(absent) : link
  if (isOwn(link) && target?.isDirectory() && isOwn(target)) return
  throw new ApiError(
    'UNSAFE_FOLDER',
    'The folder of the daemon belongs to another account, or is no folder.',
    'choose another one with --home, or TMPDIR if your home has a very long path',
  )
}

function isOwn(stats: Stats): boolean {
  const uid = process.getuid?.()
  return uid === undefined || stats.uid === uid
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
