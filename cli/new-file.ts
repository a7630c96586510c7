import { open, rename, rm, stat } from 'node:fs/promises'
import { CliError } from './errors.ts'

export interface NewFile {
  /** The whole content at once: whoever looks finds the old file or the new one. */
  write(content: string): Promise<void>
  /** Removes what was prepared and not written. */
  discard(): Promise<void>
}

/** Makes sure that a file can be written where it shall stand, before there is anything to write. */
export async function prepareFile(path: string): Promise<NewFile> {
  const temporary = `${path}.${process.pid}.part`
  const unwritable = (): never => {
    throw new CliError('FILE_UNWRITABLE', `${path} cannot be written.`, 'is there such a folder, and is it yours?')
  }
  // a rename would fail on a folder, and would put a file where a device or a pipe was
  const there = await stat(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : unwritable(),
  )
  if (path === '' || (there !== undefined && !there.isFile()))
    throw new CliError('FILE_UNWRITABLE', `'${path}' is no file.`, 'name a new file, or one to replace')
  const file = await open(temporary, 'wx').catch(unwritable)
  let pending = true
  return {
    async write(content) {
      try {
        await file.writeFile(content)
        await file.sync()
        await file.close()
        await rename(temporary, path)
        pending = false
      } catch {
        unwritable()
      }
    },
    async discard() {
      if (!pending) return
      pending = false
      await file.close().catch(() => {})
      await rm(temporary, { force: true })
    },
  }
}
