import { type Budget, createBudget } from './budget.ts'
import { toCodedError } from './coded-error.ts'
import type { Limits } from './constants.ts'
import { ProtocolError } from './errors.ts'
import { encodeFrame, type Frame, type Request } from './frame.ts'
import type { Handler } from './types.ts'
import type { MakeFrame } from './writer.ts'

/** The answering side of a session: runs handlers, a bounded number at a time, and answers each request once. */
export interface Responder {
  /**
   * @param size of the frame, in bytes
   * @throws ProtocolError ID_REUSED if its ID is not above all before it
   */
  serve(request: Request, size: number): void
  cancel(id: number): void
  /** Aborts the signal of every handler; nothing more is answered. */
  abortAll(): void
  /** requests whose handler has not ended or whose answer is not written yet */
  readonly inFlight: number
}

export function createResponder(
  components: { peer: string; handlers: Record<string, Handler>; budget: Budget; send: (make: MakeFrame) => void },
  limits: Pick<Limits, 'inFlight' | 'inFlightBytes'>,
  onSettled: () => void = () => undefined,
): Responder {
  const { peer, handlers, send } = components
  const budget = createBudget({ requests: limits.inFlight, bytes: limits.inFlightBytes }, components.budget)
  const running = new Map<number, AbortController>()
  /** handlers that are done, with their answers still to be written */
  const ending = new Set<AbortController>()
  let lastId = 0

  function refuse(id: number, code: string, message: string, hint: string): void {
    send(() => encodeFrame({ type: 'error', id, code, message, hint }))
  }

  async function run(request: Request, handler: Handler, controller: AbortController): Promise<void> {
    const { id, method, body, timeoutMs } = request
    const timer = setTimeout(() => {
      running.delete(id)
      controller.abort(new ProtocolError('TIMED_OUT', 'The time of the request is over.'))
      refuse(id, 'TIMED_OUT', `${method} took longer than the ${timeoutMs} ms asked for.`, 'Allow more time.')
    }, timeoutMs)
    // A handler that ignores its signal must not hold the timer as well.
    controller.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    let answer: MakeFrame
    try {
      const result = await handler(body, { peer, signal: controller.signal })
      answer = () => encodeResult(id, result)
    } catch (error) {
      answer = () => encodeFrame({ type: 'error', id, ...toCodedError(error) })
    }
    clearTimeout(timer)
    // No longer running here: cancelled, out of time, or the session is over. Nobody waits for the answer.
    if (running.get(id) !== controller) return
    running.delete(id)
    await new Promise<void>((written) => {
      // Aborted by the end of the session, if the answer never gets its turn.
      controller.signal.addEventListener('abort', () => written(), { once: true })
      ending.add(controller)
      send(() => {
        written()
        return answer()
      })
    })
    ending.delete(controller)
  }

  return {
    get inFlight() {
      return budget.requests
    },

    serve(request, size) {
      const { id, method } = request
      if (id <= lastId) throw new ProtocolError('ID_REUSED', 'The peer used a request ID again.', { party: 'remote' })
      lastId = id
      if (!Object.hasOwn(handlers, method)) {
        return refuse(id, 'UNKNOWN_METHOD', `The peer does not serve ${method}.`, 'It may run an older version.')
      }
      if (!budget.take(size)) {
        return refuse(id, 'BUSY', 'The peer serves as many requests as it can.', 'Ask again in a moment.')
      }
      const controller = new AbortController()
      running.set(id, controller)
      void run(request, handlers[method]!, controller).finally(() => {
        budget.give(size)
        onSettled()
      })
    },

    cancel(id) {
      const controller = running.get(id)
      running.delete(id)
      controller?.abort(new ProtocolError('CANCELLED', 'The peer gave the request up.'))
    },

    abortAll() {
      const controllers = [...running.values(), ...ending]
      running.clear()
      for (const controller of controllers)
        controller.abort(new ProtocolError('CONNECTION_LOST', 'The session with the peer is over.'))
    },
  }
}

function encodeResult(id: number, result: unknown): Uint8Array {
  try {
    return encodeFrame({ type: 'response', id, body: result ?? null })
  } catch (error) {
    const isTooLarge = (error as ProtocolError).code === 'FRAME_TOO_LARGE'
    const failure: Frame = isTooLarge
      ? {
          type: 'error',
          id,
          code: 'RESULT_TOO_LARGE',
          message: 'The result is larger than a frame can be.',
          hint: 'Ask for a part of it.',
        }
      : { type: 'error', id, ...toCodedError(undefined) }
    return encodeFrame(failure)
  }
}
