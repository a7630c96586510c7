/** All that makes a service of this library: its blog lives on in a variable, and what others may do with it is exported. */
import { Blog, type Draft, type Post, type Teaser } from './src/blog.ts'

const blog = new Blog()

/** What is kept when the code changes: the posts, without the functions that the library has beside them. @query */
export const state = (): Post[] => [...blog.posts.values()]

/** Begins with what `state` of the version before gave. */
export function migrate(posts: Post[]): void {
  for (const post of posts) blog.posts.set(post.slug, post)
}

/** Publishes a post, and answers it with its slug. */
export const publish = (draft: Draft): Post => blog.publish(draft)

/** Whether there was such a post. */
export const remove = (slug: string): boolean => blog.remove(slug)

/** A post by its slug. @query */
export const find = (slug: string): Post | undefined => blog.find(slug)

/** The newest first. @query */
export const list = (tag?: string): Teaser[] => blog.list(tag === undefined ? {} : { tag })

/** How many posts have each tag. @query */
export const tags = (): Map<string, number> => blog.tags()

/** The page of this service, in Markdown. */
export function render(path: string): string {
  const post = blog.find(path.slice(1))
  if (post !== undefined) return `# ${post.title}\n\n${post.body}\n`
  return ['# Blog', ...blog.list().map(({ slug, title, excerpt }) => `## [${title}](/${slug})\n\n${excerpt}`)].join(
    '\n\n',
  )
}
