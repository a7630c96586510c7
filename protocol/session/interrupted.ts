import { ProtocolError } from '../errors.ts'

/** What a caller's aborted signal means: its time is over, or it gave up. */
export function interrupted(signal: AbortSignal): ProtocolError {
  const reason = signal.reason as { name?: unknown; code?: unknown } | undefined
  if (reason?.name === 'TimeoutError' || reason?.code === 'TIMED_OUT') {
    return new ProtocolError('TIMED_OUT', 'The time that the caller allowed is over.', { hint: 'Allow more time.' })
  }
  return new ProtocolError('CANCELLED', 'The caller gave the request up.')
}

/** Waits for what others wait for, too: the signal ends the waiting and not the work. */
export async function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw interrupted(signal)
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(interrupted(signal))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
