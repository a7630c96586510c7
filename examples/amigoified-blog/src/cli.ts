#!/usr/bin/env node
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Blog, JsonFileStore } from './index.ts'

const USAGE = `add TITLE TEXT [TAG...]   publishes a post
list [TAG]                the posts, newest first
search WORDS              the posts that have them
feed LINK [FILE]          the feed, into a file if one is named
The posts are in posts.json, or in the file that BLOG_FILE names.`

const blog = new Blog(new JsonFileStore(process.env['BLOG_FILE'] ?? 'posts.json'))

const COMMANDS: Record<string, (...words: string[]) => Promise<string>> = {
  add: async (title = '', text = '', ...tags) => (await blog.publish({ title, text, tags })).slug,
  list: async (tag) => lines(await blog.posts(tag)),
  search: async (...words) => lines(await blog.search(words.join(' '))),
  async feed(link = '', file) {
    const feed = await blog.feed(link)
    if (file === undefined) return feed
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, feed)
    return `wrote ${file}`
  },
}

function lines(posts: { slug: string; title: string }[]): string {
  return posts.map(({ slug, title }) => `${slug}  ${title}`).join('\n')
}

const [name = '', ...words] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
console.log(command === undefined ? USAGE : await command(...words))
