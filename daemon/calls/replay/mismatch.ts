import type { CID } from 'multiformats/cid'

/** Where a replay and the history part. */
export interface Mismatch {
  commit: string
  seq: number
  /** what differs */
  what: Difference
  /** the call it is about, by its place in the commit; null: the commit as a whole */
  call: number | null
  expected: string
  found: string
}

export type Difference =
  | 'block'
  | 'signature'
  | 'envelope'
  | 'time'
  | 'contract'
  | 'engine'
  | 'failed'
  | 'result'
  | 'gas'
  | 'events'
  | 'delta'
  | 'before'
  | 'root'

/** Ends a replay. */
export class ReplayMismatch extends Error {
  readonly mismatch: Mismatch

  constructor(mismatch: Mismatch) {
    super(`${mismatch.what} differs in commit ${mismatch.seq}`)
    this.name = 'ReplayMismatch'
    this.mismatch = mismatch
  }
}

/** What is compared stands in the history (`expected`) and came of the replay (`found`). */
export interface Compare {
  same(what: Difference, expected: string | number | bigint, found: string | number | bigint, call?: number): void
  bytes(what: Difference, expected: Uint8Array, found: Uint8Array, call?: number): void
}

/** @throws ReplayMismatch at the first thing that differs */
export function createCompare({ cid, seq }: { cid: CID; seq: number }): Compare {
  const differ = (what: Difference, expected: string, found: string, call: number | undefined): never => {
    throw new ReplayMismatch({ commit: cid.toString(), seq, what, call: call ?? null, expected, found })
  }
  return {
    same(what, expected, found, call) {
      if (expected !== found) differ(what, String(expected), String(found), call)
    },
    bytes(what, expected, found, call) {
      if (Buffer.compare(expected, found) !== 0) differ(what, shown(what, expected), shown(what, found), call)
    },
  }
}

/** Longest text of a side that is shown whole. */
const SHOWN = 200

/** Results and events are text; the rest is shown by its first bytes. */
function shown(what: Difference, bytes: Uint8Array): string {
  const isText = what === 'result' || what === 'events'
  const start = Buffer.from(bytes.subarray(0, isText ? SHOWN : 32)).toString(isText ? 'utf8' : 'hex')
  return start + (bytes.length > (isText ? SHOWN : 32) ? '…' : '')
}
