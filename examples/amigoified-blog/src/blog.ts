import { excerpt } from './markdown.ts'
import type { Draft, Post, Summary } from './post.ts'
import { rss } from './rss.ts'
import { search } from './search.ts'
import { freeSlug } from './slug.ts'
import type { PostStore } from './store.ts'

export interface BlogOptions {
  title?: string
  /** the clock; tests bring their own */
  now?: () => Date
}

/** A blog over a store. */
export class Blog {
  readonly title: string
  private readonly store: PostStore
  private readonly now: () => Date

  constructor(store: PostStore, { title = 'A small blog', now = () => new Date() }: BlogOptions = {}) {
    this.store = store
    this.title = title
    this.now = now
  }

  /** Publishes a draft. Throws RangeError if it has no title or no text. */
  async publish({ title, text, tags = [] }: Draft): Promise<Post> {
    if (title.trim() === '' || text.trim() === '') throw new RangeError('a post needs a title and a text')
    const taken = new Set((await this.store.all()).map((post) => post.slug))
    const post = {
      slug: freeSlug(title, (slug) => taken.has(slug)),
      title: title.trim(),
      text,
      tags: [...new Set(tags.map((tag) => tag.toLowerCase()))].sort(),
      published: this.now(),
    }
    await this.store.put(post)
    return post
  }

  async post(slug: string): Promise<Post | undefined> {
    return this.store.get(slug)
  }

  async remove(slug: string): Promise<boolean> {
    return this.store.remove(slug)
  }

  /** All posts, or those with a tag, newest first. */
  async posts(tag?: string): Promise<Summary[]> {
    const posts = await this.newestFirst()
    return posts.filter((post) => tag === undefined || post.tags.includes(tag)).map(toSummary)
  }

  async search(query: string): Promise<Summary[]> {
    return search(await this.newestFirst(), query).map(toSummary)
  }

  /** How many posts each tag has. */
  async tags(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    for (const { tags } of await this.store.all()) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
    return new Map([...counts].sort())
  }

  /** The newest posts as a feed. */
  async feed(link: string, most: number = 20): Promise<string> {
    return rss({ title: this.title, link }, (await this.newestFirst()).slice(0, most))
  }

  private async newestFirst(): Promise<Post[]> {
    return (await this.store.all()).reverse().sort((a, b) => b.published.getTime() - a.published.getTime())
  }
}

function toSummary({ text, ...rest }: Post): Summary {
  return { ...rest, excerpt: excerpt(text) }
}
