import { Blog } from './src/blog.ts'
import type { Post, Summary } from './src/post.ts'
import { MemoryStore } from './src/store.ts'

export type { Post, Summary }

// All that has to last. The network keeps the memory of a service, so this store is as durable as a file.
const store = new MemoryStore()

/** Made anew for each call: its clock is code, and code is not carried over to the next version. */
const blog = (): Blog => new Blog(store)

/** Publishes a post; only the owner may. */
export function publish(title: string, text: string, tags: string[] = []): Promise<Post> {
  return blog().publish({ title, text, tags })
}

/** Takes a post away, and says whether it was there; only the owner may. */
export function remove(slug: string): Promise<boolean> {
  return blog().remove(slug)
}

/** All posts, or those with a tag, newest first. @query */
export function posts(tag?: string): Promise<Summary[]> {
  return blog().posts(tag)
}

/** One post, or null. @query */
export async function post(slug: string): Promise<Post | null> {
  return (await blog().post(slug)) ?? null
}

/** The posts that have every word. @query */
export function search(words: string): Promise<Summary[]> {
  return blog().search(words)
}

/** How many posts each tag has. @query */
export function tags(): Promise<Map<string, number>> {
  return blog().tags()
}

/** The newest posts as RSS, with links that begin with `link`. @query */
export function feed(link: string): Promise<string> {
  return blog().feed(link)
}

/** The blog as a page: `/` lists the posts, `/SLUG` is one. */
export async function render(path: string): Promise<string> {
  const wanted = path.replace(/^\//, '')
  const found = await blog().post(wanted)
  if (found !== undefined) return `# ${found.title}\n\n${found.text}\n\n[All posts](.)\n`
  if (wanted !== '') return '# Nothing here\n\n[All posts](.)\n'
  const lines = (await blog().posts()).map(
    ({ slug, title, excerpt }) => `- [${title}](${encodeURIComponent(slug)}): ${excerpt}`,
  )
  return `# ${blog().title}\n\n${lines.join('\n') || 'Nothing yet.'}\n`
}
