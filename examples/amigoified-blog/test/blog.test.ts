import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Blog, JsonFileStore, MemoryStore, type PostStore } from '../src/index.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'small-blog-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const STORES: Record<string, () => PostStore> = {
  'in memory': () => new MemoryStore(),
  'in a file': () => new JsonFileStore(join(folder, `${Math.random()}.json`)),
}

for (const [where, makeStore] of Object.entries(STORES))
  describe(`a blog ${where}`, () => {
    const makeBlog = (): Blog => {
      let day = 1
      return new Blog(makeStore(), { title: 'Ours', now: () => new Date(Date.UTC(2026, 0, day++)) })
    }

    test('lists its posts, newest first, all or by tag', async () => {
      const blog = makeBlog()
      await blog.publish({ title: 'One', text: 'The *first*.', tags: ['News', 'news'] })
      await blog.publish({ title: 'Two', text: 'The second.' })
      assert.deepEqual(
        (await blog.posts()).map(({ slug }) => slug),
        ['two', 'one'],
      )
      const one = {
        slug: 'one',
        title: 'One',
        excerpt: 'The first.',
        tags: ['news'],
        published: new Date('2026-01-01'),
      }
      assert.deepEqual(await blog.posts('news'), [one])
      assert.deepEqual(await blog.tags(), new Map([['news', 1]]))
    })

    test('gives each post an address of its own, and takes posts away', async () => {
      const blog = makeBlog()
      assert.equal((await blog.publish({ title: 'Same', text: 'a' })).slug, 'same')
      assert.equal((await blog.publish({ title: 'Same', text: 'b' })).slug, 'same-2')
      assert.equal(await blog.remove('same'), true)
      assert.equal(await blog.remove('same'), false)
      assert.equal(await blog.post('same'), undefined)
      assert.equal((await blog.post('same-2'))?.text, 'b')
    })

    test('finds posts by their words, titles first', async () => {
      const blog = makeBlog()
      await blog.publish({ title: 'Cats', text: 'All about them.' })
      await blog.publish({ title: 'Dogs', text: 'They chase cats.' })
      const found = async (query: string): Promise<string[]> => (await blog.search(query)).map(({ slug }) => slug)
      assert.deepEqual(await found('cats'), ['cats', 'dogs'])
      assert.deepEqual(await found('chase CATS'), ['dogs'])
      assert.deepEqual(await found('birds'), [])
      assert.deepEqual(await found(' '), [])
    })

    test('has a feed', async () => {
      const blog = makeBlog()
      await blog.publish({ title: 'Q & A', text: '<b>' })
      const feed = await blog.feed('https://example.org/blog/')
      assert.match(feed, /<title>Ours<\/title>/)
      assert.match(feed, /<title>Q &amp; A<\/title>\s*<link>https:\/\/example\.org\/blog\/q-a<\/link>/)
      assert.match(feed, /<pubDate>Thu, 01 Jan 2026 00:00:00 GMT<\/pubDate>/)
    })

    test('refuses a post without a title or a text', async () => {
      const blog = makeBlog()
      await assert.rejects(blog.publish({ title: ' ', text: 'a' }), RangeError)
      await assert.rejects(blog.publish({ title: 'a', text: '' }), RangeError)
      assert.deepEqual(await blog.posts(), [])
    })
  })
