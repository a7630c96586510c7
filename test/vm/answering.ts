/** Hosts for the asks of a contract, as the tests need them. */
import type { Machine } from '../../daemon/vm/machine/machine.ts'
import type { Ask, CallRequest, Effects, ImportAnswer } from '../../daemon/vm/types.ts'
import { bytes } from './requests.ts'

/** What comes of an ask, by its place in the call. */
export type AnswerOf = (ask: Ask, place: number) => ImportAnswer

export const good = (json: string, gas = 1000n): ImportAnswer => ({ ok: true, result: bytes(json), gas })
export const bad = (code: string, message = 'it failed', gas = 1000n): ImportAnswer => ({
  ok: false,
  code,
  message,
  gas,
})

/** Makes a call as a host does: runs it again with more answers until it wants no more of them. */
export function converse(
  run: (request: CallRequest) => Effects,
  request: CallRequest,
  answerOf: AnswerOf,
): Effects & { batches: Ask[][]; answers: ImportAnswer[] } {
  const batches: Ask[][] = []
  const answers: ImportAnswer[] = []
  for (;;) {
    const effects = run({ ...request, answers: [...answers] })
    const { outcome } = effects
    const asks = outcome.ok || outcome.error.code !== 'ANSWERS_NEEDED' ? undefined : outcome.error.asks
    if (!asks) return { ...effects, batches, answers }
    for (const ask of asks) answers.push(answerOf(ask, answers.length))
    batches.push(asks)
  }
}

export const calling =
  (machine: Machine) =>
  (request: CallRequest): Effects =>
    machine.call(request)
export const querying =
  (machine: Machine) =>
  (request: CallRequest): Effects => ({ outcome: machine.query(request) })
