import { mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { collidingPath, pathProblem } from '../daemon/contract/path.ts'
import { makeFolder } from '../daemon/make-folder.ts'
import { MAX_PULL_FILES } from './constants.ts'
import { CliError } from './errors.ts'

export interface FileToWrite {
  /** relative, with `/`; from a stranger */
  path: string
  content: Uint8Array
}

export interface NewFolder {
  /** All files, or none: they are written aside and the folder appears complete. */
  write(files: readonly FileToWrite[]): Promise<void>
  /** Removes what was prepared and not written. */
  discard(): Promise<void>
}

/** Prepares a folder that must not exist yet, or be empty: FILE_EXISTS otherwise. Paths of files are checked before any is written. */
export async function prepareFolder(path: string): Promise<NewFolder> {
  const target = resolve(path)
  await assertFree(target, path)
  await makeFolder(dirname(target)).catch(() => unwritable(path))
  const temporary = await mkdtemp(join(dirname(target), `.${basename(target)}-`)).catch(() => unwritable(path))
  return {
    async write(files) {
      assertPaths(files.map((file) => file.path))
      const content = join(temporary, 'content')
      await mkdir(content)
      for (const file of files) {
        const at = join(content, ...file.path.split('/'))
        await mkdir(dirname(at), { recursive: true })
        await writeFile(at, file.content, { flag: 'wx' })
      }
      await assertFree(target, path)
      await rmdir(target).catch(() => {})
      await rename(content, target).catch(() => unwritable(path))
    },
    discard: () => rm(temporary, { recursive: true, force: true }),
  }
}

async function assertFree(target: string, shown: string): Promise<void> {
  const found = await readdir(target).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : undefined,
  )
  if (found?.length === 0) return
  throw new CliError('FILE_EXISTS', `${shown} is there already and not an empty folder.`, 'choose another --out DIR')
}

function assertPaths(paths: readonly string[]): void {
  if (paths.length > MAX_PULL_FILES)
    throw new CliError('BAD_FILE_NAME', `The contract has more than ${MAX_PULL_FILES} files.`)
  for (const path of paths) {
    const problem = pathProblem(path)
    if (problem !== undefined)
      throw new CliError('BAD_FILE_NAME', `The contract has a file '${path}': ${problem}.`, 'nothing was written')
  }
  const twice = collidingPath(paths)
  if (twice !== undefined)
    throw new CliError(
      'BAD_FILE_NAME',
      `The contract has '${twice}' twice, or as file and folder.`,
      'nothing was written',
    )
}

function unwritable(path: string): never {
  throw new CliError('FILE_UNWRITABLE', `${path} cannot be written.`, 'is the folder above it yours?')
}
