import assert from 'node:assert/strict'
import { join } from 'node:path'
import { MAX_INBOX_PER_SENDER } from '../../daemon/calls/constants.ts'
import { type Mail, type Mailbox, openMailbox } from '../../daemon/calls/mailbox.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { LocalDatabase } from '../../daemon/store/types.ts'
import { tempFolder } from '../support/temp.ts'

const mail = (id: string, change: Partial<Mail> = {}): Mail => ({
  id,
  from: 'alice',
  to: 'bob',
  room: null,
  time: '2026-01-01T00:00:00.000Z',
  text: id,
  state: 'received',
  bytes: new Uint8Array([1]),
  name: '~alice',
  ...change,
})

describe('the mailbox', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let database: LocalDatabase
  let mailbox: Mailbox
  beforeEach(async () => {
    folder = await tempFolder()
    database = await openDatabase(join(folder.path, 'store'))
    mailbox = await openMailbox(database.meta)
  })
  afterEach(async () => {
    await database.close()
    await folder.remove()
  })

  it('keeps messages and their states over a restart, in order of time', async () => {
    await mailbox.add(mail('late', { time: '2026-01-02T00:00:00.000Z', state: 'queued' }))
    await mailbox.add(mail('early'))
    await mailbox.setState('late', 'delivered')
    const again = await openMailbox(database.meta)
    assert.deepEqual(
      (await again.all()).map(({ id, state }) => [id, state]),
      [
        ['early', 'received'],
        ['late', 'delivered'],
      ],
    )
    assert.deepEqual(await again.queued(), [])
  })

  it('keeps a message once, however often it comes', async () => {
    assert.equal(await mailbox.add(mail('a')), true)
    await mailbox.setState('a', 'read')
    assert.equal(await mailbox.add(mail('a')), false)
    assert.deepEqual(
      (await mailbox.all()).map(({ state }) => state),
      ['read'],
    )
  })

  it('does not let one sender fill it', async function () {
    this.timeout(60_000)
    await Promise.all(Array.from({ length: MAX_INBOX_PER_SENDER }, (_, i) => mailbox.add(mail(`${i}`))))
    await assert.rejects(mailbox.add(mail('one more')), { code: 'INBOX_FULL' })
    assert.equal(await mailbox.add(mail('somebody else', { from: 'carol' })), true)
    assert.equal(await mailbox.add(mail('mine', { state: 'queued' })), true)
  })
})
