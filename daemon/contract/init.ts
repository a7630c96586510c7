import { open, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeFolder } from '../make-folder.ts'
import { DEFAULT_TEMPLATE, MANIFEST_FILE, MAX_NAME_LENGTH, MAX_TEMPLATE_FILES } from './constants.ts'
import { ContractError } from './errors.ts'
import { pathProblem } from './path.ts'
import type { InitOptions, NewFolder } from './types.ts'

interface Rewriting {
  template: string
  name: string
  /** as the user wrote it */
  dir: string
}

/** The templates are the examples, so that what a newcomer gets is what our tests run. */
const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url))

/**
 * Makes a contract folder out of a template, under the folder's own name. Writes all files or, if it fails, none; never touches
 * a file that is there. Throws FOLDER_NOT_EMPTY, FOLDER_NOT_WRITABLE, TEMPLATE_UNKNOWN.
 */
export async function initContract(dir: string, options: InitOptions = {}): Promise<NewFolder> {
  const { template = DEFAULT_TEMPLATE } = options
  const texts = await readTemplate(template)
  const name = nameFor(dir, template)
  const files = texts
    .map(({ file, text }) => ({
      file: rename(file, template, name),
      text: rewrite(file, text, { template, name, dir }),
    }))
    .sort((a, b) => (a.file < b.file ? -1 : 1))
  await writeAll(dir, files)
  return { dir: resolve(dir), main: `${name}.ts`, files: files.map(({ file }) => file) }
}

async function readTemplate(template: string): Promise<{ file: string; text: string }[]> {
  const known = await templates()
  if (!known.includes(template))
    throw new ContractError(
      'TEMPLATE_UNKNOWN',
      `There is no template ${template}.`,
      `Take one of: ${known.join(', ')}.`,
    )
  const files = (await readdir(join(EXAMPLES, template))).slice(0, MAX_TEMPLATE_FILES)
  return Promise.all(
    files.map(async (file) => ({ file, text: await readFile(join(EXAMPLES, template, file), 'utf8') })),
  )
}

/** The examples that are contracts and nothing else: one that is made of a project of its own has folders. */
async function templates(): Promise<string[]> {
  const names = await readdir(EXAMPLES).catch(() => [])
  const flat = names.map(async (name) => {
    const entries = await readdir(join(EXAMPLES, name), { withFileTypes: true }).catch(() => [])
    return entries.length > 0 && entries.every((entry) => entry.isFile())
  })
  const isFlat = await Promise.all(flat)
  return names.filter((_, i) => isFlat[i])
}

/** A service name made of the folder's, or the template's where that has no letters to make one of. */
function nameFor(dir: string, template: string): string {
  const words =
    basename(resolve(dir))
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  const name = words.join('-').slice(0, MAX_NAME_LENGTH).replace(/-$/, '')
  return name === '' || pathProblem(`${name}.ts`) !== undefined ? template : name
}

function rename(file: string, template: string, name: string): string {
  return file.replace(new RegExp(`^${template}(?=\\.(test\\.)?ts$)`), name)
}

/** Puts the new name and, into commands, the folder as its maker called it in the place of the template's. */
function rewrite(file: string, text: string, { template, name, dir }: Rewriting): string {
  if (file === MANIFEST_FILE)
    return text.replace(/^name: .*$/m, `name: ${name}`).replace(/^main: .*$/m, `main: ${name}.ts`)
  const shown = inShell(dir)
  return text
    .replace(new RegExp(`\\bexamples/${template}/(\\S+)`, 'g'), (_, path: string) =>
      inShell(join(dir, rename(path, template, name))),
    )
    .replace(new RegExp(`\\bexamples/${template}\\b`, 'g'), () => shown)
    .replace(new RegExp(`\\b${template}(?=\\.(test\\.)?ts\\b)`, 'g'), name)
    .replace(new RegExp(`(?<=local\\.land/_/)${template}\\b`, 'g'), name)
}

function inShell(path: string): string {
  return /^[\p{L}\p{N}_./:@+-]+$/u.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`
}

async function writeAll(shown: string, files: readonly { file: string; text: string }[]): Promise<void> {
  const dir = resolve(shown)
  const written: string[] = []
  let made: string | undefined
  try {
    made = await makeFolder(dir)
    if ((await readdir(dir)).length > 0)
      throw new ContractError('FOLDER_NOT_EMPTY', `${shown} is not empty.`, 'Name a new folder: amigo init DIR')
    for (const { file, text } of files) {
      const place = join(dir, file)
      // What appeared there in the meantime is refused, and is not ours to remove.
      const handle = await open(place, 'wx')
      written.push(place)
      await handle.writeFile(text).finally(() => handle.close())
    }
  } catch (error) {
    for (const place of written) await rm(place, { force: true })
    if (made !== undefined) await removeEmpty(dir, made)
    if (error instanceof ContractError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new ContractError('FOLDER_NOT_WRITABLE', `${shown} cannot be written (${code}).`, 'Name another folder.')
  }
}

/** Removes the folders from `dir` up to `top`, as far as they are empty. */
async function removeEmpty(dir: string, top: string): Promise<void> {
  let empty = true
  for (let folder = dir; empty && folder.length >= top.length; folder = dirname(folder))
    empty = await rmdir(folder).then(
      () => true,
      () => false,
    )
}
