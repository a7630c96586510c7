/**
 * Who may fill how much of the mailbox. A pure decision over what is kept, without I/O and clock.
 *
 * Incoming messages lie in two rooms that never take from each other: one for contacts, the people and nodes this user wrote to
 * last, and one for strangers. In both, an account may have so much unread, and only its own excess is refused. A room that is full
 * gives up its oldest read messages, then the oldest unread one of the account that has the most: so whoever sends much loses
 * their own messages first. Outgoing messages have a room of their own, where nothing is dropped that is still to be delivered.
 */
import type { MailLimits, MailShare } from './chat-constants.ts'
import { isIncoming, type Mail } from './mail.ts'

/**
 * @param kept in the order of their arrival
 * @returns what has to go for the message to come in; undefined if its sender has used up their share
 */
export function roomFor(mail: Mail, kept: readonly Mail[], limits: MailLimits): Mail[] | undefined {
  const all = [...kept, mail]
  const contacts = lastTo(all, limits.contacts)
  // keys cost nothing: those that no contact holds are counted together by the peer that delivers them
  const accountOf = ({ from, peer }: Mail): string => (contacts.has(from) ? from : peer)
  const isKnown = (one: Mail): boolean => contacts.has(accountOf(one))

  const sameAccount = (one: Mail): boolean => isUnread(one) && accountOf(one) === accountOf(mail)
  const sameKey = (one: Mail): boolean => isUnread(one) && one.from === mail.from
  const shares: Record<'own' | 'contact' | 'stranger', [(one: Mail) => boolean, MailShare][]> = {
    own: [[isQueued, limits.queued]],
    contact: [[sameAccount, limits.contact]],
    stranger: [
      [sameAccount, limits.peer],
      [sameKey, limits.sender],
    ],
  }
  const kind = !isIncoming(mail) ? 'own' : isKnown(mail) ? 'contact' : 'stranger'
  if (shares[kind].some(([counts, share]) => exceeds(all.filter(counts), share))) return undefined

  const incoming = all.filter(isIncoming)
  const ofContacts = incoming.filter(isKnown)
  const ofStrangers = incoming.filter((one) => !isKnown(one))
  // the last message to somebody is what makes them a contact
  const last = new Set(contacts.values())
  const outgoing = all.filter((one) => !isIncoming(one))
  const done = outgoing.filter((one) => !isQueued(one) && !last.has(one.id))
  // a message that goes out may turn a stranger into a contact, and the oldest contact into a stranger: all rooms are looked at
  return [
    ...overflow(ofContacts, mail, accountOf, contactsRoom(limits), limits.contact),
    ...overflow(ofStrangers, mail, accountOf, limits.strangers, limits.peer),
    ...dropOldest(done, outgoing, limits.outgoing),
  ]
}

/** What all contacts together may keep: the share of each, so that nobody's depends on the others. */
function contactsRoom({ contacts, contact }: MailLimits): MailShare {
  return { messages: contacts * contact.messages, bytes: contacts * contact.bytes }
}

/** What a room for incoming messages has to give up to hold no more than `most`. Never the newcomer. */
function overflow(
  room: readonly Mail[],
  newcomer: Mail,
  accountOf: (mail: Mail) => string,
  most: MailShare,
  share: MailShare,
): Mail[] {
  const read = room.filter(({ state }) => state === 'read')
  const dropped = dropOldest(read, room, most)
  const staying = new Set(room)
  for (const one of dropped) staying.delete(one)
  while (exceeds(staying, most)) {
    const unread = [...staying].filter((one) => isUnread(one) && one !== newcomer)
    const victim = oldestOfFullest(unread, accountOf, share)
    if (victim === undefined) break
    staying.delete(victim)
    dropped.push(victim)
  }
  return dropped
}

/** Receivers whom this user wrote to last, `most` of them, with the ID of the last message to each. */
function lastTo(kept: readonly Mail[], most: number): Map<string, string> {
  const last = new Map<string, string>()
  for (const mail of kept) {
    if (isIncoming(mail)) continue
    last.delete(mail.to)
    last.set(mail.to, mail.id)
  }
  return new Map([...last].slice(-most))
}

/** As many of `from`, which is in order, as have to go until `all` fit; all of it if that is not enough. */
function dropOldest(from: readonly Mail[], all: readonly Mail[], most: MailShare): Mail[] {
  const left = use(all)
  const dropped: Mail[] = []
  for (const mail of from) {
    if (fillOf(left, most) <= 1) break
    left.messages -= 1
    left.bytes -= mail.size
    dropped.push(mail)
  }
  return dropped
}

function oldestOfFullest(
  mails: readonly Mail[],
  accountOf: (mail: Mail) => string,
  share: MailShare,
): Mail | undefined {
  let fullest: { fill: number; mail: Mail } | undefined
  for (const [, own] of Map.groupBy(mails, accountOf)) {
    const fill = fillOf(use(own), share)
    if (fullest === undefined || fill > fullest.fill) fullest = { fill, mail: own[0]! }
  }
  return fullest?.mail
}

function use(mails: Iterable<Mail>): MailShare {
  const sum = { messages: 0, bytes: 0 }
  for (const { size } of mails) {
    sum.messages += 1
    sum.bytes += size
  }
  return sum
}

const isUnread = ({ state }: Mail): boolean => state === 'received'
const isQueued = ({ state }: Mail): boolean => state === 'queued'

/** 1 is full. */
function fillOf(used: MailShare, share: MailShare): number {
  return Math.max(used.messages / share.messages, used.bytes / share.bytes)
}

function exceeds(mails: Iterable<Mail>, share: MailShare): boolean {
  return fillOf(use(mails), share) > 1
}
