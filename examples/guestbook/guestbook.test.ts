import { assert, test } from 'amigos:test'

type Guestbook = typeof import('./guestbook.ts')

test<Guestbook>('keeps what visitors write, newest first', async ({ as, contract, user }) => {
  assert.equal(await as('alice').sign('  Hello,\n you '), 1)
  assert.equal(await as('bob').sign('Me *again*'), 2)
  const [newest, oldest] = await contract.list()
  assert.equal(newest?.text, 'Me *again*')
  assert.equal(newest?.who, user('bob'))
  assert.equal(oldest?.text, 'Hello, you')
  assert.equal(oldest?.who, user('alice'))
})

test<Guestbook>('bounds an entry', async ({ contract }) => {
  await assert.rejects(contract.sign(' '), { code: 'CONTRACT_THREW' })
  await assert.rejects(contract.sign('x'.repeat(281)), { code: 'CONTRACT_THREW' })
  assert.deepEqual(await contract.list(), [])
})

test<Guestbook>('shows an entry as its author wrote it, not as Markdown', async ({ contract }) => {
  await contract.sign('Me *again*')
  assert.match(await contract.render('/'), /Me \\\*again\\\*/)
})

test<Guestbook>('turns the page', async ({ contract }) => {
  await contract.sign('Hello, you')
  for (let i = 0; i < 20; i++) await contract.sign(`line ${i}`)
  assert.match(await contract.render(''), /\[Older entries\]\(2\)/)
  assert.match(await contract.render('/2'), /Hello, you/)
  assert.doesNotMatch(await contract.render('/2'), /Older entries/)
  for (const path of ['/0', '/-1', '/1.5', '/x']) assert.match(await contract.render(path), /Nothing on this page/)
})
