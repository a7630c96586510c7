import { readFile, rename, writeFile } from 'node:fs/promises'
import type { Post } from './post.ts'
import type { PostStore } from './store.ts'

/** Keeps posts in a JSON file. One process at a time may write to it. */
export class JsonFileStore implements PostStore {
  private readonly file: string

  constructor(file: string) {
    this.file = file
  }

  async all(): Promise<Post[]> {
    const text = await readFile(this.file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]'
      throw error
    })
    const posts = JSON.parse(text) as (Omit<Post, 'published'> & { published: string })[]
    return posts.map((post) => ({ ...post, published: new Date(post.published) }))
  }

  async get(slug: string): Promise<Post | undefined> {
    return (await this.all()).find((post) => post.slug === slug)
  }

  async put(post: Post): Promise<void> {
    await this.write([...(await this.others(post.slug)), post])
  }

  async remove(slug: string): Promise<boolean> {
    const others = await this.others(slug)
    const isThere = others.length < (await this.all()).length
    if (isThere) await this.write(others)
    return isThere
  }

  private async others(slug: string): Promise<Post[]> {
    return (await this.all()).filter((post) => post.slug !== slug)
  }

  /** A crash leaves the old file or the new one. */
  private async write(posts: Post[]): Promise<void> {
    await writeFile(`${this.file}.new`, `${JSON.stringify(posts, null, 2)}\n`)
    await rename(`${this.file}.new`, this.file)
  }
}
