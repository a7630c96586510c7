/** A chat message as this node keeps it, and its form on disk. */
import * as dagCbor from '@ipld/dag-cbor'
import type { ChatMessage } from '../../api/vocabulary.ts'
import { MAIL_OVERHEAD_BYTES } from './chat-constants.ts'

export interface Mail extends ChatMessage {
  /** the peer that delivered it; the empty string for one of this user's own */
  peer: string
  /** the signed message as it travels; empty once it need not travel any more */
  bytes: Uint8Array
  /** its place in the order in which this node learned of messages: the only order that no sender can choose */
  seq: number
  /** what it takes of the room, in bytes */
  size: number
}

/** A message before the mailbox has given it its place. */
export type NewMail = Omit<Mail, 'seq' | 'size'>

const STATES: ReadonlySet<unknown> = new Set<Mail['state']>([
  'queued',
  'sent',
  'delivered',
  'read',
  'received',
  'refused',
])

/** Whether the message came from somebody else. */
export function isIncoming({ state }: Pick<Mail, 'state'>): boolean {
  return state === 'received' || state === 'read'
}

/** Bytes that a message takes on the disk, about: what the limits of the mailbox count. */
export function sizeOf({ text, bytes }: NewMail): number {
  return Buffer.byteLength(text) + bytes.byteLength + MAIL_OVERHEAD_BYTES
}

/** What the local API tells of it. */
export function shown({ id, from, to, room, time, text, state, code }: Mail): ChatMessage {
  return { id, from, to, room, time, text, state, ...(code === undefined ? {} : { code }) }
}

/** The form on disk, which `decodeMail` reads. */
export function encodeMail(mail: Mail): Uint8Array {
  return dagCbor.encode(mail)
}

/** Undefined for what is no message of this form. */
export function decodeMail(stored: Uint8Array): Mail | undefined {
  try {
    const value = dagCbor.decode<unknown>(stored)
    return isMail(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const FIELDS: { readonly [K in keyof Required<Mail>]: (value: unknown) => boolean } = {
  id: isText,
  from: isText,
  to: isText,
  room: (value) => value === null || isText(value),
  time: isText,
  text: isText,
  state: (value) => STATES.has(value),
  code: (value) => value === undefined || isText(value),
  peer: isText,
  bytes: (value) => value instanceof Uint8Array,
  seq: isCount,
  size: isCount,
}

function isMail(value: unknown): value is Mail {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(FIELDS).every(([name, is]) => is((value as Record<string, unknown>)[name]))
}
