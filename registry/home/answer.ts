import type { CID } from 'multiformats/cid'
import { MAX_ANSWER_BYTES } from '../constants.ts'
import type { KnownHome } from './known-home.ts'
import type { HomeAnswer } from './types.ts'

/** What this node tells others of a user: what is alive, without the blocks that whoever asks has already, nor more lists than an answer holds. */
export function answerOf(known: KnownHome | undefined, without: readonly CID[], now: number): HomeAnswer {
  if (known === undefined || known.record.expires <= now) return { record: null, home: null, nodes: [] }
  const has = (cid: CID): boolean => without.some((one) => one.equals(cid))
  let left = MAX_ANSWER_BYTES
  const nodes = known.nodes
    .filter(({ record }) => record.expires > now)
    .map(({ record, recordBytes, listBytes }) => {
      const isSent = !has(record.list) && listBytes.length <= left
      if (isSent) left -= listBytes.length
      return { record: recordBytes, list: isSent ? listBytes : null }
    })
  return { record: known.recordBytes, home: has(known.record.home) ? null : known.homeBytes, nodes }
}
