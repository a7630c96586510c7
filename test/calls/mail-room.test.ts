import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  MAIL_LIMITS,
  MAIL_OVERHEAD_BYTES,
  type MailLimits,
  type MailShare,
} from '../../daemon/calls/chat/chat-constants.ts'
import { isIncoming, type Mail, type NewMail } from '../../daemon/calls/chat/mail.ts'
import { roomFor } from '../../daemon/calls/chat/mail-room.ts'
import { MAX_CHAT_BYTES, MAX_TEXT_LENGTH } from '../../protocol/constants.ts'
import { kept, newMail, ownMail } from './mails.ts'

const messages = (count: number): MailShare => ({ messages: count, bytes: count * 2 * MAIL_OVERHEAD_BYTES })
const LIMITS: MailLimits = {
  contacts: 2,
  contact: messages(4),
  sender: messages(2),
  peer: messages(3),
  strangers: messages(8),
  queued: messages(3),
  outgoing: messages(6),
}

/** A mailbox in memory that does what the policy says. */
function createBox() {
  let mails: Mail[] = []
  let seq = 0
  return {
    all: (): Mail[] => mails,
    /** @returns the IDs that were dropped; undefined if it was not taken */
    take(mail: NewMail): string[] | undefined {
      const one = kept(mail, ++seq)
      const dropped = roomFor(one, mails, LIMITS)
      if (dropped !== undefined) mails = [...mails.filter((other) => !dropped.includes(other)), one]
      return dropped?.map(({ id }) => id)
    },
    setState(state: Mail['state'], which: (mail: Mail) => boolean = () => true): void {
      mails = mails.map((mail) => (which(mail) ? { ...mail, state } : mail))
    },
  }
}

/** Whom the user wrote to last. */
function latest(mails: readonly Mail[]): string[] {
  const receivers = mails.filter((mail) => !isIncoming(mail)).map(({ to }) => to)
  return [...new Set(receivers.reverse())].slice(0, LIMITS.contacts)
}

const stranger = (id: string, from: string, peer: string, text = ''): NewMail => newMail(id, { from, peer, text })

