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
   * As `run`, for work that is cheaper together: when it is the item's turn, `group.take` gets it with those of the same group that are
   * first of their sources, then with those behind them, and so on. Sources that wait for something else have the next turns.
   */
  join<I, R>(item: I, group: Group<I, R>, options: { from: string; signal: AbortSignal }): Promise<R>
  /** tasks that wait, run, or are still to be answered */
  readonly size: number
}

/** Work that is done for many at once. */
export interface Group<I, R> {
  /** items that it takes at a time, at least one */
  readonly most: number
  /** Resolves when the next turn may begin. If it fails, so do all items. */
  take(items: readonly I[]): Promise<Taken<R>>
}

/** Items whose turn it was. */
export interface Taken<R> {
  /** the first so many, at least one; the others go back to where they stood */
  count: number
  /** what became of them, in order: they may still be answered while others have their turn. If it fails, so do they. */
  results: Promise<PromiseSettledResult<R>[]>
}

export interface FairQueueInit {
  /** tasks that run at a time */
  concurrency: number
  /** tasks of one source that wait at a time */
  perSource: number
  /** tasks that wait at a time, of all sources; looked at whenever one comes */
  readonly total: number
  refuse: (whose: 'source' | 'all') => Error
}

/** Something that waits for its turn: one that begins by itself, or an item of a group. */
interface Waiting {
  from: string
  signal: AbortSignal
  group?: Group<unknown, unknown>
  item?: unknown
  /** it leaves the line when its caller loses patience */
  onAbort(): void
  start(): void
  settle(result: PromiseSettledResult<unknown>): void
}

export function createFairQueue(init: FairQueueInit): FairQueue {
  const { concurrency, perSource, refuse } = init
  /** what waits, by source; the source whose turn is next comes first */
  const lines = new Map<string, Waiting[]>()
  let waiting = 0
  let running = 0
  let unanswered = 0

  /** Takes out the first of a line; its source goes behind all others. */
  const takeFirst = (from: string, line: Waiting[]): Waiting => {
    const taken = line.shift()!
    lines.delete(from)
    if (line.length > 0) lines.set(from, line)
    waiting--
    taken.signal.removeEventListener('abort', taken.onAbort)
    return taken
  }

  /** Takes out items of a group, one of each source that has one, until there are enough or no source has one in front. */
  const gather = (group: Group<unknown, unknown>, most: number): Waiting[] => {
    const taken: Waiting[] = []
    for (let before = -1; before < taken.length && taken.length < most; ) {
      before = taken.length
      for (const [from, line] of [...lines])
        if (taken.length < most && line[0]!.group === group) taken.push(takeFirst(from, line))
    }
    return taken
  }

  /** Puts back what was taken and not begun, to the front of its lines, but behind the sources that were passed over. */
  const putBack = (rest: readonly Waiting[], passed: readonly string[]): void => {
    const still = rest.filter(({ signal }) => !signal.aborted)
    const bySource = Map.groupBy(still, ({ from }) => from)
    const before = new Map(lines)
    lines.clear()
    for (const from of new Set([...passed, ...bySource.keys(), ...before.keys()])) {
      const line = [...(bySource.get(from) ?? []), ...(before.get(from) ?? [])]
      if (line.length > 0) lines.set(from, line)
    }
    waiting += still.length
    for (const one of still) one.signal.addEventListener('abort', one.onAbort, { once: true })
    for (const { signal, settle } of rest) if (signal.aborted) settle({ status: 'rejected', reason: signal.reason })
  }

  const takeTurn = (): void => {
    while (running < concurrency) {
      const next = lines.entries().next().value
      if (next === undefined) return
      running++
      const first = takeFirst(...next)
      if (first.group === undefined) first.start()
      else void takeGroup(first, first.group)
    }
  }

  const takeGroup = async (first: Waiting, group: Group<unknown, unknown>): Promise<void> => {
    const items = [first, ...gather(group, group.most - 1)]
    const sources = new Set(items.map(({ from }) => from))
    const passed = [...lines.keys()].filter((from) => !sources.has(from))
    try {
      const { count, results } = await group.take(items.map(({ item }) => item))
      if (count < items.length) putBack(items.splice(count), passed)
      void answer(items, results)
    } catch (reason) {
      for (const item of items) item.settle({ status: 'rejected', reason })
    }
    done()
  }

  const answer = async (
    items: readonly Waiting[],
    results: Promise<PromiseSettledResult<unknown>[]>,
  ): Promise<void> => {
    unanswered += items.length
    const settled = await results.catch((reason): PromiseSettledResult<unknown>[] =>
      items.map(() => ({ status: 'rejected', reason })),
    )
    unanswered -= items.length
    for (const [i, result] of settled.entries()) items[i]?.settle(result)
  }

  const done = (): void => {
    running--
    takeTurn()
  }

  const enter = (entry: Omit<Waiting, 'onAbort'>): void => {
    const { from, signal, settle } = entry
    const line = lines.get(from) ?? []
    if (line.length >= perSource) throw refuse('source')
    if (waiting >= init.total) throw refuse('all')
    const full: Waiting = {
      ...entry,
      onAbort() {
        const found = lines.get(from)
        const at = found?.indexOf(full) ?? -1
        if (found === undefined || at < 0) return
        found.splice(at, 1)
        if (found.length === 0) lines.delete(from)
        waiting--
        settle({ status: 'rejected', reason: signal.reason })
      },
    }
    signal.addEventListener('abort', full.onAbort, { once: true })
    line.push(full)
    lines.set(from, line)
    waiting++
    takeTurn()
  }

  return {
    async run(task, { from, signal }) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const settle = (result: PromiseSettledResult<unknown>): unknown =>
        result.status === 'rejected' && reject(result.reason)
      enter({ from, signal, start: resolve, settle })
      await promise
      try {
        return await task()
      } finally {
        done()
      }
    },
    async join<I, R>(item: I, group: Group<I, R>, { from, signal }: { from: string; signal: AbortSignal }) {
      signal.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<R>()
      const settle = (result: PromiseSettledResult<unknown>): void =>
        result.status === 'fulfilled' ? resolve(result.value as R) : reject(result.reason)
      enter({ from, signal, item, group: group as Group<unknown, unknown>, start: () => {}, settle })
      return promise
    },
    get size() {
      return running + waiting + unanswered
    },
  }
}
