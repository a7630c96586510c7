import { assert, test } from 'amigos:test'

type Blog = typeof import('./blog.amigo.ts')

test<Blog>('keeps what its owner publishes', async ({ contract, setTime }) => {
  setTime(new Date('2026-03-01T12:00:00Z'))
  const { slug, published } = await contract.publish('Hello, World', 'The *first* one.', ['News'])
  assert.equal(slug, 'hello-world')
  assert.deepEqual(published, new Date('2026-03-01T12:00:00Z'))
  assert.deepEqual(await contract.tags(), new Map([['news', 1]]))
  const summary = { slug, title: 'Hello, World', excerpt: 'The first one.', tags: ['news'], published }
  assert.deepEqual(await contract.posts('news'), [summary])
  assert.deepEqual(await contract.search('first'), [summary])
  assert.match(await contract.render('/'), /\[Hello, World\]\(hello-world\)/)
  assert.match(await contract.render('/hello-world'), /The \*first\* one/)
})

test<Blog>('is written by its owner alone, and read by all', async ({ as, contract }) => {
  const { slug } = await contract.publish('Mine', 'Here.')
  await assert.rejects(as('eve').publish('Hers', 'There.'), { code: 'ACCESS_DENIED' })
  await assert.rejects(as('eve').remove(slug), { code: 'ACCESS_DENIED' })
  assert.equal((await as('eve').posts()).length, 1)
  assert.equal(await contract.remove(slug), true)
})
