/** The numbers of chat: what is kept for others, for how long, and how often it is tried. */
/** So much of the mailbox: messages, and bytes, each message counted with MAIL_OVERHEAD_BYTES. */
export interface MailShare {
  messages: number
  bytes: number
}

/** Who may fill how much of the mailbox (mail-room.ts). */
export interface MailLimits {
  /** receivers whom the user wrote to last; each has a room of its own, all of them 32 MiB, which a daemon holds in memory */
  contacts: number
  /** unread messages of one contact: a holiday's worth */
  contact: MailShare
  /** unread messages of one key that the user has never written to, and of all such keys that one peer delivers */
  sender: MailShare
  peer: MailShare
  /** messages of all strangers, read and unread */
  strangers: MailShare
  /** messages that wait for their delivery */
  queued: MailShare
  /** all messages of this user: those that wait, the last to each contact, and a history as long as fits */
  outgoing: MailShare
}

export const MAIL_LIMITS: MailLimits = {
  contacts: 128,
  contact: { messages: 200, bytes: 256 * 1024 },
  sender: { messages: 20, bytes: 64 * 1024 },
  peer: { messages: 40, bytes: 128 * 1024 },
  strangers: { messages: 1_000, bytes: 4 * 1024 * 1024 },
  queued: { messages: 1_000, bytes: 8 * 1024 * 1024 },
  outgoing: { messages: 5_000, bytes: 16 * 1024 * 1024 },
}
/** What a message takes besides its text: IDs, times, keys, and the objects that hold them. */
export const MAIL_OVERHEAD_BYTES: number = 512

/** Messages in one answer unless the caller says otherwise, and the bytes of their JSON: a sixteenth of what a client reads. */
export const INBOX_PAGE: number = 100
export const MAX_INBOX_PAGE_BYTES: number = 4 * 1024 * 1024

/** How long one node of a receiver may take to acknowledge one message, and how long one turn of a receiver lasts, in milliseconds. */
export const CHAT_DELIVERY_TIMEOUT_MS: number = 10_000
export const CHAT_TURN_MS: number = 30_000
/** Receivers that are tried at one time: those that let us wait must not hold up the others. */
export const CHAT_RECEIVERS_AT_ONCE: number = 4
/** How often is looked for receivers that are due; the wait of one that is away begins with it and doubles, in milliseconds. */
export const CHAT_RETRY_MS: number = 30_000
export const MAX_CHAT_RETRY_MS: number = 15 * 60_000
/** A receiver who has not been there for a month is given up, in milliseconds. */
export const CHAT_LIFETIME_MS: number = 30 * 24 * 3_600_000
