/** Pauses before another try: each twice as long as the one before, less up to half of it by chance, so that those who were cut off together do not come back together. */

export interface Pacing {
  firstMs: number
  mostMs: number
  /** how many there are */
  tries: number
}

export interface Pauses {
  /** How many there were since the last that was counted as over. */
  readonly count: number
  /** Milliseconds to wait before the next try; undefined if there were enough. */
  next(): number | undefined
  /** It went well since: it begins anew. */
  reset(): void
}

export function createPauses({ firstMs, mostMs, tries }: Pacing): Pauses {
  let count = 0
  return {
    get count() {
      return count
    },
    next() {
      if (count >= tries) return undefined
      const longest = Math.min(mostMs, firstMs * 2 ** count)
      count++
      return longest * (1 - Math.random() / 2)
    },
    reset() {
      count = 0
    },
  }
}

/** Waits, but not longer than somebody waits for it. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, milliseconds)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
  })
}
