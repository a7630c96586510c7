/** Asks other nodes what they know of a user: the method `home` of specs/internode.md, section 12. */

import type { Internode } from '../../../protocol/types.ts'
import { MAX_HOME_NODES } from '../../../registry/constants.ts'
import type { AskHome, HomeAnswer } from '../../../registry/home/types.ts'
import { badAnswer, isBytes, isBytesOrNull, type Read, reader } from '../remote/wire.ts'
import { ASK_HOME_MS } from './constants.ts'

export function createAskHome(internode: Pick<Internode, 'request'>): AskHome {
  return async (peer, user, known, { signal }) => {
    const body = { user, known: known.slice(0, MAX_HOME_NODES + 1) }
    const answer = await internode.request(peer, 'home', body, { signal, timeoutMs: ASK_HOME_MS })
    return homeAnswerIn(reader(answer, (field) => badAnswer(peer, field)))
  }
}

/** The fields that tell of a home, in an answer or wherever else they are sent; what is in the bytes is judged by the registry. */
export function homeAnswerIn(read: Read): HomeAnswer {
  return { record: read('record', isBytesOrNull), home: read('home', isBytesOrNull), nodes: read('nodes', isNodes) }
}

const isNodes = (value: unknown): value is HomeAnswer['nodes'] =>
  Array.isArray(value) && value.length <= MAX_HOME_NODES && value.every(isNode)

const isNode = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false
  const { record, list } = value as Record<string, unknown>
  return isBytes(record) && isBytesOrNull(list)
}