describe('the room for messages', () => {
  it('gives a stranger little, and all strangers of one connection not much more', () => {
    const box = createBox()
    assert.deepEqual(box.take(stranger('1', 'a', 'P')), [])
    assert.deepEqual(box.take(stranger('2', 'a', 'P')), [])
    assert.equal(box.take(stranger('3', 'a', 'P')), undefined, 'the share of the sender')
    assert.equal(box.take(stranger('3', 'a', 'Q')), undefined, 'over whichever connection')
    assert.deepEqual(box.take(stranger('4', 'b', 'P')), [])
    assert.equal(box.take(stranger('5', 'c', 'P')), undefined, 'the share of the connection')
    assert.deepEqual(box.take(stranger('6', 'c', 'Q')), [])
    box.setState('read')
    assert.deepEqual(box.take(stranger('7', 'a', 'P')), [], 'what was read is forgiven')
  })

  it('lets those who send most make room first, so that no flood pushes out other strangers', () => {
    const box = createBox()
    for (const [index, peer] of ['P', 'Q', 'R'].entries()) box.take(stranger(`quiet${index}`, peer, peer))
    for (let index = 0; index < 30; index++) box.take(stranger(`flood${index}`, `k${index}`, `F${index % 4}`))
    box.take(stranger('late', 'late', 'S'))
    const ids = box.all().map(({ id }) => id)
    for (const id of ['quiet0', 'quiet1', 'quiet2', 'late']) assert.ok(ids.includes(id), id)
  })

  it('forgets the oldest read messages first, then the oldest unread of strangers', () => {
    const box = createBox()
    for (let index = 0; index < 8; index++) box.take(stranger(`${index}`, `k${index}`, `P${index}`))
    box.setState('read', ({ id }) => id === '3' || id === '5')
    assert.deepEqual(box.take(stranger('8', 'k8', 'P8')), ['3'])
    assert.deepEqual(box.take(stranger('9', 'k9', 'P9')), ['5'])
    assert.deepEqual(box.take(stranger('10', 'k10', 'P10')), ['0'])
  })

  it('counts bytes as well as messages', () => {
    const box = createBox()
    for (let index = 0; index < 8; index++) box.take(stranger(`${index}`, `k${index}`, `P${index}`, 'x'.repeat(512)))
    assert.deepEqual(box.take(stranger('long', 'k', 'P', 'x'.repeat(1_400))), ['0', '1'])
    assert.equal(box.take(stranger('too long', 'k', 'Q', 'x'.repeat(1_400))), undefined)
  })

  it('keeps a room for whom this user has written to, whatever strangers do', () => {
    const box = createBox()
    box.take(ownMail('hello', 'friend'))
    box.take(ownMail('hi', 'node of a friend'))
    for (let index = 0; index < 100; index++) box.take(stranger(`s${index}`, `k${index}`, `P${index}`))
    for (let index = 0; index < 4; index++) {
      assert.deepEqual(box.take(newMail(`f${index}`, { from: 'friend' })), [])
      // whoever is written to by the ID of a node answers from there, under a key of their own
      assert.deepEqual(box.take(newMail(`n${index}`, { from: `key${index}`, peer: 'node of a friend' })), [])
    }
    assert.equal(box.take(newMail('f4', { from: 'friend' })), undefined, 'now the share is full')
    assert.equal(box.take(newMail('n4', { from: 'key4', peer: 'node of a friend' })), undefined)
    assert.equal(box.all().filter(isIncoming).length, 8 + 8)
    box.setState('read', isIncoming)
    for (let index = 0; index < 100; index++) {
      assert.notEqual(box.take(newMail(`life${index}`, { from: 'friend' })), undefined, 'a life long')
      box.setState('read', isIncoming)
    }
    assert.ok(box.all().filter(({ from }) => from === 'friend').length > 4, 'what was read stays while there is room')
  })

  it('makes a stranger again of a contact long unheard of', () => {
    const box = createBox()
    box.take(ownMail('1', 'first'))
    box.setState('delivered')
    box.take(ownMail('2', 'second'))
    box.take(ownMail('3', 'third'))
    for (const id of ['a', 'b']) assert.deepEqual(box.take(newMail(id, { from: 'first' })), [])
    assert.equal(box.take(newMail('c', { from: 'first' })), undefined)
    box.take(ownMail('4', 'first'))
    assert.deepEqual(box.take(newMail('c', { from: 'first' })), [])
  })

  it('drops nothing that waits for delivery, nor what makes somebody a contact', () => {
    const box = createBox()
    box.take(ownMail('friend', 'friend'))
    box.setState('delivered')
    for (let index = 0; index < 20; index++) {
      assert.notEqual(box.take(ownMail(`${index}`, 'other')), undefined)
      box.setState(index % 2 === 0 ? 'delivered' : 'refused', ({ state }) => state === 'queued')
    }
    assert.deepEqual(
      box.all().map(({ id }) => id),
      ['friend', '15', '16', '17', '18', '19'],
    )
    for (const id of ['a', 'b', 'c']) assert.notEqual(box.take(ownMail(id, 'other')), undefined)
    assert.equal(box.take(ownMail('d', 'other')), undefined, 'too many are waiting')
    assert.equal(box.all().filter(({ state }) => state === 'queued').length, 3)
  })

  it('holds its bounds and its promises, whoever sends what in which order', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
    const peer = fc.constantFrom('P', 'Q', 'R', 'S')
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ from: id, peer, length: fc.nat(500) }) },
      { weight: 2, arbitrary: fc.record({ to: fc.oneof(id, peer) }) },
      { weight: 1, arbitrary: fc.record({ reads: id }) },
    )
    const within = (mails: Mail[], share: MailShare): boolean =>
      mails.length <= share.messages && mails.reduce((sum, { size }) => sum + size, 0) <= share.bytes
    const most = {
      messages: LIMITS.contacts * LIMITS.contact.messages + LIMITS.strangers.messages,
      bytes: LIMITS.contacts * LIMITS.contact.bytes + LIMITS.strangers.bytes,
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const box = createBox()
        for (const [index, one] of steps.entries()) {
          const before = box.all()
          const unreadOf = (who: string): Mail[] =>
            before.filter(({ from, state }) => from === who && state === 'received')
          if ('reads' in one) box.setState('read', ({ from, state }) => from === one.reads && state === 'received')
          else if ('to' in one) {
            assert.ok(box.take(ownMail(`${index}`, one.to)))
            box.setState('delivered', ({ state }) => state === 'queued')
          } else {
            const mail = newMail(`${index}`, { from: one.from, peer: one.peer, text: 'x'.repeat(one.length) })
            const isShareFree = within([...unreadOf(one.from), kept(mail)], LIMITS.contact)
            const dropped = box.take(mail)
            if (latest(before).includes(one.from) && isShareFree) assert.ok(dropped, 'a contact was refused')
          }
          const after = box.all()
          for (const who of latest(after)) {
            if (!within(unreadOf(who), LIMITS.contact)) continue
            for (const mail of unreadOf(who))
              assert.ok(
                after.some((other) => other.id === mail.id),
                'it was not read',
              )
          }
          assert.ok(within(after.filter(isIncoming), most))
          const outgoing = after.filter((mail) => !isIncoming(mail))
          assert.ok(within(outgoing, LIMITS.outgoing))
        }
      }),
    )
  })

  it('has numbers that keep its promises', () => {
    const largest = { messages: 1, bytes: MAIL_OVERHEAD_BYTES + MAX_TEXT_LENGTH * 4 + MAX_CHAT_BYTES }
    const { contacts, contact, sender, peer, strangers, queued, outgoing } = MAIL_LIMITS
    const orders: [MailShare, MailShare][] = [
      [largest, sender],
      [sender, peer],
      [peer, strangers],
      [largest, contact],
    ]
    for (const [less, more] of orders) assert.ok(less.messages <= more.messages && less.bytes <= more.bytes)
    // however much waits, and however long the last messages to all contacts: something can always go
    assert.ok(queued.messages + contacts < outgoing.messages)
    assert.ok(queued.bytes + contacts * largest.bytes < outgoing.bytes)
  })
})
