import type { ChatMessage } from '../daemon/api/vocabulary.ts'
import { linesOf, say, styled, type Text } from './text.ts'

/** One message: when, who, in what state, and its lines; what it says of itself cannot pose as the line above. */
export function showMessage({ time, from, to, room, text, state, code }: ChatMessage): Text[] {
  const where = room === null ? named(to) : `${named(to)} in ${room}`
  return [
    say`${styled('dim', time)} ${styled('bold', named(from))} ${styled('dim', say`to ${where} (${showState({ state, code })})`)}`,
    ...linesOf(text).map((line) => say`  ${line}`),
  ]
}

/** `delivered`, `refused: INBOX_FULL` */
export function showState({ state, code }: { state: ChatMessage['state']; code?: string | undefined }): Text {
  return code === undefined ? say`${state}` : say`${state}: ${code}`
}

/** A user ID as it is written in a name, so that it can be copied into a command. */
function named(id: string): string {
  return id.startsWith('k51') ? `~${id}` : id
}
