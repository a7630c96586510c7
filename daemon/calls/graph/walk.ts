/** Follows a graph level by level: what is on one level is asked side by side, and everything has an end. */
import { createLimit } from '../../../registry/dht/limit.ts'
import { drain } from '../../node/drain.ts'
import { GRAPH_AT_ONCE, MAX_GRAPH_ITEMS } from './constants.ts'

/** Something whose edges are to be followed. */
export interface Step<T> {
  /** what tells it from others; those from the root down to it are `above` */
  id: string
  above: readonly string[]
  of: T
  /** as it is drawn; absent of the root */
  item?: { repeated: 'circle' | 'shown' | null }
}

export interface WalkParts<T> {
  /** levels */
  depth: number
  /** ends the walk; what was not followed by then is `more` */
  deadline: AbortSignal
  /** Follows the edges of one, and answers what they lead to. Never throws. */
  follow(step: Step<T>, room: Room): Promise<Step<T>[]>
}

export interface Room {
  /** How many of so many things may be drawn. */
  take(count: number): number
  /** Something could not be found out. */
  miss(): void
  /** Does something with each, so many at a time in the whole walk. */
  each<I, R>(items: readonly I[], work: (item: I) => Promise<R>): Promise<R[]>
}

/**
 * The edges of a thing are followed where it is found first: in a circle, or where it is met again, it is only named.
 *
 * @returns whether there is more than was followed
 */
export async function walk<T>(root: Step<T>, { depth, deadline, follow }: WalkParts<T>): Promise<boolean> {
  let left = MAX_GRAPH_ITEMS
  let more = false
  const seen = new Set([root.id])
  const enter = createLimit(GRAPH_AT_ONCE)
  const inTurn = async <R>(work: () => Promise<R>): Promise<R> => {
    // not until the deadline: what could not be asked by then is drawn all the same
    const leave = await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
  const room: Room = {
    each: (items, work) => Promise.all(items.map((item) => inTurn(() => work(item)))),
    take(count) {
      const taken = Math.min(count, left)
      left -= taken
      more ||= taken < count
      return taken
    },
    miss() {
      more = true
    },
  }
  const isNew = ({ id, above, item }: Step<T>): boolean => {
    const repeated = above.includes(id) ? 'circle' : seen.has(id) ? 'shown' : null
    if (item) item.repeated = repeated
    seen.add(id)
    return repeated === null
  }

  let level = [root]
  for (let at = 0; at < depth && level.length > 0 && !deadline.aborted; at++) {
    const next: Step<T>[][] = []
    const queue = level.map((step, place) => ({ step, place })).reverse()
    const visit = async ({ step, place }: { step: Step<T>; place: number }): Promise<void> => {
      if (!deadline.aborted) next[place] = await follow(step, room)
    }
    await drain(queue, visit, () => GRAPH_AT_ONCE)
    level = next.flat().filter(isNew)
  }
  return more || level.length > 0 || deadline.aborted
}
