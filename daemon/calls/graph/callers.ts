/** Which services have called one of this node's, by its history: read once, and from then on what came since. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Meta } from '../../store/database-types.ts'
import type { Head, History } from '../../store/types.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import { orElse } from '../view/read-calls.ts'
import { ownerOf } from '../view/read-usage.ts'
import { MAX_CALLER_CALLS, MAX_CALLER_COMMITS, MAX_CALLERS } from './constants.ts'

export interface Caller {
  service: CID
  /** user ID of its owner; the empty string where that cannot be read */
  user: string
  /** peer ID of the host that signed the last call */
  host: string
  calls: number
  /** of the last call, in milliseconds since 1970 */
  at: number
}

/** @param head of a service of this node: what a copy records is its host's word */
export type ReadCallers = (head: Head, options: { signal: AbortSignal }) => Promise<Caller[]>

interface Row {
  /** sequence number of the last commit that was looked at */
  upTo: number
  callers: Caller[]
}

export interface CallersParts {
  history: Pick<History, 'log'>
  meta: Pick<Meta, 'get' | 'put'>
}

const PREFIX = 'callers/'

export function createReadCallers({ history, meta }: CallersParts): ReadCallers {
  return async ({ service, commit, seq }, { signal }) => {
    const bytes = await meta.get(PREFIX + service)
    const { upTo, callers }: Row = bytes ? dagCbor.decode<Row>(bytes) : { upTo: -1, callers: [] }
    if (upTo >= seq) return callers
    const known = new Map(callers.map((one) => [one.service.toString(), one]))
    let left = MAX_CALLER_CALLS
    const found: Caller[] = []
    for await (const one of history.log(service, { from: commit, limit: Math.min(seq - upTo, MAX_CALLER_COMMITS) })) {
      signal.throwIfAborted()
      left -= one.calls.length
      if (one.seq <= upTo || left < 0) break
      if (one.kind === 'step') found.push(...callersIn(one))
    }
    // oldest first, so that the last call counts
    for (const one of found.toReversed()) {
      const key = one.service.toString()
      const before = known.get(key)
      known.delete(key)
      known.set(key, { ...one, calls: one.calls + (before?.calls ?? 0) })
    }
    const newest = [...known.values()].slice(-MAX_CALLERS)
    await meta.put(PREFIX + service, dagCbor.encode({ upTo: seq, callers: newest } satisfies Row))
    return newest
  }
}

function callersIn({ calls, time }: Commit): Caller[] {
  return calls.flatMap(({ envelope }) => {
    const call = orElse(undefined, () => decodeCall(envelope))
    const service = call?.via?.chain.at(-1)
    if (call?.via === undefined || service === undefined) return []
    return [{ service, user: ownerOf(call.via.proof[0]!), host: peerIdOf(call.caller), calls: 1, at: time }]
  })
}
