/** What changed between two commits, of one service or of two: their logical states, compared. */
import type { CID } from 'multiformats/cid'
import type { Methods } from '../../api/vocabulary.ts'
import { nameRefs } from '../../contract/name-refs.ts'
import { MAX_DIFF_BYTES, MAX_DIFF_CHANGES } from '../constants.ts'
import type { Asking } from '../types.ts'
import { type Change, diffState } from './diff-state.ts'
import type { ReadState, StateFound } from './read-state.ts'

/** A commit of a service on this node; without one, its head. */
export interface Side {
  service: CID
  at?: CID | undefined
}

export interface Compared {
  from: StateFound & { service: CID }
  to: StateFound & { service: CID }
  changes: Change[]
  more: boolean
}

/** @param asking.user user ID of whoever wants to know */
export type CompareStates = (a: Side, b: Side, asking: Asking & { user: string }) => Promise<Compared>

export function createCompareStates({ read }: Pick<ReadState, 'read'>): CompareStates {
  return async (a, b, { user, ...asking }) => {
    const side = async ({ service, at }: Side) => ({
      service,
      ...(await read({ service, at, path: [], user }, asking)),
    })
    // one after the other: each may hold a memory of 64 MiB
    const from = await side(a)
    const to = await side(b)
    const limits = { changes: MAX_DIFF_CHANGES, bytes: MAX_DIFF_BYTES }
    // by names: a reference is no other because an entry before what it leads to is gone
    return { from, to, ...diffState(nameRefs(from.state), nameRefs(to.state), limits) }
  }
}

/** A comparison as the local API answers it. */
export function comparedToJson({ from, to, changes, more }: Compared): Methods['diff']['result'] {
  const sideOf = ({ service, commit, seq }: Compared['from']) => {
    return { service: service.toString(), commit: commit.toString(), seq }
  }
  return { from: sideOf(from), to: sideOf(to), changes, more }
}
