/** What contracts emit, between the VM, the commit and whoever made the call. */
import type { Json } from '../../api/vocabulary.ts'
import type { ContractEvent } from '../../vm/types.ts'
import { decodeValue } from '../values.ts'

/** The events of a call as a commit records them: JSON text of `[[name, value], ...]`; undefined if there are none. */
export function encodeEvents(events: readonly ContractEvent[]): Uint8Array | undefined {
  if (events.length === 0) return undefined
  const parts = events.flatMap(({ name, value }, i) => [
    Buffer.from(`${i === 0 ? '[' : ','}[${JSON.stringify(name)},`),
    value,
    Buffer.from(']'),
  ])
  return Buffer.concat([...parts, Buffer.from(']')])
}

/** @throws CallsError ANSWER_INVALID if that is not what the bytes hold */
export function decodeEvents(bytes: Uint8Array | undefined): { name: string; value: Json }[] {
  if (bytes === undefined) return []
  return decodeValue(bytes, 'events', isEvents).map(([name, value]) => ({ name, value }))
}

const isEvents = (value: Json): value is [string, Json][] =>
  Array.isArray(value) &&
  value.every((event) => Array.isArray(event) && event.length === 2 && typeof event[0] === 'string')
