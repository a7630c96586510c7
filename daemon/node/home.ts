/** The data folder: made private to its user, refused when others could have written into it. */
import { chmod, lstat } from 'node:fs/promises'
import { makeFolder } from '../make-folder.ts'
import { NodeError } from './errors.ts'

const OTHERS_MAY_WRITE = 0o022

/**
 * Makes the folder if need be, and checks it.
 *
 * @param path absolute path of the data folder
 * @throws NodeError HOME_INSECURE if it is a link, belongs to somebody else or is writable by others; HOME_UNWRITABLE otherwise
 */
export async function prepareHome(path: string): Promise<void> {
  try {
    await makeFolder(path, 0o700)
  } catch (cause) {
    const hint = 'choose another folder with --home DIR or AMIGO_HOME'
    throw new NodeError('HOME_UNWRITABLE', `The data folder ${path} cannot be made.`, hint, { cause })
  }
  const stat = await lstat(path)
  if (!stat.isDirectory()) {
    throw new NodeError('HOME_INSECURE', `${path} is not a folder.`, 'choose a folder of your own with --home DIR')
  }
  if (process.platform === 'win32') return
  if (stat.uid !== process.getuid?.()) {
    throw new NodeError(
      'HOME_INSECURE',
      `${path} belongs to another user.`,
      'choose a folder of your own with --home DIR',
    )
  }
  if ((stat.mode & OTHERS_MAY_WRITE) !== 0) {
    throw new NodeError('HOME_INSECURE', `Others may write to ${path}.`, 'make it yours alone: chmod 700 DIR')
  }
  if ((stat.mode & 0o777) !== 0o700) await chmod(path, 0o700)
}
