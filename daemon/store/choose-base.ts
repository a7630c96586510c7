import type { CID } from 'multiformats/cid'
import type { HeadRow } from './bookkeeping.ts'
import { readFirst, serviceOf } from './chain.ts'
import { isFirst } from './commit-body.ts'
import { decodeCommit } from './commit-codec.ts'
import { need } from './payload.ts'
import type { StateComponents } from './state.ts'
import type { Holder, Retention } from './upkeep-types.ts'

/** What of a history has to stay, and why more of it than the policy says. */
export interface Keep {
  /** of the oldest commit that stays: it has a checkpoint */
  seq: number
  holders: Holder[]
}

/** Finds the oldest commit that stays. */
export interface BaseSearch {
  /** By what was found up to the head it was made for. */
  find(): Promise<Keep>
  /** With what was appended since: `now` has to descend from that head. Undefined if it does not. */
  again(now: HeadRow): Promise<Keep | undefined>
}

/**
 * Begins to look for the oldest commit that stays.
 *
 * @param head up to which it looks
 * @param retention what is to stay
 */
export const searchBase = async (
  components: StateComponents,
  head: HeadRow,
  retention: Retention,
): Promise<BaseSearch> => {
  /** of the checkpoints, the oldest first */
  const places: number[] = []
  for await (const { seq } of components.bookkeeping.checkpointsFrom(head.service, head.base?.seq ?? 0))
    if (seq <= head.seq) places.push(seq)
  const atOrBelow = (seq: number): number => places.findLast((place) => place <= seq) ?? places[0]!
  const wanted = await wantedPlace(components, head, places, retention)
  const old = rollbacksOf(components, head)
  const added: Holder[] = []

  const find = async (): Promise<Keep> => {
    const forks = await forksOf(components, head.service)
    let seq = wanted
    for (;;) {
      const holders = [...forks, ...added, ...(await old.downTo(seq))].filter((holder) => holder.seq < wanted)
      const lowest = atOrBelow(Math.min(seq, ...holders.map((holder) => holder.seq)))
      if (lowest === seq) return { seq, holders }
      seq = lowest
    }
  }
  return {
    find,
    again: async (now) => {
      const fresh = rollbacksOf(components, now)
      added.push(...(await fresh.downTo(head.seq + 1)))
      return (await fresh.at(head.seq))?.equals(head.commit) ? await find() : undefined
    },
  }
}

/** What the policy says, and nothing else. */
const wantedPlace = async (
  { bookkeeping, blocks }: StateComponents,
  { service }: HeadRow,
  places: readonly number[],
  retention: Retention,
): Promise<number> => {
  const oldest = places[0] ?? 0
  if (retention.keep === 'all') return oldest
  if (retention.keep === 'checkpoints') return places.at(-retention.count) ?? oldest
  for (const seq of places.toReversed()) {
    const row = (await bookkeeping.checkpointAt(service, seq))!
    const { body } = decodeCommit(row.commit, await need(blocks, row.commit))
    if (body.time <= retention.time) return seq
  }
  return oldest
}

/** What rollbacks went back to, by the rollbacks from the head down. */
const rollbacksOf = ({ blocks }: StateComponents, head: HeadRow) => {
  let next: CID | undefined = head.commit
  let above = head.seq + 1
  const found: Holder[] = []
  const read = async (cid: CID) => decodeCommit(cid, await need(blocks, cid))
  return {
    /** Those at this place and above. */
    downTo: async (seq: number): Promise<readonly Holder[]> => {
      while (next !== undefined && above > seq) {
        const commit = await read(next)
        const { body } = commit
        if (body.kind === 'rollback') {
          const to = await read(body.from)
          found.push({ by: 'rollback', cid: commit.cid, seq: to.body.seq })
        }
        above = body.seq
        next = isFirst(body) ? undefined : body.parent
      }
      return found
    },
    /** The commit at a place right below those that were read. */
    at: async (seq: number): Promise<CID | undefined> => (above === seq + 1 ? next : undefined),
  }
}

/** The services on this node that begin with a commit of this one, and keep all of their history; those that were retired, too. */
export const forksOf = async (components: StateComponents, service: CID): Promise<Holder[]> => {
  const found: Holder[] = []
  const { bookkeeping } = components
  for (const rows of [bookkeeping.heads(), bookkeeping.retired()])
    found.push(...(await forksAmong(components, rows, service)))
  return found
}

const forksAmong = async (
  components: StateComponents,
  rows: AsyncIterable<HeadRow>,
  service: CID,
): Promise<Holder[]> => {
  const found: Holder[] = []
  for await (const head of rows) {
    if (head.service.equals(service) || (head.base?.seq ?? 0) > 0) continue
    const { body } = await readFirst(components, head.service)
    if (body.kind !== 'fork') continue
    const bytes = await components.blocks.get(body.from)
    const origin = bytes && decodeCommit(body.from, bytes)
    if (origin && serviceOf(origin).equals(service)) found.push({ by: 'fork', cid: head.service, seq: origin.body.seq })
  }
  return found
}
