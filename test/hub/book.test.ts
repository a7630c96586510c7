/** The book of usernames, in the real VM. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { CID } from 'multiformats/cid'
import type { Json } from '../../daemon/api/vocabulary.ts'
import type { Identity } from '../../daemon/calls/types.ts'
import type { Listed } from '../../daemon/hub/book/book.ts'
import { type Host, newIdentity, resultOf, startHost } from '../support/host.ts'

const read = (file: string): string => readFileSync(new URL(`../../daemon/hub/book/${file}`, import.meta.url), 'utf8')
const MANIFEST = read('amigo.yaml').replace('main: book.ts', 'main: main.ts')
const DAY = 86_400_000
const START = Date.parse('2026-11-21T12:00:00Z')

describe('the book of usernames', function () {
  this.timeout(30_000)
  let host: Host
  let book: CID
  let time: number
  let alice: Identity
  let bob: Identity

  before(async () => {
    host = await startHost({ now: () => time })
    const identities = await Promise.all([newIdentity(), newIdentity()])
    alice = identities[0]
    bob = identities[1]
  })
  after(() => host.stop())
  beforeEach(async () => {
    time = START
    book = await host.serve(read('book.ts'), { manifest: MANIFEST, as: `book-${Math.random().toString(36).slice(2)}` })
  })

  const call = async (user: Identity, method: string, ...args: Json[]): Promise<Listed> =>
    resultOf(await host.execute(await host.sign(book, method, args, user), asking())) as unknown as Listed
  const asking = () => ({ from: 'local', signal: new AbortController().signal })
  const lookup = async (username: string): Promise<Listed> =>
    (await host.query(book, 'lookup', [username])) as unknown as Listed
  const refused = (answer: Promise<unknown>, word: string): Promise<void> =>
    assert.rejects(answer, (error: Error & { code: string }) => {
      assert.equal(error.code, 'CONTRACT_THREW')
      assert.ok(error.message.includes(`${word}: `), error.message)
      return true
    })

  it('gives a name to whoever asks first, for a year', async () => {
    const mine = await call(alice, 'register', 'alice')
    assert.deepEqual(mine, {
      username: 'alice',
      state: 'held',
      user: alice.user,
      since: START,
      expires: START + 365 * DAY,
    })
    await refused(call(bob, 'register', 'alice'), 'NAME_TAKEN')
    assert.deepEqual(await lookup('alice'), mine)
    // asking again changes nothing
    time += DAY
    assert.deepEqual(await call(alice, 'register', 'alice'), mine)
  })

  it('has exactly one winner of many who ask at once', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, newIdentity))
    const answers = await Promise.allSettled(users.map((user) => call(user, 'register', 'gold')))
    const won = answers.filter(({ status }) => status === 'fulfilled')
    assert.equal(won.length, 1)
    const winner = users[answers.findIndex(({ status }) => status === 'fulfilled')]!
    assert.equal((await lookup('gold')).user, winner.user)
  })

  it('says whose a name is and until when', async () => {
    await call(alice, 'register', 'alice')
    await assert.rejects(call(bob, 'register', 'alice'), new RegExp(`${alice.user} until 2027-11-21`))
  })

  it('keeps a name for its owner in the days of grace, then for nobody', async () => {
    await call(alice, 'register', 'alice')
    time = START + 365 * DAY
    assert.equal((await lookup('alice')).state, 'grace')
    await refused(call(bob, 'register', 'alice'), 'NAME_TAKEN')
    await refused(call(alice, 'transfer', 'alice', bob.user), 'NAME_NOT_YOURS')
    assert.equal((await call(alice, 'renew', 'alice')).expires, time + 365 * DAY)
    time += 395 * DAY - 1
    await refused(call(bob, 'register', 'alice'), 'NAME_TAKEN')
    time += 1
    assert.equal((await lookup('alice')).state, 'free')
    await refused(call(alice, 'renew', 'alice'), 'NAME_NOT_YOURS')
    assert.equal((await call(bob, 'register', 'alice')).user, bob.user)
  })

  it('is renewed, transferred and released by its owner alone', async () => {
    await call(alice, 'register', 'alice')
    for (const method of ['renew', 'release']) await refused(call(bob, method, 'alice'), 'NAME_NOT_YOURS')
    await refused(call(bob, 'transfer', 'alice', bob.user), 'NAME_NOT_YOURS')
    await refused(call(alice, 'transfer', 'alice', 'bob'), 'USER_ID_INVALID')
    await refused(call(alice, 'renew', 'nobody-has-this'), 'NAME_NOT_YOURS')
    assert.equal((await call(alice, 'transfer', 'alice', bob.user)).user, bob.user)
    await refused(call(alice, 'release', 'alice'), 'NAME_NOT_YOURS')
    assert.equal((await call(bob, 'register', 'alice')).user, bob.user)
    assert.equal((await call(bob, 'release', 'alice')).state, 'free')
    assert.equal((await call(alice, 'register', 'alice')).user, alice.user)
  })

  it('takes no name that is none, and reserves some for its owner', async () => {
    const none = ['', 'a', 'Alice', 'a--b', '-a', 'a-', 'a.b', 'a/b', '%61b', '\u0430lice', 'x'.repeat(33), 'a\u0000b']
    for (const name of none) await refused(call(alice, 'register', name), 'NAME_INVALID')
    await refused(call(alice, 'register', 'x'.repeat(10_000)), 'NAME_INVALID')
    for (const name of ['admin', 'www', 'hub']) await refused(call(alice, 'register', name), 'NAME_RESERVED')
    assert.equal((await lookup('admin')).state, 'reserved')
    assert.equal((await call(host.identity, 'register', 'admin')).state, 'held')
  })

  it('lets one user register so many a day, and so many at all', async () => {
    let made = 0
    const register = (): Promise<Listed> => call(alice, 'register', `name-${made++}`)
    for (let i = 0; i < 5; i++) await register()
    await refused(register(), 'NAME_LIMIT')
    await call(bob, 'register', 'bob')
    while ((await namesOf(alice)).length < 20) {
      time += DAY
      for (let i = 0; i < 5; i++) await register()
    }
    time += DAY
    await refused(register(), 'NAME_LIMIT')
    // giving it away makes no room, giving it up does
    await call(alice, 'transfer', 'name-0', bob.user)
    await refused(register(), 'NAME_LIMIT')
    assert.equal((await namesOf(bob)).length, 2)
    await call(alice, 'release', 'name-1')
    await register()
    for (let i = 0; i < 18; i++) await call(alice, 'renew', 'name-2')
    await refused(call(alice, 'renew', 'name-2'), 'NAME_LIMIT')
  })

  const namesOf = async (who: Identity): Promise<Listed[]> =>
    (await host.query(book, 'namesOf', [who.user])) as unknown as Listed[]

  it('lists the names in their order, page by page, and shows them', async () => {
    for (const name of ['carol', 'alice', 'bob']) await call(alice, 'register', name)
    const all = (await host.query(book, 'names')) as unknown as Listed[]
    assert.deepEqual(
      all.map(({ username }) => username),
      ['alice', 'bob', 'carol'],
    )
    const rest = (await host.query(book, 'names', ['alice'])) as unknown as Listed[]
    assert.deepEqual(
      rest.map(({ username }) => username),
      ['bob', 'carol'],
    )
    assert.match((await host.query(book, 'render', ['/'])) as string, /3 names\.[\s\S]*\*\*alice\*\*/)
  })

  it('changes nothing when it refuses', async () => {
    await call(alice, 'register', 'alice')
    const head = async () => (await host.history.head(book))!.seq
    const before = await head()
    await refused(call(bob, 'register', 'alice'), 'NAME_TAKEN')
    assert.equal(await head(), before)
  })
})
