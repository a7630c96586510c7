/** A signal that fires after a time, with any of its sources, or when it is ended. */
export interface Deadline {
  signal: AbortSignal
  /** Lets go of timer and sources, and fires the signal for whoever still works under it. */
  end(): void
}

/** Composes by hand: AbortSignal.any keeps what it composes alive for as long as the longest-lived of its sources. */
export function createDeadline(ms: number, sources: readonly AbortSignal[], reason: () => Error): Deadline {
  const controller = new AbortController()
  const abort = (event: Event) => controller.abort((event.target as AbortSignal).reason)
  const timer = setTimeout(() => controller.abort(reason()), ms)
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason)
    source.addEventListener('abort', abort, { once: true })
  }

  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer)
      for (const source of sources) source.removeEventListener('abort', abort)
      controller.abort()
    },
  }
}

/** Waits for `work`, but not longer than `signal` allows; what it is waiting on may ignore the signal. */
export async function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Runs work under a deadline and ends it with that; work that ignores its signal is left behind. */
export async function within<T>(
  ms: number,
  sources: readonly AbortSignal[],
  reason: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = createDeadline(ms, sources, reason)
  try {
    deadline.signal.throwIfAborted()
    return await raceSignal(work(deadline.signal), deadline.signal)
  } finally {
    deadline.end()
  }
}
