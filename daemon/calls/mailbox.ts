/** Chat messages on disk: what came in, what goes out, and how far each has got. Bounded. */
import * as dagCbor from '@ipld/dag-cbor'
import type { ChatMessage } from '../api/vocabulary.ts'
import type { Meta } from '../store/types.ts'
import { MAX_INBOX, MAX_INBOX_PER_SENDER, MAX_OUTBOX } from './constants.ts'
import { CallsError } from './errors.ts'

export interface Mail extends ChatMessage {
  /** the signed message as it travels */
  bytes: Uint8Array
  /** where to deliver it: a name as the user wrote it */
  name: string
}

export interface Mailbox {
  /** False if it is here already. @throws CallsError INBOX_FULL */
  add(mail: Mail): Promise<boolean>
  setState(id: string, state: Mail['state']): Promise<void>
  /** oldest first */
  all(): Promise<Mail[]>
  queued(): Promise<Mail[]>
}

const PREFIX = 'chat/'

export async function openMailbox(meta: Meta): Promise<Mailbox> {
  const mails = new Map<string, Mail>()
  for await (const { value } of meta.list(PREFIX)) {
    const mail = dagCbor.decode<Mail>(value)
    mails.set(mail.id, mail)
  }
  const save = (mail: Mail): Promise<void> => meta.put(PREFIX + mail.id, dagCbor.encode(mail))
  const isIncoming = ({ state }: Mail): boolean => state === 'received' || state === 'read'

  const checkRoom = (mail: Mail): void => {
    const all = [...mails.values()]
    const incoming = isIncoming(mail)
    const same = all.filter((other) => isIncoming(other) === incoming)
    const full = incoming
      ? same.length >= MAX_INBOX || same.filter(({ from }) => from === mail.from).length >= MAX_INBOX_PER_SENDER
      : same.filter(({ state }) => state === 'queued').length >= MAX_OUTBOX
    if (full) {
      throw new CallsError(
        'INBOX_FULL',
        'There is no room for more messages.',
        'wait until those before it are delivered and read',
      )
    }
  }

  return {
    async add(mail) {
      if (mails.has(mail.id)) return false
      checkRoom(mail)
      mails.set(mail.id, mail)
      await save(mail)
      return true
    },
    async setState(id, state) {
      const mail = mails.get(id)
      if (mail === undefined || mail.state === state) return
      mail.state = state
      await save(mail)
    },
    all: async () => [...mails.values()].sort((a, b) => (a.time < b.time ? -1 : 1)),
    queued: async () => [...mails.values()].filter(({ state }) => state === 'queued'),
  }
}
