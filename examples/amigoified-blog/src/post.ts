/** A post as it is kept. */
export interface Post {
  /** what it is called in addresses; no other post has the same */
  slug: string
  title: string
  /** Markdown */
  text: string
  tags: string[]
  published: Date
}

/** What lists show of a post. */
export interface Summary {
  slug: string
  title: string
  excerpt: string
  tags: string[]
  published: Date
}

/** What an author writes. */
export interface Draft {
  title: string
  text: string
  tags?: string[]
}
