/** Of the calls of a job whose callers may go away. */
export type Signals = readonly (AbortSignal | undefined)[]

/** Tells of the calls whose signals abort until the job is done. */
export async function heeding<T>(signals: Signals, giveUp: (call: number) => void, job: Promise<T>): Promise<T> {
  const stops = signals.map((signal, call) => {
    const onAbort = (): void => giveUp(call)
    if (signal?.aborted) onAbort()
    else signal?.addEventListener('abort', onAbort, { once: true })
    return () => signal?.removeEventListener('abort', onAbort)
  })
  try {
    return await job
  } finally {
    for (const stop of stops) stop()
  }
}
