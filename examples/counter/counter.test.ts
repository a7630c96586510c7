import { assert, test } from 'amigos:test'

type Counter = typeof import('./counter.ts')

test<Counter>('counts', async ({ contract }) => {
  assert.equal(await contract.increment(), 1)
  assert.equal(await contract.increment(2), 3)
  assert.equal(await contract.current(), 3)
})

test<Counter>('refuses what is no whole number, and stays as it was', async ({ contract }) => {
  await assert.rejects(contract.increment(0.5), { code: 'CONTRACT_THREW' })
  await contract.increment(Number.MAX_SAFE_INTEGER)
  await assert.rejects(contract.increment(), { code: 'CONTRACT_THREW' })
  assert.equal(await contract.current(), Number.MAX_SAFE_INTEGER)
})

test<Counter>('has a page', async ({ contract }) => {
  await contract.increment(3)
  assert.match(await contract.render('/'), /\*\*3\*\*/)
  assert.match(await contract.render('/elsewhere'), /Nothing here/)
})
