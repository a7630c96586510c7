/** What is told item by item, as the local API and programs have it. */
import type { Items } from '../../api/vocabulary.ts'
import type { Answered } from '../types.ts'
import { decodeResult } from '../values.ts'
import { orElse } from '../view/read-calls.ts'
import { decodeEvents } from './events.ts'
import type { Followed } from './follow.ts'

/** An item of a stream. */
export function itemOf({ result, gas, commit, seq, trust, logs }: Answered): Items['stream'] {
  return { item: decodeResult(result), gas: Number(gas), commit: commit.toString(), seq, trust, logs }
}

/** A commit that is followed. What a lying host says was emitted is shown as far as it can be read. */
export function followedOf({ commit, seq, time, events, omitted, skipped }: Followed): Items['subscribe'] {
  return {
    commit: commit.toString(),
    seq,
    time: new Date(Math.min(time, MAX_TIME)).toISOString(),
    events: events.flatMap((text) => orElse([], () => decodeEvents(text))),
    omitted,
    skipped,
  }
}

/** Latest time that a Date holds (ECMA-262, 21.4.1.1). */
const MAX_TIME = 8.64e15
