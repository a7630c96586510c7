/** Chat messages on disk: what came in, what goes out, and how far each has got. Bounded, see mail-room.ts. */
import { createSerial } from '../../../registry/serial.ts'
import type { Database, Write } from '../../store/database-types.ts'
import { CallsError } from '../errors.ts'
import { MAIL_LIMITS, type MailLimits } from './chat-constants.ts'
import { decodeMail, encodeMail, isIncoming, type Mail, type NewMail, sizeOf } from './mail.ts'
import { roomFor } from './mail-room.ts'

/** All that it answers is on disk; what is being written is not there yet. One write at a time. */
export interface Mailbox {
  /**
   * Keeps a message, and drops others where that takes room. On disk when it resolves.
   *
   * @returns false if it is here already
   * @throws CallsError INBOX_FULL, OUTBOX_FULL
   */
  add(mail: NewMail): Promise<boolean>
  /** Those that are gone by now are passed over. On disk, all of them or none, when it resolves. */
  setState(ids: readonly string[], state: Mail['state'], code?: string): Promise<void>
  get(id: string): Mail | undefined
  /** in the order of their arrival */
  all(): Mail[]
  /** the same, of those that are still to be delivered, to one receiver or to any */
  queued(to?: string): Mail[]
}

export interface MailboxInit {
  /** told of what on the disk cannot be read */
  log: (line: string) => void
  /** @default MAIL_LIMITS */
  limits?: MailLimits
}

const PREFIX = 'chat/'

export async function openMailbox(
  database: Pick<Database, 'meta' | 'commit'>,
  { log, limits = MAIL_LIMITS }: MailboxInit,
): Promise<Mailbox> {
  const mails = await load(database, log)
  const writes = createSerial()
  let last = [...mails.values()].at(-1)?.seq ?? 0

  const all = (): Mail[] => [...mails.values()]

  return {
    add: (mail) =>
      // a second copy waits here until it is known whether the first is on disk
      writes(PREFIX, async () => {
        if (mails.has(mail.id)) return false
        const added: Mail = { ...mail, seq: last + 1, size: sizeOf(mail) }
        const dropped = roomFor(added, all(), limits)
        if (dropped === undefined) throw full(added)
        await database.commit([put(added), ...dropped.map(remove)])
        last = added.seq
        mails.set(added.id, added)
        for (const { id } of dropped) mails.delete(id)
        return true
      }),

    setState: (ids, state, code) =>
      writes(PREFIX, async () => {
        const old = ids.map((id) => mails.get(id)).filter((mail) => mail !== undefined && mail.state !== state)
        const changed = old.map((mail) => inState(mail!, state, code))
        if (changed.length === 0) return
        await database.commit(changed.map(put))
        for (const mail of changed) mails.set(mail.id, mail)
      }),

    get: (id) => mails.get(id),
    all,
    queued: (to) => all().filter((mail) => mail.state === 'queued' && (to === undefined || mail.to === to)),
  }
}

/** What is kept, in the order of its arrival. What cannot be read is left where it is. */
async function load({ meta }: Pick<Database, 'meta'>, log: MailboxInit['log']): Promise<Map<string, Mail>> {
  const found: Mail[] = []
  let unreadable = 0
  for await (const { key, value } of meta.list(PREFIX)) {
    const mail = decodeMail(value)
    if (mail !== undefined && key === PREFIX + mail.id) found.push(mail)
    else unreadable += 1
  }
  if (unreadable > 0) log(`${unreadable} chat messages on the disk cannot be read: they are left out`)
  found.sort((a, b) => a.seq - b.seq)
  return new Map(found.map((mail) => [mail.id, mail]))
}

function inState(mail: Mail, state: Mail['state'], code: string | undefined): Mail {
  const changed: Mail = { ...mail, state, ...(code === undefined ? {} : { code }) }
  if (state !== 'queued') changed.bytes = new Uint8Array()
  return { ...changed, size: sizeOf(changed) }
}

const put = (mail: Mail): Write => ({ put: 'meta', key: PREFIX + mail.id, value: encodeMail(mail) })
const remove = ({ id }: Mail): Write => ({ delete: 'meta', key: PREFIX + id })

function full(mail: Mail): CallsError {
  if (isIncoming(mail)) {
    const message = 'The receiver has no room for more messages of this sender.'
    return new CallsError('INBOX_FULL', message, 'write again when those before it have been read')
  }
  const message = 'Too many messages of this node wait for their delivery.'
  return new CallsError('OUTBOX_FULL', message, 'wait until some have arrived: amigo inbox shows which')
}
