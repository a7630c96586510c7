/** So many at a time, in the order in which they came. */
export interface Turns {
  /** Runs when there is room; not at all, and resolves, if the signal is aborted before. */
  run(work: () => Promise<void>, signal: AbortSignal): Promise<void>
}

export function createTurns(most: number): Turns {
  const waiting = new Set<() => void>()
  let running = 0

  function next(): void {
    for (const begin of waiting) {
      if (running >= most) return
      waiting.delete(begin)
      running++
      begin()
    }
  }

  return {
    async run(work, signal) {
      if (signal.aborted) return
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const begin = (): void => resolve(true)
      const onAbort = (): void => resolve(!waiting.delete(begin))
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.add(begin)
      next()
      if (!(await promise)) return
      try {
        await work()
      } finally {
        signal.removeEventListener('abort', onAbort)
        running--
        next()
      }
    },
  }
}
