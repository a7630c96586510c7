import { GRACE_MS } from './constants.ts'
import { ApiError } from './errors.ts'

export interface PatienceInit {
  timeoutMs: number
  /** for how long at most the work may start that time anew, in milliseconds; @default 0 */
  renewableMs?: number
  /** aborts when the client went away or the daemon stops; its reason is the answer */
  gone: AbortSignal
  /** what is being waited for, for the message */
  what: string
}

/**
 * Runs `work` with a signal that fires when the time is up or the caller is gone, and settles soon after that even if `work`
 * does not: a coded error that it gives within the grace says more than "timed out" and is preferred.
 *
 * @param work its second argument starts the time anew, as long as that is allowed
 */
export async function withPatience<T>(
  work: (signal: AbortSignal, renew: () => void) => Promise<T>,
  init: PatienceInit,
): Promise<T> {
  const controller = new AbortController()
  const timedOut = new ApiError(
    'TIMED_OUT',
    `'${init.what}' was not done within ${init.timeoutMs} ms.`,
    'wait longer with --timeout, or look at amigo status: a peer may be out of reach',
  )
  const leave = () => controller.abort(init.gone.reason)
  const deadline = setTimeout(() => controller.abort(timedOut), init.timeoutMs)
  let renewableUntil = performance.now() + (init.renewableMs ?? 0)
  const renew = () => {
    if (!controller.signal.aborted && performance.now() < renewableUntil) deadline.refresh()
  }
  let grace: NodeJS.Timeout | undefined
  const impatience = new Promise<never>((_, reject) => {
    controller.signal.addEventListener(
      'abort',
      () => {
        grace = setTimeout(() => reject(controller.signal.reason), GRACE_MS)
      },
      { once: true },
    )
  })
  init.gone.addEventListener('abort', leave, { once: true })
  if (init.gone.aborted) leave()
  try {
    return await Promise.race([work(controller.signal, renew), impatience])
  } catch (error) {
    // an abort seen from inside comes out as AbortError or TimeoutError, which say nothing to a caller
    if (controller.signal.aborted && isAbort(error)) throw controller.signal.reason
    throw error
  } finally {
    // a handler that goes on reporting must not start it again
    renewableUntil = 0
    clearTimeout(deadline)
    clearTimeout(grace)
    init.gone.removeEventListener('abort', leave)
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}
