import { excerpt } from './markdown.ts'
import type { Post } from './post.ts'

export interface Channel {
  title: string
  /** where the blog is read; posts are below it, by their slugs */
  link: string
}

/** A feed (RSS 2.0) of the posts, in their order. */
export function rss({ title, link }: Channel, posts: readonly Post[]): string {
  const items = posts.map((post) => {
    const address = `${link.replace(/\/$/, '')}/${encodeURIComponent(post.slug)}`
    return `    <item>
      <title>${escapeXml(post.title)}</title>
      <link>${escapeXml(address)}</link>
      <guid>${escapeXml(address)}</guid>
      <pubDate>${post.published.toUTCString()}</pubDate>
      <description>${escapeXml(excerpt(post.text))}</description>
    </item>
`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>${escapeXml(title)}</title>
    <link>${escapeXml(link)}</link>
    <description>${escapeXml(title)}</description>
${items.join('')}  </channel>
</rss>
`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark)
}
