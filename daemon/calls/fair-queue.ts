/** Work waits its turn, and the turns go round: whoever sends much waits behind himself, not in front of others. */

export interface FairQueue {
  /**
   * Runs the task when it is its source's turn. Tasks of one source run in the order in which they came.
   *
   * A task that still waits when the signal aborts is not run: the promise rejects with the signal's reason. One that has
   * begun is not interrupted.
   *
   * @throws what `refuse` makes, if the source or the whole queue has no room left
   */
  run<T>(task: () => Promise<T>, options: { from: string; signal: AbortSignal }): Promise<T>
  /**
   * As `run`, for work that is cheaper together: when it is the item's turn, `group.take` gets it with all items of the same group whose
   * turns would be next, none left out.
   */
  join<I, R>(item: I, group: Group<I, R>, options: { from: string; signal: AbortSignal }): Promise<R>
  /** tasks that run or wait */
  readonly size: number
}

/** Work that is done for many at once. */
export interface Group<I, R> {
  /** items that it takes at a time, at least one */
  readonly most: number
  /**
   * What became of the first items, in order, at least of one; the others go back to where they stood. If it fails, so do they all.
   */
  take(items: readonly I[]): Promise<PromiseSettledResult<R>[]>
}

export interface FairQueueInit {
  /** tasks that run at a time */
  concurrency: number
  /** tasks of one source that wait at a time */
  perSource: number
  /** tasks that wait at a time, of all sources */
  total: number
  refuse: (whose: 'source' | 'all') => Error
}

/** Something that waits for its turn: one that begins by itself, or an item of a group. */
interface Waiting {
  from: string
  group?: Group<unknown, unknown>
  item?: unknown
  /** no longer waits for its caller to lose patience */
  leave(): void
  start(): void
  settle(result: PromiseSettledResult<unknown>): void
}

export function createFairQueue({ concurrency, perSource, total, refuse }: FairQueueInit): FairQueue {
  /** what waits, by source; the source whose turn is next comes first */
  const lines = new Map<string, Waiting[]>()
  let waiting = 0
  let running = 0

  const peek = (): Waiting | undefined => lines.values().next().value?.[0]

  /** Takes out what is next; its source goes behind all others. */
  const next = (): Waiting | undefined => {
    const [first] = lines
    if (first === undefined) return undefined
    const [from, line] = first
    const taken = line.shift()!
    lines.delete(from)
    if (line.length > 0) lines.set(from, line)
    waiting--
    taken.leave()
    return taken
  }

  /** Puts back what was taken and not begun, the sources in the order of their turns. */
  const putBack = (rest: readonly Waiting[]): void => {
    const before = [...lines]
    lines.clear()
    for (const one of rest) lines.set(one.from, [...(lines.get(one.from) ?? []), one])
    for (const [from, line] of before) lines.set(from, [...(lines.get(from) ?? []), ...line])
    waiting += rest.length
  }

  const takeTurn = (): void => {
    while (running < concurrency) {
      const first = next()
      if (first === undefined) return
      running++
      if (first.group === undefined) first.start()
      else void takeGroup(first, first.group)
    }
  }

  const takeGroup = async (first: Waiting, group: Group<unknown, unknown>): Promise<void> => {
    const items = [first]
    while (items.length < group.most && peek()?.group === group) items.push(next()!)
    try {
      const results = await group.take(items.map(({ item }) => item))
      putBack(items.slice(results.length))
      for (const [i, result] of results.entries()) items[i]?.settle(result)
    } catch (reason) {
      for (const item of items) item.settle({ status: 'rejected', reason })
    }
    done()
  }

  const done = (): void => {
    running--
    takeTurn()
  }

  const enter = (entry: Omit<Waiting, 'leave'>, signal: AbortSignal): void => {
    const line = lines.get(entry.from) ?? []
    if (line.length >= perSource) throw refuse('source')
    if (waiting >= total) throw refuse('all')
    const onAbort = (): void => {
      const found = lines.get(entry.from)
      const at = found?.indexOf(full) ?? -1
      if (found === undefined || at < 0) return
      found.splice(at, 1)
      if (found.length === 0) lines.delete(entry.from)
      waiting--
      entry.settle({ status: 'rejected', reason: signal.reason })
    }
    const full: Waiting = { ...entry, leave: () => signal.removeEventListener('abort', onAbort) }
    signal.addEventListener('abort', onAbort, { once: true })
    line.push(full)
    lines.set(entry.from, line)
    waiting++
    takeTurn()
  }

  return {
    async run(task, { from, signal }) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      enter({ from, start: resolve, settle: (result) => result.status === 'rejected' && reject(result.reason) }, signal)
      await promise
      try {
        return await task()
      } finally {
        done()
      }
    },
    async join(item, group, { from, signal }) {
      signal.throwIfAborted()
      type R = Awaited<ReturnType<typeof group.take>>[number] extends PromiseSettledResult<infer T> ? T : never
      const { promise, resolve, reject } = Promise.withResolvers<R>()
      const settle = (result: PromiseSettledResult<unknown>): void =>
        result.status === 'fulfilled' ? resolve(result.value as R) : reject(result.reason)
      enter({ from, item, group: group as Group<unknown, unknown>, start: () => {}, settle }, signal)
      return promise
    },
    get size() {
      return running + waiting
    },
  }
}
