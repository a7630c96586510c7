import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as dagCbor from '@ipld/dag-cbor'
import { MAIL_LIMITS } from '../../daemon/calls/chat/chat-constants.ts'
import { encodeMail } from '../../daemon/calls/chat/mail.ts'
import { type Mailbox, openMailbox } from '../../daemon/calls/chat/mailbox.ts'
import { openDatabase } from '../../daemon/store/database.ts'
import type { Database, LocalDatabase } from '../../daemon/store/database-types.ts'
import { tempFolder } from '../support/temp.ts'
import { kept, newMail, ownMail } from './mails.ts'

describe('the mailbox', () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>
  let database: LocalDatabase
  let mailbox: Mailbox
  let logged: string[]
  const open = (over: Pick<Database, 'meta' | 'commit'> = database): Promise<Mailbox> =>
    openMailbox(over, {
      log: (line) => logged.push(line),
      limits: { ...MAIL_LIMITS, peer: { messages: 3, bytes: 9_999 } },
    })
  const states = (box: Mailbox): string[][] => box.all().map(({ id, state }) => [id, state])

  beforeEach(async () => {
    logged = []
    folder = await tempFolder()
    database = await openDatabase(join(folder.path, 'store'))
    mailbox = await open()
  })
  afterEach(async () => {
    await database.close()
    await folder.remove()
  })

  it('keeps messages and their states over a restart, in the order in which it learned of them', async () => {
    await mailbox.add(newMail('z', { time: '2038-01-01T00:00:00.000Z' }))
    await mailbox.add(ownMail('a', 'alice'))
    await mailbox.add(ownMail('b', 'bob'))
    await mailbox.setState(['a'], 'refused', 'INBOX_FULL')
    const again = await open()
    assert.deepEqual(again.all(), mailbox.all())
    assert.deepEqual(states(again), [
      ['z', 'received'],
      ['a', 'refused'],
      ['b', 'queued'],
    ])
    assert.equal(again.get('a')?.code, 'INBOX_FULL')
    assert.deepEqual(
      again.queued().map(({ id }) => id),
      ['b'],
    )
    assert.deepEqual(again.queued('alice'), [])
    await again.add(newMail('last'))
    assert.equal((await open()).all().at(-1)?.id, 'last')
    assert.deepEqual(logged, [])
  })

  it('keeps a message once, however often it comes', async () => {
    assert.deepEqual(await Promise.all([mailbox.add(newMail('a')), mailbox.add(newMail('a'))]), [true, false])
    await mailbox.setState(['a'], 'read')
    assert.equal(await mailbox.add(newMail('a')), false)
    assert.deepEqual(states(mailbox), [['a', 'read']])
  })

  it('makes room on the disk too, in one step', async () => {
    const from = (peer: string) => ({ from: `key of ${peer}`, peer })
    for (const id of ['1', '2', '3']) await mailbox.add(newMail(id, from('P')))
    await assert.rejects(mailbox.add(newMail('4', from('P'))), { code: 'INBOX_FULL' })
    await mailbox.setState(['1'], 'read')
    const limits = { ...MAIL_LIMITS, strangers: { messages: 3, bytes: 9_999 } }
    const small = await openMailbox(database, { log: () => {}, limits })
    await small.add(newMail('4', from('P')))
    for (const box of [small, await open()])
      assert.deepEqual(states(box).flat(), ['2', 'received', '3', 'received', '4', 'received'])
  })

  it('says that too much waits for delivery in a code of its own', async () => {
    const limits = { ...MAIL_LIMITS, queued: { messages: 1, bytes: 9_999 } }
    const small = await openMailbox(database, { log: () => {}, limits })
    await small.add(ownMail('1', 'bob'))
    await assert.rejects(small.add(ownMail('2', 'bob')), { code: 'OUTBOX_FULL' })
  })

  it('has nothing that is not on disk, and takes a second copy for new if the first was not saved', async () => {
    let fail = false
    const disk = Promise.withResolvers<void>()
    const faulty = {
      meta: database.meta,
      commit: async (writes: Parameters<Database['commit']>[0]) => {
        await disk.promise
        if (fail) throw new Error('no space')
        await database.commit(writes)
      },
    }
    const box = await open(faulty)
    const first = box.add(newMail('a'))
    const second = box.add(newMail('a'))
    assert.deepEqual(box.all(), [], 'nothing is written yet')
    disk.resolve()
    assert.deepEqual(await Promise.all([first, second]), [true, false])
    fail = true
    const failing = Promise.allSettled([box.add(newMail('b')), box.setState(['a'], 'read'), box.add(newMail('b'))])
    assert.deepEqual(
      (await failing).map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    )
    assert.deepEqual(states(box), [['a', 'received']])
    fail = false
    assert.equal(await box.add(newMail('b')), true, 'it is taken when it comes again')
    await box.setState(['a', 'gone'], 'read')
    assert.deepEqual(states(await open()), states(box))
  })

  it('leaves out what it cannot read, and says so', async () => {
    await mailbox.add(newMail('good'))
    const whole = encodeMail(kept(newMail('whole')))
    const bad: [string, Uint8Array][] = [
      ['garbage', new Uint8Array([0xff, 0, 1])],
      ['empty', new Uint8Array()],
      ['word', dagCbor.encode('hello')],
      ['null', dagCbor.encode(null)],
      ['cut', whole.subarray(0, -3)],
      ['another', whole],
      ...['id', 'text', 'state', 'bytes', 'seq', 'size', 'time', 'peer'].map((field): [string, Uint8Array] => [
        field,
        dagCbor.encode({ ...kept(newMail(field)), [field]: ['odd'] }),
      ]),
    ]
    for (const [id, value] of bad) await database.meta.put(`chat/${id}`, value)
    const again = await open()
    assert.deepEqual(states(again), [['good', 'received']])
    assert.equal(logged.length, 1)
    assert.match(logged[0]!, new RegExp(`^${bad.length} `))
    assert.equal(await again.add(newMail('text')), true, 'its place is free')
  })
})
