import assert from 'node:assert/strict'
import { test } from 'node:test'
import { current, increment, render } from './counter.ts'

test('counts', () => {
  assert.equal(increment(), 1)
  assert.equal(increment(2), 3)
  assert.equal(current(), 3)
})

test('refuses what is no whole number, and stays as it was', () => {
  assert.throws(() => increment(0.5), RangeError)
  assert.throws(() => increment(Number.MAX_SAFE_INTEGER), RangeError)
  assert.equal(current(), 3)
})

test('has a page', () => {
  assert.match(render('/'), /\*\*3\*\*/)
  assert.match(render('/elsewhere'), /Nothing here/)
})
