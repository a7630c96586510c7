import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Blog } from '../src/blog.ts'
import { excerptOf } from '../src/excerpt.ts'

test('publishes under a slug of its own', () => {
  const blog = new Blog()
  assert.equal(blog.publish({ title: 'Café, World!', body: '' }).slug, 'cafe-world')
  assert.equal(blog.publish({ title: 'Twice', body: '' }).slug, 'twice')
  assert.equal(blog.publish({ title: 'Twice', body: '' }).slug, 'twice-2')
  assert.equal(blog.publish({ title: '日本', body: '' }).slug, 'post')
  assert.throws(() => blog.publish({ title: ' ', body: '' }), RangeError)
})

test('lists the newest first, by tag where that is wanted', () => {
  const blog = new Blog([], () => new Date(0))
  blog.publish({ title: 'One', body: 'first', tags: ['A', 'a ', ''] })
  blog.publish({ title: 'Two', body: 'second', tags: ['b'] })
  assert.deepEqual(
    blog.list().map(({ slug }) => slug),
    ['two', 'one'],
  )
  assert.deepEqual(blog.list({ tag: 'a' }), [{ slug: 'one', title: 'One', excerpt: 'first', published: new Date(0) }])
  assert.equal(blog.list({ limit: 1 }).length, 1)
  assert.deepEqual(
    blog.tags(),
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  )
})

test('removes a post', () => {
  const blog = new Blog()
  blog.publish({ title: 'Gone', body: '' })
  assert.equal(blog.remove('gone'), true)
  assert.equal(blog.find('gone'), undefined)
  assert.equal(blog.remove('gone'), false)
})

test('cuts an excerpt between words, without markup', () => {
  assert.equal(excerptOf('# Title\n\nSome *words* and [a link](https://example.com).'), 'Title Some words and a link.')
  assert.equal(excerptOf('```\ncode\n```\nafter'), 'after')
  assert.equal(excerptOf('one two three', 9), 'one two …')
})
