import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excerpt, slugify } from '../src/index.ts'

test('a slug is what addresses can hold', () => {
  assert.equal(slugify('Crème brûlée!'), 'creme-brulee')
  assert.equal(slugify('日本 2026'), '日本-2026')
  assert.equal(slugify('?!'), 'post')
  assert.equal(slugify('word '.repeat(30)).length <= 60, true)
})

test('an excerpt has words and no marks', () => {
  assert.equal(excerpt('# Title\n\nSee [the **docs**](https://example.org).\n\n```js\nlet a\n```\n'), 'See the docs.')
  assert.equal(excerpt('one two three', 9), 'one two…')
  assert.equal(excerpt('x'.repeat(20), 5), 'xxxxx…')
})
