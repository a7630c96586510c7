/** Writes what `amigo import` found into a contract's folder: all of it, or nothing. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CliError } from './errors.ts'

export interface Written {
  /** relative to the folder, with `/` */
  path: string
  content: Uint8Array
}

/** Where fetched files lie. They go by the hashes of their contracts, so that a new one harms no old one. */
const FETCHED = '.amigo'

/**
 * @param files of `.amigo/`: all that are to be there afterwards
 * @param last what says which of them count, in the order in which it is to appear
 * @throws CliError FILE_UNWRITABLE, with everything as it was
 */
export async function writeImports(dir: string, files: readonly Written[], last: readonly Written[]): Promise<void> {
  const staging = await stage(dir, [...files, ...last])
  const restore: (() => Promise<void>)[] = []
  try {
    for (const { path } of [...files, ...last]) {
      const target = join(dir, path)
      await mkdir(dirname(target), { recursive: true })
      const before = last.some((one) => one.path === path) ? await readFile(target).catch(() => undefined) : undefined
      await rename(join(staging, path), target)
      restore.push(() => (before === undefined ? rm(target, { force: true }) : writeFile(target, before)))
    }
  } catch {
    for (const undo of restore.slice(files.length).reverse()) await undo().catch(() => {})
    throw new CliError('FILE_UNWRITABLE', `${dir} cannot be written.`, 'is it yours, and is there room on the disk?')
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
  await removeOthers(join(dir, FETCHED), new Set(files.map(({ path }) => path.split('/')[1]!)))
}

async function stage(dir: string, files: readonly Written[]): Promise<string> {
  try {
    await mkdir(join(dir, FETCHED), { recursive: true })
    const staging = await mkdtemp(join(dir, FETCHED, '.new-'))
    for (const { path, content } of files) {
      await mkdir(dirname(join(staging, path)), { recursive: true })
      await writeFile(join(staging, path), content)
    }
    return staging
  } catch {
    throw new CliError('FILE_UNWRITABLE', `${dir} cannot be written.`, 'is it yours, and is there room on the disk?')
  }
}

/** What no import needs any more, of what was fetched: the rest there is somebody else's. */
async function removeOthers(folder: string, needed: ReadonlySet<string>): Promise<void> {
  const there = await readdir(folder).catch(() => [])
  const stale = there.filter((name) => /^bafy[a-z2-7]{50,}(\.cbor|\.d\.ts)?$/.test(name) && !needed.has(name))
  for (const name of stale) await rm(join(folder, name), { recursive: true, force: true }).catch(() => {})
}
