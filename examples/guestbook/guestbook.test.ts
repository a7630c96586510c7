import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'

// Only a node of the network knows who calls. Here a stand-in says so; everything else is the contract itself.
const context = 'data:text/javascript,export const caller = () => "alice"'
registerHooks({
  resolve: (specifier, at, next) =>
    specifier === 'amigos:context' ? { url: context, shortCircuit: true } : next(specifier, at),
})
const { list, render, sign } = await import('./guestbook.ts')

test('keeps what visitors write, newest first', () => {
  assert.equal(sign('  Hello,\n you '), 1)
  assert.equal(sign('Me *again*'), 2)
  const [newest, oldest] = list()
  assert.equal(newest?.text, 'Me *again*')
  assert.equal(oldest?.text, 'Hello, you')
  assert.equal(oldest?.who, 'alice')
})

test('bounds an entry', () => {
  assert.throws(() => sign(' '), RangeError)
  assert.throws(() => sign('x'.repeat(281)), RangeError)
  assert.equal(list().length, 2)
})

test('shows an entry as its author wrote it, not as Markdown', () => {
  assert.match(render('/'), /Me \\\*again\\\*/)
})

test('turns the page', () => {
  for (let i = 0; i < 20; i++) sign(`line ${i}`)
  assert.match(render(''), /\[Older entries\]\(2\)/)
  assert.match(render('/2'), /Hello, you/)
  assert.doesNotMatch(render('/2'), /Older entries/)
  for (const path of ['/0', '/-1', '/1.5', '/x']) assert.match(render(path), /Nothing on this page/)
})
