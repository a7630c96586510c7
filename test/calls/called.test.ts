/** What others and their services are called: by names that the network certifies, and by nothing that only a home says. */
import assert from 'node:assert/strict'
import { createCalled } from '../../daemon/calls/names/called.ts'
import { createNameUsage } from '../../daemon/calls/view/name-usage.ts'
import type { Registry } from '../../registry/home/types.ts'
import type { Usernames } from '../../registry/names/types.ts'

const signal = new AbortController().signal
const FORUM = 'bafyforum'

/** @param homes usernames by the user that says to hold them; @param book users by the username that is certified */
function calledBy(homes: Record<string, string[]>, book: Record<string, string>, registrars = ['hub']) {
  const registry = {
    resolve: async (user: string) => {
      const usernames = homes[user]
      if (usernames === undefined) throw new Error('nobody answered')
      return { home: { usernames }, services: [{ name: 'forum', service: { toString: () => FORUM } }] }
    },
  } as unknown as Pick<Registry, 'resolve'>
  const usernames = {
    resolve: async (username: string) => {
      if (book[username] === undefined) throw new Error('nobody has it')
      return { user: book[username] }
    },
  } as unknown as Pick<Usernames, 'resolve'>
  const identity = { user: 'k51me', network: { suffix: 'amigos.net', registrars } } as never
  return createCalled({ identity, registry, usernames, ownName: () => 'me.amigos.net' })
}

describe('what others are called', () => {
  const homes = { k51alice: ['alice'], k51liar: ['alice'], k51nobody: [], k51late: ['gone'] }
  const book = { alice: 'k51alice' }

  it('is the username that their home names, if its record says the same', async () => {
    const called = calledBy(homes, book)
    for (const [user, name] of [
      ['k51alice', 'alice.amigos.net'],
      ['k51liar', '~k51liar'],
      ['k51nobody', '~k51nobody'],
      ['k51late', '~k51late'],
      ['k51unknown', '~k51unknown'],
      ['k51me', 'me.amigos.net'],
    ] as const)
      assert.equal(await called.user(user, { signal }), name)
    // without a hub nobody certifies anything
    assert.equal(await calledBy(homes, book, []).user('k51alice', { signal }), '~k51alice')
  })

  it('is of a service its name in the home of its owner', async () => {
    const called = calledBy(homes, book)
    assert.equal(await called.service('k51alice', FORUM, { signal }), 'alice.amigos.net/forum')
    assert.equal(await called.service('k51liar', FORUM, { signal }), '~k51liar/forum')
    assert.equal(await called.service('k51alice', 'bafyother', { signal }), undefined)
    assert.equal(await called.service('k51unknown', FORUM, { signal }), undefined)
  })

  it('stands beside what they used', async () => {
    const rows = [
      { by: 'k51alice', importer: FORUM },
      { by: 'k51alice', importer: null },
      { by: 'k51liar', importer: null },
      { by: '', importer: null },
      { by: 'k51unknown', importer: FORUM },
    ].map((row) => ({ ...row, calls: 1, gas: 1 }))
    const read = async () => ({ service: 's', commits: 1, calls: 1, gas: 1, pruned: false, by: rows })
    const { by } = await createNameUsage(read, calledBy(homes, book))({} as never, undefined, { signal })
    assert.deepEqual(
      by.map(({ name }) => name),
      ['alice.amigos.net/forum', 'alice.amigos.net', undefined, undefined, undefined],
    )
  })
})
