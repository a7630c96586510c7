/** Which services have called one of this node's, by its history: each commit is read once. */
import * as dagCbor from '@ipld/dag-cbor'
import type { CID } from 'multiformats/cid'
import { decodeCall } from '../../../protocol/signed/envelope.ts'
import type { Commit } from '../../store/commit-types.ts'
import type { Meta } from '../../store/database-types.ts'
import type { Head, History } from '../../store/types.ts'
import { peerIdOf } from '../remote/peer-id-of.ts'
import { orElse } from '../view/read-calls.ts'
import { ownerOf } from '../view/read-usage.ts'
import { MAX_CALLER_GAPS, MAX_CALLERS, MAX_CALLERS_MS } from './constants.ts'

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

export interface Callers {
  /** those that called last come last */
  callers: Caller[]
  /** some of the history is yet to be read */
  more: boolean
}

/** @param head of a service of this node: what a copy records is its host's word */
export type ReadCallers = (head: Head, options: { signal: AbortSignal }) => Promise<Callers>

/** Commits that were not read yet: from one down to a sequence number, without that. */
interface Gap {
  from: CID
  above: number
}

interface Row {
  /** sequence number of the newest commit that was read, or is in a gap */
  upTo: number
  callers: Caller[]
  /** the newest first */
  gaps: Gap[]
}

export interface CallersParts {
  history: Pick<History, 'log'>
  meta: Pick<Meta, 'get' | 'put'>
}

interface Bounds {
  /** how long is read in one go, in milliseconds. @default MAX_CALLERS_MS */
  ms?: number
}

const PREFIX = 'callers/'

/** A long history is read in several goes, the newest part first: how far it came is kept. */
export function createReadCallers({ history, meta }: CallersParts, { ms = MAX_CALLERS_MS }: Bounds = {}): ReadCallers {
  /** Reads a gap, and answers what is left of it. */
  const fill = async (service: CID, gap: Gap, found: Caller[], isOver: () => boolean): Promise<Gap | undefined> => {
    try {
      for await (const one of history.log(service, { from: gap.from })) {
        if (one.seq <= gap.above) return undefined
        if (one.kind === 'step') found.push(...callersIn(one))
        if (one.parent === undefined) return undefined
        if (isOver()) return { from: one.parent, above: gap.above }
      }
    } catch {
      // it was pruned meanwhile: what is gone cannot be read later either
    }
    return undefined
  }

  return async ({ service, commit, seq }, { signal }) => {
    const row = readRow(await meta.get(PREFIX + service))
    if (row.upTo >= seq && row.gaps.length === 0) return { callers: row.callers, more: false }
    const since = seq > row.upTo ? [{ from: commit, above: row.upTo }] : []
    const end = performance.now() + ms
    const isOver = (): boolean => signal.aborted || performance.now() >= end
    const found: Caller[] = []
    const gaps: Gap[] = []
    for (const gap of [...since, ...row.gaps]) {
      const rest = isOver() ? gap : await fill(service, gap, found, isOver)
      if (rest !== undefined) gaps.push(rest)
    }
    const callers = merged([...row.callers, ...found])
    const kept: Row = { upTo: Math.max(seq, row.upTo), callers, gaps: gaps.slice(0, MAX_CALLER_GAPS) }
    await meta.put(PREFIX + service, dagCbor.encode(kept))
    return { callers, more: gaps.length > 0 }
  }
}

/** What was written down in another form is found out again. */
function readRow(bytes: Uint8Array | undefined): Row {
  const row = bytes && dagCbor.decode<Partial<Row>>(bytes)
  return row?.gaps === undefined ? { upTo: -1, callers: [], gaps: [] } : (row as Row)
}

/** Each service once, with what it did last. */
function merged(all: readonly Caller[]): Caller[] {
  const known = new Map<string, Caller>()
  for (const one of all) {
    const key = one.service.toString()
    const before = known.get(key) ?? { ...one, calls: 0 }
    const last = one.at >= before.at ? one : before
    known.set(key, { ...last, calls: before.calls + one.calls })
  }
  return [...known.values()].sort((a, b) => a.at - b.at).slice(-MAX_CALLERS)
}

function callersIn({ calls, time }: Commit): Caller[] {
  return calls.flatMap(({ envelope }) => {
    const call = orElse(undefined, () => decodeCall(envelope))
    const service = call?.via?.chain.at(-1)
    if (call?.via === undefined || service === undefined) return []
    return [{ service, user: ownerOf(call.via.proof[0]!), host: peerIdOf(call.caller), calls: 1, at: time }]
  })
}
