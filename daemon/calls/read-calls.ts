/** The calls of a commit, as their callers signed them. */
import { callIdOf } from '../../protocol/envelope.ts'
import type { Json } from '../api/vocabulary.ts'
import type { Commit } from '../store/types.ts'
import { openCall } from './signed-call.ts'
import type { Identity } from './types.ts'
import { decodeArguments, decodeResult } from './values.ts'

export interface ReadCall {
  /** the call ID */
  id: string
  /** user ID */
  caller: string
  method: string
  args: Json[]
  gas: number
  result: Json
  events: { name: string; value: Json }[]
}

/** @throws ProtocolError, CallsError for a commit whose host signed what no caller did */
export async function readCalls({ calls }: Commit, identity: Identity): Promise<ReadCall[]> {
  return Promise.all(
    calls.map(async ({ envelope, result, gas, events }) => {
      const [call, id] = await Promise.all([openCall(envelope, 'call', identity), callIdOf(envelope)])
      return {
        id: id.toString(),
        caller: call.caller,
        method: call.method,
        args: decodeArguments(call.args),
        gas: Number(gas),
        result: decodeResult(result),
        events: readEvents(events),
      }
    }),
  )
}

/** @param events JSON text of `[[name, value], ...]`, as a commit holds it */
export function readEvents(events: Uint8Array | undefined): { name: string; value: Json }[] {
  if (events === undefined) return []
  return (decodeResult(events) as [string, Json][]).map(([name, value]) => ({ name, value }))
}
