/** What the host tells the guest's runtime (daemon/vm/guest), as text. */
import { isUtf8 } from 'node:buffer'
import { ANSWER_CODE_MAX, ANSWER_MESSAGE_MAX } from '../constants.ts'
import type { ImportAnswer } from '../types.ts'
import type { GuestCall } from './guest.ts'

/**
 * What prepare() reads.
 *
 * @param stateLimit only where a state is shown: a call leaves no trace of what its host allowed, so that a replay gives the same memory
 */
export function headerText({ method, context }: GuestCall, stateLimit: number): Uint8Array {
  const { caller, owner, service, seed, origin, chain } = context
  const always = [method, caller, owner, service, Buffer.from(seed).toString('hex'), stateLimit]
  // each string that is new in the memory costs the lines that it changes
  const isFirst = origin === caller && chain.length === 0
  return Buffer.from(JSON.stringify(isFirst ? always : [...always, origin, JSON.stringify(chain)]))
}

/** What deliver() reads, what came of an ask: a sign, then JSON text; the sign alone where the host brings no text. */
export function answerText(answer: ImportAnswer): Uint8Array {
  if (answer.ok) return Buffer.concat([Buffer.from('+'), isUtf8(answer.result) ? answer.result : Buffer.from('')])
  const { code, message } = answer
  return Buffer.from(
    `-${JSON.stringify([code.slice(0, ANSWER_CODE_MAX).toWellFormed(), message.slice(0, ANSWER_MESSAGE_MAX).toWellFormed()])}`,
  )
}
