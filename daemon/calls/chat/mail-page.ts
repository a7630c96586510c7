/** A part of the messages that fits one answer, whatever strangers have sent. Pure. */

import { CallsError } from '../errors.ts'
import { MAX_INBOX_PAGE_BYTES } from './chat-constants.ts'
import { type Mail, shown } from './mail.ts'

export interface MailQuery {
  /** the most of them */
  limit: number
  /** only what came before the message with this ID */
  before?: string | undefined
  /** only what was said with this user or node */
  with?: string | undefined
}

export interface MailPage {
  /** the newest that match, oldest first */
  mails: Mail[]
  /** there are older ones */
  more: boolean
}

/**
 * @param all in the order of their arrival
 * @throws CallsError MESSAGE_NOT_FOUND if `before` is not among them
 */
export function pageOf(all: readonly Mail[], query: MailQuery): MailPage {
  const end = query.before === undefined ? all.length : all.findIndex(({ id }) => id === query.before)
  if (end === -1) {
    const hint = 'it may have made room for others: begin again with the newest'
    throw new CallsError('MESSAGE_NOT_FOUND', 'The message to go on from is not kept any more.', hint)
  }
  const found = all.slice(0, end).filter((mail) => query.with === undefined || isWith(mail, query.with))
  const mails: Mail[] = []
  let bytes = 0
  for (const mail of found.reverse()) {
    bytes += Buffer.byteLength(JSON.stringify(shown(mail)))
    // one at least, or nobody could get past it
    if (mails.length >= query.limit || (mails.length > 0 && bytes > MAX_INBOX_PAGE_BYTES)) break
    mails.push(mail)
  }
  return { mails: mails.reverse(), more: mails.length < found.length }
}

/** Whoever is written to by a peer ID answers under the ID of its user, from that peer. */
function isWith({ from, to, peer }: Mail, who: string): boolean {
  return from === who || to === who || peer === who
}
