import type { Post } from './post.ts'

/** Where posts are kept. */
export interface PostStore {
  all(): Promise<Post[]>
  get(slug: string): Promise<Post | undefined>
  /** keeps a post, in place of one with the same slug */
  put(post: Post): Promise<void>
  /** whether there was one */
  remove(slug: string): Promise<boolean>
}

/** Keeps posts in memory, for as long as that lasts. */
export class MemoryStore implements PostStore {
  private readonly posts: Map<string, Post> = new Map()

  async all(): Promise<Post[]> {
    return [...this.posts.values()]
  }

  async get(slug: string): Promise<Post | undefined> {
    return this.posts.get(slug)
  }

  async put(post: Post): Promise<void> {
    this.posts.set(post.slug, post)
  }

  async remove(slug: string): Promise<boolean> {
    return this.posts.delete(slug)
  }
}
