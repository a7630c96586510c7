import type { Mail, NewMail } from '../../daemon/calls/chat/mail.ts'
import { sizeOf } from '../../daemon/calls/chat/mail.ts'

/** A message from alice over her node, unless told otherwise. */
export function newMail(id: string, change: Partial<NewMail> = {}): NewMail {
  return {
    id,
    from: 'alice',
    to: 'me',
    room: null,
    time: '2026-01-01T00:00:00.000Z',
    text: id,
    state: 'received',
    peer: 'peer of alice',
    bytes: new Uint8Array(),
    ...change,
  }
}

/** One of the user's own. */
export function ownMail(id: string, to: string, change: Partial<NewMail> = {}): NewMail {
  return newMail(id, { from: 'me', to, state: 'queued', peer: '', bytes: new Uint8Array([1]), ...change })
}

/** As the mailbox keeps it. */
export function kept(mail: NewMail, seq = 1): Mail {
  return { ...mail, seq, size: sizeOf(mail) }
}
