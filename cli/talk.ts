import { setTimeout as delay } from 'node:timers/promises'
import { EXIT, type ExitClass } from '../daemon/api/codes.ts'
import type { ChatMessage } from '../daemon/api/vocabulary.ts'
import { CHAT_CONTEXT, CHAT_PAGE, CHAT_PAGES, CHAT_POLL_MS, MAX_LINE_BYTES } from './constants.ts'
import { exitCodeOf, failureOf, showFailure } from './failure.ts'
import { readLines } from './lines.ts'
import { showMessage, showState } from './message.ts'
import { say } from './text.ts'
import type { Context } from './types.ts'

/**
 * Talks with one peer: lines from stdin are sent, messages with that peer are shown as they come in, and so are read. Ends with
 * stdin or Ctrl-C. With `--json`, each message is a line of JSON.
 *
 * @returns the class of the last line that was not taken, refused ones too
 */
export async function talk(context: Context, to: string): Promise<ExitClass> {
  const { request, settings, signal, terminal } = context
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  const look = createLook(context, to)
  /** own lines by ID, and what was last said of them */
  const sent = new Map<string, ChatMessage['state']>()
  /** a line is on its way, and may be seen in the conversation before its ID is known */
  let sending = false
  let exit: ExitClass = EXIT.done

  const tell = (message: Pick<ChatMessage, 'id' | 'state' | 'code'>): void => {
    if (sent.get(message.id) === message.state) return
    sent.set(message.id, message.state)
    if (message.state === 'refused') terminal.complain(showState(message))
    else terminal.note(showState(message))
  }
  const show = async (limit?: number) => {
    for (const { message, isNew } of await look(limit)) {
      if (sent.has(message.id)) tell(message)
      else if (!isNew || (sending && isOutgoing(message))) continue
      else if (settings.json) await terminal.printJson(message)
      else await terminal.print(...showMessage(message))
    }
  }
  const listen = async () => {
    while (!until.aborted) {
      await delay(CHAT_POLL_MS, undefined, { signal: until }).catch(() => {})
      if (!until.aborted) await show()
    }
  }
  const send = async () => {
    for await (const line of readLines(process.stdin, MAX_LINE_BYTES)) {
      if (line.trim() === '') continue
      sending = true
      try {
        const message = await request('chat', { to, text: line }, { doing: 'sending' })
        tell(message)
        if (message.state === 'refused') exit = EXIT.refused
      } catch (error) {
        terminal.complain(...showFailure(failureOf(error)))
        exit = exitCodeOf(failureOf(error))
      } finally {
        sending = false
      }
    }
  }

  await show(CHAT_CONTEXT)
  terminal.note(say`Talking with ${to}: each line is a message, Ctrl-D ends`)
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  const listening = listen()
  try {
    await Promise.race([send(), interrupted, listening])
  } finally {
    ended.abort()
  }
  if (signal.aborted) return exit
  await listening
  // answers to what was piped in may have come meanwhile
  await show()
  return exit
}

type Look = (limit?: number) => Promise<{ message: ChatMessage; isNew: boolean }[]>

/** Answers what is to be seen of a conversation, oldest first: at least what came since the last look. */
function createLook({ request }: Context, to: string): Look {
  let known = new Set<string>()
  return async (limit) => {
    const seen: ChatMessage[] = []
    const page = { with: to, markRead: true, limit: limit ?? CHAT_PAGE }
    for (let pages = limit === undefined ? CHAT_PAGES : 1; pages > 0; pages--) {
      const [oldest] = seen
      const before = oldest === undefined ? {} : { before: oldest.id }
      const { messages, more } = await request('inbox', { ...page, ...before }, { doing: 'looking for messages' })
      seen.unshift(...messages)
      // they are in order: behind one that is known there is nothing new
      if (!more || messages.some(({ id }) => known.has(id))) break
    }
    const last = seen.findLastIndex(({ id }) => known.has(id))
    known = new Set(seen.map(({ id }) => id))
    return seen.map((message, index) => ({ message, isNew: index > last }))
  }
}

function isOutgoing({ state }: ChatMessage): boolean {
  return state !== 'received' && state !== 'read'
}
