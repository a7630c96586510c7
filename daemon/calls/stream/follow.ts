/** Follows what a service commits: each commit with what its calls emitted, as fast as whoever follows takes them. */
import type { CID } from 'multiformats/cid'
import type { CallRecord } from '../../store/commit-types.ts'
import type { Head, History } from '../../store/types.ts'
import {
  FOLLOW_PAGE,
  MAX_FOLLOW_BEHIND,
  MAX_FOLLOW_EVENT_BYTES,
  MAX_FOLLOWERS,
  MAX_FOLLOWERS_PER_SOURCE,
} from '../constants.ts'
import type { Contracts } from '../life/contracts.ts'
import { checkAccess } from '../run/check-access.ts'
import { notHere } from '../run/instances.ts'
import type { Asking } from '../types.ts'
import type { HeadFeed } from './head-feed.ts'
import { createStreamRoom, type StreamRoomInit } from './stream-room.ts'

/** One commit of a service. */
export interface Followed {
  commit: CID
  seq: number
  /** milliseconds since 1970 */
  time: number
  /** What its calls emitted, in order: JSON text of `[[name, value], ...]` for each call that emitted anything. */
  events: Uint8Array[]
  /** calls whose events were left out because there were too many bytes of them */
  omitted: number
  /** commits between the one before and this one that were left out: whoever is slow gets the newest */
  skipped: number
}

export interface Wanted {
  service: CID
  /** user ID; the empty string for who did not sign */
  user: string
  /** the first commit that is wanted. @default the next one that is made */
  from?: number | undefined
}

/**
 * Ends only by its signal, by leaving the loop, or with an error: CallsError SERVICE_NOT_FOUND, ACCESS_DENIED (also when the service shuts its
 * history), SERVICE_BUSY.
 *
 * What is here already when it begins comes whole, from `from` or from where the history begins here. After that, one who is more than
 * MAX_FOLLOW_BEHIND commits behind gets the newest ones. Nothing is kept for anybody but CIDs.
 */
export type Follow = (wanted: Wanted, asking: Asking) => AsyncIterable<Followed>

export interface FollowParts {
  feed: HeadFeed<History>
  contracts: Contracts
}

export function createFollow(
  { feed, contracts }: FollowParts,
  init: StreamRoomInit & { behind?: number } = {},
): Follow {
  const { history } = feed
  const { behind = MAX_FOLLOW_BEHIND } = init
  const room = createStreamRoom({ total: MAX_FOLLOWERS, perSource: MAX_FOLLOWERS_PER_SOURCE, ...init })

  /** Where the service stands, if who asks may know what it does. */
  const headFor = async ({ service, user }: Wanted): Promise<Head> => {
    const head = await history.head(service)
    if (head === undefined) throw notHere(service)
    const { genesis } = await history.commit(service)
    checkAccess(await contracts.of(head), { owner: genesis?.owner ?? '', user }, 'history')
    return head
  }

  /** The commits from one on, oldest first, at most a page of them. */
  const pageFrom = async (head: Head, first: number): Promise<CID[]> => {
    const last = Math.min(head.seq, first + FOLLOW_PAGE - 1)
    const from = last === head.seq ? head.commit : await history.at(head.service, last)
    if (from === undefined) return []
    const cids: CID[] = []
    for await (const { cid } of history.log(head.service, { from, limit: last - first + 1 })) cids.push(cid)
    return cids.reverse()
  }

  const read = async (cid: CID): Promise<Omit<Followed, 'skipped'>> => {
    const { seq, time, calls } = await history.commit(cid)
    return { commit: cid, seq, time, ...eventsOf(calls) }
  }

  return async function* follow(wanted, { from: source, signal }) {
    signal.throwIfAborted()
    const place = room.enter(source)
    const watch = feed.watch(wanted.service)
    try {
      const start = await headFor(wanted)
      let next = wanted.from ?? start.seq + 1
      let epoch = start.epoch
      for (;;) {
        const head = await headFor(wanted)
        // the owner took the service back to what an older backup knew
        if (head.epoch !== epoch && head.seq < next) next = head.seq
        epoch = head.epoch
        if (head.seq < next) {
          await watch.moved(signal)
          continue
        }
        const { seq: base } = await history.base(wanted.service)
        const newest = next > start.seq ? head.seq - behind + 1 : 0
        const first = Math.max(next, base, newest)
        let skipped = first - next
        const page = await pageFrom(head, first)
        for (const cid of page) {
          signal.throwIfAborted()
          yield { ...(await read(cid)), skipped }
          skipped = 0
        }
        next = first + page.length
        // pruned, or gone back, meanwhile
        if (page.length === 0) await watch.moved(signal)
      }
    } finally {
      watch.stop()
      place.leave()
    }
  }
}

function eventsOf(calls: readonly CallRecord[]): Pick<Followed, 'events' | 'omitted'> {
  const all = calls.flatMap(({ events }) => (events ? [events] : []))
  let room = MAX_FOLLOW_EVENT_BYTES
  const end = all.findIndex(({ length }) => {
    room -= length
    return room < 0
  })
  const events = end < 0 ? all : all.slice(0, end)
  return { events, omitted: all.length - events.length }
}
