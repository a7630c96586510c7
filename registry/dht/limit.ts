/** Takes a place among so many, waiting for one if need be; returns the function that gives it back. */
export type Limit = (signal?: AbortSignal) => Promise<() => void>

/** Bounded concurrency, first come, first served. A wait ends with its signal, if it has one. */
export function createLimit(places: number): Limit {
  let free = places
  const waiting = new Set<() => void>()

  const leave = () => {
    free++
    const [next] = waiting
    next?.()
  }

  return async (signal) => {
    signal?.throwIfAborted()
    if (free === 0) {
      const turn = Promise.withResolvers<void>()
      const abort = () => {
        waiting.delete(wake)
        turn.reject(signal?.reason)
      }
      const wake = () => {
        waiting.delete(wake)
        signal?.removeEventListener('abort', abort)
        free--
        turn.resolve()
      }
      waiting.add(wake)
      signal?.addEventListener('abort', abort, { once: true })
      await turn.promise
    } else {
      free--
    }
    let left = false
    return () => {
      if (!left) leave()
      left = true
    }
  }
}
