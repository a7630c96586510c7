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
  /** tasks that run or wait */
  readonly size: number
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

export function createFairQueue({ concurrency, perSource, total, refuse }: FairQueueInit): FairQueue {
  /** what waits, by source; the source whose turn is next comes first */
  const lines = new Map<string, (() => void)[]>()
  let waiting = 0
  let running = 0

  const takeTurn = (): void => {
    while (running < concurrency) {
      const [next] = lines
      if (next === undefined) return
      const [from, line] = next
      const start = line.shift()!
      lines.delete(from)
      if (line.length > 0) lines.set(from, line) // behind all others
      waiting--
      running++
      start()
    }
  }

  const leave = (from: string, start: () => void): boolean => {
    const line = lines.get(from)
    const at = line?.indexOf(start) ?? -1
    if (line === undefined || at < 0) return false
    line.splice(at, 1)
    if (line.length === 0) lines.delete(from)
    waiting--
    return true
  }

  const turn = (from: string, signal: AbortSignal): Promise<void> => {
    const line = lines.get(from) ?? []
    if (line.length >= perSource) throw refuse('source')
    if (waiting >= total) throw refuse('all')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      if (leave(from, start)) reject(signal.reason)
    }
    const start = (): void => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    line.push(start)
    lines.set(from, line)
    waiting++
    takeTurn()
    return promise
  }

  return {
    async run(task, { from, signal }) {
      signal.throwIfAborted()
      await turn(from, signal)
      try {
        return await task()
      } finally {
        running--
        takeTurn()
      }
    },
    get size() {
      return running + waiting
    },
  }
}
