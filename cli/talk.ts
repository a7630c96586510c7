import { setTimeout as delay } from 'node:timers/promises'
import { EXIT, type ExitClass } from '../daemon/api/codes.ts'
import type { ChatMessage } from '../daemon/api/vocabulary.ts'
import { CHAT_CONTEXT, CHAT_LOOKUP_MS, CHAT_POLL_MS, MAX_LINE_BYTES } from './constants.ts'
import { failureOf, showFailure } from './failure.ts'
import { readLines } from './lines.ts'
import { showMessage } from './message.ts'
import { say } from './text.ts'
import type { Context } from './types.ts'

/**
 * Talks with one peer: lines from stdin are sent, messages with that peer are shown as they come in. Ends with stdin or Ctrl-C.
 * With `--json`, each message is a line of JSON.
 */
export async function talk(context: Context, to: string): Promise<ExitClass> {
  const { request, settings, signal, terminal } = context
  const ended = new AbortController()
  const until = AbortSignal.any([signal, ended.signal])
  const names = new Set([to])
  const shown = new Set<string>()

  // a name may stand for a node whose messages come under its ID
  const found = await request('resolve', { name: to }, { doing: `looking up ${to}`, timeoutMs: CHAT_LOOKUP_MS }).catch(
    () => undefined,
  )
  for (const name of [found?.name, found?.peerId]) if (name !== undefined) names.add(name)

  const look = async (most: number) => {
    const { messages } = await request('inbox', {}, { doing: 'looking for messages' })
    const news = messages.filter((one) => isBetween(one, names) && !shown.has(one.id))
    for (const one of news) shown.add(one.id)
    for (const one of news.slice(-most)) {
      if (settings.json) await terminal.printJson(one)
      else await terminal.print(...showMessage(one))
    }
  }
  const listen = async () => {
    while (!until.aborted) {
      await delay(CHAT_POLL_MS, undefined, { signal: until }).catch(() => {})
      if (!until.aborted) await look(Number.POSITIVE_INFINITY)
    }
  }
  const send = async () => {
    for await (const line of readLines(process.stdin, MAX_LINE_BYTES)) {
      if (line.trim() === '') continue
      const sent = await request('chat', { to, text: line }, { doing: 'sending' }).catch((error: unknown) => {
        terminal.complain(...showFailure(failureOf(error)))
      })
      if (sent === undefined) continue
      names.add(sent.to)
      shown.add(sent.id)
      terminal.note(say`${sent.state}`)
    }
  }

  await look(CHAT_CONTEXT)
  terminal.note(say`Talking with ${to}: each line is a message, Ctrl-D ends`)
  const interrupted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  try {
    await Promise.race([send(), interrupted, listen()])
    // answers to what was piped in may have come meanwhile
    if (!signal.aborted) await look(Number.POSITIVE_INFINITY)
  } finally {
    ended.abort()
  }
  return EXIT.done
}

function isBetween({ from, to, room }: ChatMessage, names: ReadonlySet<string>): boolean {
  return room === null && (names.has(from) || names.has(to))
}
