export interface Patience {
  ms: number
  signal: AbortSignal
  /** makes the error that the wait ends with when the time is over */
  late: () => Error
}

/**
 * Waits for `work` no longer than `ms`, and no longer than `signal` lasts, whether or not the work heeds the signal that it is
 * given. What it does after that is nobody's concern.
 */
export async function within<T>(
  { ms, signal, late }: Patience,
  work: (options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const own = new AbortController()
  const both = AbortSignal.any([signal, own.signal])
  const timer = setTimeout(() => own.abort(late()), ms)
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(both.reason)
  both.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work({ signal: both }), ended])
  } finally {
    clearTimeout(timer)
    both.removeEventListener('abort', onAbort)
  }
}
