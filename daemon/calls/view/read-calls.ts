/** The calls of a commit, as it records them; whether that is the truth a replay finds out. */
import { callIdOf, decodeCall } from '../../../protocol/signed/envelope.ts'
import { userIdOf } from '../../../protocol/signed/user-id.ts'
import type { AskSummary, Json } from '../../api/vocabulary.ts'
import type { CallRecord, Commit } from '../../store/commit-types.ts'
import { MAX_SHOWN_ANSWERS_BYTES } from '../constants.ts'
import { decodeEvents } from '../stream/events.ts'
import { decodeInputs, type Input } from '../tree/inputs.ts'
import { decodeArguments, decodeResult } from '../values.ts'

export interface ReadCall {
  /** the call ID */
  id: string
  /** user ID, or service ID of the service that made it; empty where the host recorded something that is no call */
  caller: string
  method: string
  args: Json[]
  gas: number
  result: Json
  events: { name: string; value: Json }[]
  /** what it asked of other services, in its order */
  asks: AskSummary[]
}

/** The calls of a commit in their order. What cannot be read of one is left empty: the host signed it so. */
export async function readCalls({ calls }: Pick<Commit, 'calls'>): Promise<ReadCall[]> {
  const room = { left: MAX_SHOWN_ANSWERS_BYTES }
  return Promise.all(calls.map((call) => readCall(call, room)))
}

/** Bytes of other services' answers that may still be shown. */
interface Room {
  left: number
}

async function readCall({ envelope, result, gas, events, inputs }: CallRecord, room: Room): Promise<ReadCall> {
  const id = (await callIdOf(envelope)).toString()
  const call = orElse(undefined, () => decodeCall(envelope))
  return {
    id,
    caller: call ? (call.via?.chain.at(-1)?.toString() ?? userIdOf(call.caller)) : '',
    method: call?.method ?? '',
    args: call ? orElse([], () => decodeArguments(call.args)) : [],
    gas: Number(gas),
    result: orElse(null, () => decodeResult(result)),
    events: orElse([], () => decodeEvents(events)),
    asks: orElse([], () => decodeInputs(inputs).map((input) => askOf(input, room))),
  }
}

function askOf({ service, answer, receipt, at }: Input, room: Room): AskSummary {
  const call = receipt && orElse(undefined, () => decodeCall(receipt.envelope))
  return {
    service: service?.toString() ?? null,
    method: call?.method ?? null,
    ok: answer.ok,
    code: answer.ok ? null : answer.code,
    ...(answer.ok ? resultIn(answer.result, room) : { message: answer.message }),
    gas: Number(answer.gas),
    commit: (receipt?.commit ?? at)?.toString() ?? null,
  }
}

function resultIn(bytes: Uint8Array, room: Room): { result?: Json } {
  if (bytes.length > room.left) return {}
  room.left -= bytes.length
  return orElse<{ result?: Json }>({}, () => ({ result: decodeResult(bytes) }))
}

/** What a lying host wrote is shown as far as it can be read: it is the evidence. */
export function orElse<T>(fallback: T, read: () => T): T {
  try {
    return read()
  } catch {
    return fallback
  }
}
