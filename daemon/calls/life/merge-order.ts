/** The owner's order to take over what changed upstream: it stands in the history, signed, in place of calls. Pure. */
import { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Commit } from '../../store/commit-types.ts'
import { decodeArguments } from '../values.ts'
import { MERGE } from './lifecycle.ts'

export interface MergeOrder {
  /** the service that is taken from */
  upstream: CID
  /** its commit that both come from */
  base: CID
  /** its commit that is taken in */
  theirs: CID
}

/** As they stand in the call. */
export const mergeArguments = ({ upstream, base, theirs }: MergeOrder): string[] => [upstream, base, theirs].map(String)

/** What a commit took in; undefined of one that is no merge, or whose order is malformed. */
export function mergeOrderOf({ kind, calls }: Pick<Commit, 'kind' | 'calls'>): MergeOrder | undefined {
  const [record] = calls
  if (kind !== 'upgrade' || calls.length !== 1 || record === undefined) return undefined
  try {
    const { method, args } = decodeCall(record.envelope)
    const named = decodeArguments(args)
    if (method !== MERGE || named.length !== 3) return undefined
    const [upstream, base, theirs] = named.map((cid) => CID.parse(cid as string))
    return { upstream: upstream!, base: base!, theirs: theirs! }
  } catch {
    return undefined
  }
}
