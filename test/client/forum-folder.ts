import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Forum = typeof import('./forum.ts')

/** A contract's folder inside `parent`, with the forum in it. @param more of amigo.yaml */
export async function forumFolder(parent: string, name: string = 'forum', more: string = ''): Promise<string> {
  const dir = join(parent, name)
  await mkdir(dir)
  await writeFile(join(dir, 'amigo.yaml'), `name: ${name}\nversion: 1.0.0\nmain: forum.ts\n${more}`)
  await copyFile(join(import.meta.dirname, 'forum.ts'), join(dir, 'forum.ts'))
  return dir
}
