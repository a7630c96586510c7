/** What is sent on the topic of a user: specs/registry.md, "Pushing". */
import * as dagCbor from '@ipld/dag-cbor'
import { decodeCanonical } from '../../../registry/codec.ts'
import type { HomeAnswer } from '../../../registry/home/types.ts'
import { CallsError } from '../errors.ts'
import { isBytes, reader } from '../remote/wire.ts'
import { homeAnswerIn } from './ask-home.ts'
import { MAX_PUSH_BYTES, MAX_PUSH_DEPTH, MAX_PUSH_ITEMS } from './constants.ts'

export type PushMessage = { home: HomeAnswer } | { head: Uint8Array }

/** One topic for each user of a network. */
export const topicOf = (network: string, user: string): string => `/amigos/${network}/home/${user}`

/** Without those lists for which there is no room: whoever gets it asks for them. */
export function encodePush(message: PushMessage): Uint8Array {
  if ('head' in message) return dagCbor.encode(message)
  const { record, home, nodes } = message.home
  let left = MAX_PUSH_BYTES - ROOM_FOR_RECORDS
  const fitting = nodes.map((node) => {
    left -= node.list?.length ?? 0
    return left < 0 ? { ...node, list: null } : node
  })
  return dagCbor.encode({ home: { record, home, nodes: fitting } })
}

/** @throws CallsError ANSWER_INVALID, or an error without a code if it is not even a map in its canonical form */
export function decodePush(bytes: Uint8Array): PushMessage {
  const limits = { bytes: MAX_PUSH_BYTES, depth: MAX_PUSH_DEPTH, items: MAX_PUSH_ITEMS }
  const value = decodeCanonical(bytes, limits) as Record<string, unknown>
  const read = reader(value, invalid)
  if (Object.hasOwn(value, 'head')) return { head: read('head', isBytes) }
  return { home: homeAnswerIn(reader(value['home'], invalid)) }
}

/** Home record, home, and the records of 16 nodes. */
const ROOM_FOR_RECORDS: number = 16 * 1024

const invalid = (field: string): CallsError =>
  new CallsError(
    'ANSWER_INVALID',
    `What was pushed has no valid "${field}".`,
    'it may come from another version of Amigos',
  )
