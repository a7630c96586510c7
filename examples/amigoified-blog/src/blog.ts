import { excerptOf } from './excerpt.ts'
import { slugFor } from './slug.ts'

export interface Draft {
  title: string
  /** Markdown */
  body: string
  tags?: string[]
}

export interface Post {
  slug: string
  title: string
  body: string
  tags: string[]
  published: Date
}

/** What a list of posts shows of each. */
export interface Teaser {
  slug: string
  title: string
  excerpt: string
  published: Date
}

/** A blog in memory. Whoever wants to keep it saves `posts`. */
export class Blog {
  posts: Map<string, Post>
  now: () => Date

  constructor(posts: Iterable<Post> = [], now: () => Date = () => new Date()) {
    this.posts = new Map(Array.from(posts, (post) => [post.slug, post]))
    this.now = now
  }

  publish({ title, body, tags = [] }: Draft): Post {
    if (title.trim() === '') throw new RangeError('a post needs a title')
    const slug = slugFor(title, (one) => this.posts.has(one))
    const known = [...new Set(tags.map((tag) => tag.trim().toLowerCase()))].filter((tag) => tag !== '')
    const post = { slug, title: title.trim(), body, tags: known, published: this.now() }
    this.posts.set(slug, post)
    return post
  }

  find(slug: string): Post | undefined {
    return this.posts.get(slug)
  }

  remove(slug: string): boolean {
    return this.posts.delete(slug)
  }

  /** The newest first. */
  list({ tag, limit = 20 }: { tag?: string; limit?: number } = {}): Teaser[] {
    return [...this.posts.values()]
      .filter(({ tags }) => tag === undefined || tags.includes(tag))
      .reverse()
      .slice(0, limit)
      .map(({ slug, title, body, published }) => ({ slug, title, excerpt: excerptOf(body), published }))
  }

  /** How many posts have each tag. */
  tags(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { tags } of this.posts.values()) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
    return counts
  }
}
