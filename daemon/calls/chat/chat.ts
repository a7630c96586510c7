/** Chat between users, over the internode stream of their nodes: signed, kept until delivered or refused, never lost in silence. */
import { randomBytes } from 'node:crypto'
import { signMessage, verifyMessage } from '../../../protocol/chat.ts'
import { MAX_TEXT_LENGTH } from '../../../protocol/constants.ts'
import { waitFor } from '../../../protocol/session/interrupted.ts'
import { isPeerId, userIdOf } from '../../../protocol/signed/user-id.ts'
import type { Handler, Internode } from '../../../protocol/types.ts'
import { parseName } from '../../../registry/grammar/name.ts'
import type { Methods } from '../../api/vocabulary.ts'
import { NONCE_BYTES } from '../constants.ts'
import { CallsError } from '../errors.ts'
import type { Resolve } from '../names/resolve.ts'
import type { Identity, Target } from '../types.ts'
import { CHAT_DELIVERY_TIMEOUT_MS, INBOX_PAGE } from './chat-constants.ts'
import { shown } from './mail.ts'
import { pageOf } from './mail-page.ts'
import type { Mailbox } from './mailbox.ts'
import { createOutbox } from './outbox.ts'

export interface Chat {
  /** Delivered or refused if the receiver can be reached now, else queued: it is tried again until it arrives. */
  send(to: string, text: string, options: { signal: AbortSignal }): Promise<Methods['chat']['result']>
  inbox(params: Methods['inbox']['params'], options: { signal: AbortSignal }): Promise<Methods['inbox']['result']>
  /** the internode handler of incoming messages */
  receive: Handler
  /** Tries what is queued and due, now; first whoever may be reached at the peer that has just connected. */
  flush(peer?: string): Promise<void>
  start(): void
  /** What is under way is given up and stays queued. */
  stop(): Promise<void>
}

export interface ChatParts {
  identity: Identity
  mailbox: Mailbox
  internode: Pick<Internode, 'request'>
  resolve: Resolve
  /** whose user ID is not in the name: a username or a petname */
  userOf: (name: string, options: { signal: AbortSignal }) => Promise<string>
  now: () => number
  log: (line: string) => void
}

export function createChat({ identity, mailbox, internode, resolve, userOf, now, log }: ChatParts): Chat {
  /** @returns the user or node it is for, and the nodes to try */
  const addressee = async (
    name: string,
    { signal }: { signal: AbortSignal },
  ): Promise<{ to: string; peers: string[] }> => {
    const target = await resolve(name, { signal }).catch(
      async (error: unknown) => (await whoWrote(name, { signal })) ?? Promise.reject(error),
    )
    if (target.kind === 'node') return { to: target.user ?? target.peers[0]!, peers: target.peers }
    throw notSomebody(name)
  }
  /** Whoever has written can be answered, published or not: through the node that brought the last message. */
  const whoWrote = async (name: string, options: { signal: AbortSignal }): Promise<Target | undefined> => {
    const user = await somebody(name, options).catch(() => undefined)
    const last = mailbox.all().findLast((mail) => mail.from === user && mail.peer !== '')
    if (last === undefined) return undefined
    return {
      kind: 'node',
      name,
      peers: [last.peer],
      user,
      source: 'inbox',
      age: Math.max(0, now() - Date.parse(last.time)),
    }
  }
  const nodesOf = async (to: string, options: { signal: AbortSignal }): Promise<readonly string[]> =>
    isPeerId(to) ? [to] : (await addressee(`~${to}`, options)).peers
  const outbox = createOutbox({ mailbox, internode, nodesOf, now, log })
  const isMine = (to: string): boolean => to === identity.user || to === identity.peerId

  /** The ID under which somebody writes and is written to. Nobody is asked, unless the name is a username. */
  const somebody = async (text: string, options: { signal: AbortSignal }): Promise<string> => {
    const name = parseName(text, { suffix: identity.network.suffix })
    if (name.kind === 'peer') return name.peer
    if (name.kind === 'page') return userOf(text, options)
    throw notSomebody(text)
  }

  return {
    async send(name, text, { signal }) {
      const { to, peers } = await addressee(name, { signal })
      if (isMine(to)) throw new CallsError('NAME_NOT_SUPPORTED', `${name} is this node itself.`, 'write to another')
      checkText(text)
      const nonce = randomBytes(NONCE_BYTES)
      const sent = now()
      const message = { network: identity.network.id, id: nonce, to, text, time: sent }
      const bytes = await signMessage(message, identity.owner)
      const id = idOf(nonce)
      const time = new Date(sent).toISOString()
      await mailbox.add({ id, from: identity.user, to, room: null, time, text, state: 'queued', peer: '', bytes })
      const deadline = AbortSignal.any([signal, AbortSignal.timeout(CHAT_DELIVERY_TIMEOUT_MS)])
      // whoever has waited long enough learns that it is queued
      await waitFor(outbox.deliver(to, peers), deadline).catch(() => undefined)
      const { state = 'queued', code } = mailbox.get(id) ?? {}
      return { id, to, state, ...(code === undefined ? {} : { code }) }
    },

    async inbox({ markRead = false, limit = INBOX_PAGE, before, with: name }, options) {
      const who = name === undefined ? undefined : await somebody(name, options)
      const { mails, more } = pageOf(mailbox.all(), { limit, before, with: who })
      if (markRead) {
        const unread = mails.filter(({ state }) => state === 'received')
        const ids = unread.map(({ id }) => id)
        await mailbox.setState(ids, 'read')
      }
      return { messages: mails.map(shown), more }
    },

    async receive(body, { peer }) {
      const bytes = (body as { message?: unknown } | null)?.message
      if (!(bytes instanceof Uint8Array))
        throw new CallsError('MESSAGE_INVALID', 'The message is missing.', 'see specs/internode.md')
      const { id, from, to, text, time, network } = await verifyMessage(bytes)
      if (network !== identity.network.id || !isMine(to)) {
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
        peer,
        bytes: new Uint8Array(),
      })
      return { state: 'delivered' }
    },

    flush: (peer) => outbox.flush(peer),
    start: () => outbox.start(),
    stop: () => outbox.stop(),
  }
}

const idOf = (nonce: Uint8Array): string => Buffer.from(nonce).toString('hex')

function notSomebody(name: string): CallsError {
  const message = `${name} is not a person or a node.`
  return new CallsError('NAME_NOT_SUPPORTED', message, 'chat with ~k51... or with a peer ID')
}

/** The protocol refuses the same; here it is said in words. @throws CallsError MESSAGE_INVALID */
function checkText(text: string): void {
  const length = [...text].length
  if (length === 0) throw new CallsError('MESSAGE_INVALID', 'The message is empty.', 'write something')
  if (length > MAX_TEXT_LENGTH) {
    const message = `The message has ${length} characters; ${MAX_TEXT_LENGTH} is the limit.`
    throw new CallsError('MESSAGE_INVALID', message, 'send it in parts')
  }
  if (/[^\P{Cc}\n\t]/u.test(text) || !text.isWellFormed()) {
    throw new CallsError(
      'MESSAGE_INVALID',
      'The message holds a control character.',
      'newlines and tabs are fine, others are not',
    )
  }
}
