/** Chat between users, over the internode stream of their nodes: signed, kept until delivered, never lost in silence. */
import { randomBytes } from 'node:crypto'
import { signMessage, verifyMessage } from '../../protocol/chat.ts'
import type { Handler, Internode } from '../../protocol/types.ts'
import { userIdOf } from '../../protocol/user-id.ts'
import type { ChatMessage } from '../api/vocabulary.ts'
import { CHAT_DELIVERY_TIMEOUT_MS, CHAT_RETRY_MS, NONCE_BYTES } from './constants.ts'
import { CallsError } from './errors.ts'
import type { Mail, Mailbox } from './mailbox.ts'
import type { Resolve } from './resolve.ts'
import type { Identity } from './types.ts'

export interface Chat {
  /** Delivered if the receiver can be reached now, else queued: it is tried again until it arrives. */
  send(
    to: string,
    text: string,
    options: { signal: AbortSignal },
  ): Promise<{ id: string; to: string; state: Mail['state'] }>
  inbox(options: { markRead: boolean }): Promise<ChatMessage[]>
  /** the internode handler of incoming messages */
  receive: Handler
  /** Tries what is queued, now: a peer has just connected. */
  flush(): Promise<void>
  start(): void
  stop(): void
}

export interface ChatParts {
  identity: Identity
  mailbox: Mailbox
  internode: Pick<Internode, 'request'>
  resolve: Resolve
  now: () => number
}

export function createChat({ identity, mailbox, internode, resolve, now }: ChatParts): Chat {
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined

  /** @returns the user or node it is for, and the nodes to try */
  const addressee = async (name: string, signal: AbortSignal): Promise<{ to: string; peers: string[] }> => {
    const target = await resolve(name, { signal })
    if (target.kind === 'node') return { to: target.user ?? target.peers[0]!, peers: target.peers }
    throw new CallsError(
      'NAME_NOT_SUPPORTED',
      `${name} is not a person or a node.`,
      'chat with ~k51... or with a peer ID',
    )
  }

  const deliver = async (mail: Mail, peers: readonly string[], signal: AbortSignal): Promise<boolean> => {
    for (const peer of peers) {
      try {
        await internode.request(peer, 'chat', { message: mail.bytes }, { signal })
        await mailbox.setState(mail.id, 'delivered')
        return true
      } catch {
        // the next node of the same user may be there; else it stays queued
      }
    }
    return false
  }

  const retry = async (): Promise<void> => {
    for (const mail of await mailbox.queued()) {
      const signal = AbortSignal.timeout(CHAT_DELIVERY_TIMEOUT_MS)
      const found = await addressee(mail.name, signal).catch(() => undefined)
      if (found !== undefined) await deliver(mail, found.peers, signal)
    }
  }

  const flush = (): Promise<void> => {
    flushing ??= retry().finally(() => {
      flushing = undefined
    })
    return flushing
  }

  return {
    async send(name, text, { signal }) {
      const { to, peers } = await addressee(name, signal)
      const nonce = randomBytes(NONCE_BYTES)
      const sent = now()
      const message = { network: identity.network.id, id: nonce, to, text, time: sent }
      const bytes = await signMessage(message, identity.owner)
      const id = idOf(nonce)
      const time = new Date(sent).toISOString()
      const mail: Mail = { id, from: identity.user, to, room: null, time, text, state: 'queued', bytes, name }
      await mailbox.add(mail)
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(CHAT_DELIVERY_TIMEOUT_MS)])
      const delivered = await deliver(mail, peers, deadline)
      return { id, to, state: delivered ? 'delivered' : 'queued' }
    },

    async inbox({ markRead }) {
      const all = await mailbox.all()
      const shown = all.map(({ bytes: _bytes, name: _name, ...message }) => message)
      if (markRead) {
        for (const { id, state } of all) if (state === 'received') await mailbox.setState(id, 'read')
      }
      return shown
    },

    async receive(body) {
      const bytes = (body as { message?: unknown } | null)?.message
      if (!(bytes instanceof Uint8Array))
        throw new CallsError('MESSAGE_INVALID', 'The message is missing.', 'see specs/internode.md')
      const { id, from, to, text, time, network } = await verifyMessage(bytes)
      const forMe = to === identity.user || to === identity.peerId
      if (network !== identity.network.id || !forMe) {
        throw new CallsError('MESSAGE_INVALID', 'The message is not for this node.', 'resolve the name again')
      }
      const sender = userIdOf(from)
      await mailbox.add({
        id: `${sender}/${idOf(id)}`,
        from: sender,
        to,
        room: null,
        time: new Date(time).toISOString(),
        text,
        state: 'received',
        bytes,
        name: `~${sender}`,
      })
      return { state: 'delivered' }
    },

    flush,
    start() {
      timer = setInterval(() => void flush().catch(() => undefined), CHAT_RETRY_MS)
    },
    stop() {
      clearInterval(timer)
    },
  }
}

const idOf = (nonce: Uint8Array): string => Buffer.from(nonce).toString('hex')
