import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_INBOX_PAGE_BYTES } from '../../daemon/calls/chat/chat-constants.ts'
import { shown } from '../../daemon/calls/chat/mail.ts'
import { pageOf } from '../../daemon/calls/chat/mail-page.ts'
import { kept, newMail, ownMail } from './mails.ts'

describe('a page of messages', () => {
  const ids = (page: ReturnType<typeof pageOf>): string[] => page.mails.map(({ id }) => id)

  it('is the newest, oldest first, and the pages before it hold all the others once', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.integer({ min: 1, max: 12 }), (count, limit) => {
        const all = Array.from({ length: count }, (_, index) => kept(newMail(`${index}`)))
        const found: string[] = []
        for (let before: string | undefined, more = true; more; before = found[0]) {
          const page = pageOf(all, { limit, before })
          assert.ok(page.mails.length <= limit)
          assert.ok(page.mails.length > 0 || all.length === 0)
          found.unshift(...ids(page))
          more = page.more
        }
        assert.deepEqual(
          found,
          all.map(({ id }) => id),
        )
      }),
    )
  })

  it('fits an answer, even of the longest messages in the dearest characters', () => {
    const text = '"'.repeat(4_000)
    const all = Array.from({ length: 1_000 }, (_, index) => kept(newMail(`${index}`, { text })))
    const page = pageOf(all, { limit: 1_000 })
    const size = Buffer.byteLength(JSON.stringify(page.mails.map(shown)))
    assert.ok(size > MAX_INBOX_PAGE_BYTES * 0.9 && size < MAX_INBOX_PAGE_BYTES * 1.01)
    assert.ok(page.more)
    assert.equal(page.mails.at(-1)?.id, '999')
    const huge = kept(newMail('huge', { text: 'x'.repeat(MAX_INBOX_PAGE_BYTES) }))
    assert.deepEqual(ids(pageOf([huge, huge], { limit: 2 })), ['huge'], 'one at least')
  })

  it('may be of one conversation: with a user, or with a node whoever writes from there', () => {
    const all = [
      newMail('1', { from: 'alice', peer: 'P' }),
      ownMail('2', 'alice'),
      ownMail('3', 'P'),
      newMail('4', { from: 'bob', peer: 'Q' }),
      ownMail('5', 'bob'),
    ].map((mail) => kept(mail))
    assert.deepEqual(ids(pageOf(all, { limit: 9, with: 'alice' })), ['1', '2'])
    assert.deepEqual(ids(pageOf(all, { limit: 9, with: 'P' })), ['1', '3'])
    assert.deepEqual(pageOf(all, { limit: 1, with: 'bob' }), { mails: [all[4]], more: true })
    assert.deepEqual(ids(pageOf(all, { limit: 9, with: 'bob', before: '5' })), ['4'])
    assert.deepEqual(pageOf(all, { limit: 9, with: 'nobody' }), { mails: [], more: false })
  })

  it('does not begin anew where it cannot go on', () => {
    assert.throws(() => pageOf([], { limit: 1, before: 'gone' }), { code: 'MESSAGE_NOT_FOUND' })
  })
})
