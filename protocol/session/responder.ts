import type { Limits } from '../constants.ts'
import { LARGE_ANSWERS, PART_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import type { Handler } from '../types.ts'
import { encodeFrame, type Request } from '../wire/frame.ts'
import { type Budget, createBudget } from './budget.ts'
import { createOutflow, type Outflow } from './outflow.ts'
import { type AnswerLine, roughBytes, sendError, sendResult, sendStream } from './send-answer.ts'
import { createTurns } from './turns.ts'
import type { MakeFrame, Priority } from './writer.ts'

/** The answering side of a session: runs handlers, a bounded number at a time, and answers each request once. */
export interface Responder {
  /**
   * @param size of the frame, in bytes
   * @throws ProtocolError ID_REUSED if its ID is not above all before it
   */
  serve(request: Request, size: number): void
  cancel(id: number): void
  /** The asker takes more of an answer. @throws ProtocolError CREDIT_INVALID */
  credit(id: number, bytes: number): void
  /** Aborts the signal of every handler; nothing more is answered. */
  abortAll(): void
  /** requests whose handler has not ended or whose answer is not written yet */
  readonly inFlight: number
}

export interface ResponderComponents {
  peer: string
  handlers: Record<string, Handler>
  budget: Budget
  send(make: MakeFrame, priority: Priority): void
}

type ResponderLimits = Pick<Limits, 'inFlight' | 'inFlightBytes' | 'streams' | 'heldBytes' | 'totalHeldBytes'>

/** A request from its coming until its answer has left. */
interface Serving {
  controller: AbortController
  outflow: Outflow
}

/**
 * Answers the requests of one peer on one session.
 *
 * @param components.handlers by method
 * @param onSettled told when a request has ended, answered or not
 */
export function createResponder(
  components: ResponderComponents,
  limits: ResponderLimits,
  onSettled: () => void = () => undefined,
): Responder {
  const { peer, handlers, send } = components
  const budget = createBudget({ requests: limits.inFlight, bytes: limits.inFlightBytes }, components.budget)
  const large = createTurns(LARGE_ANSWERS)
  const serving = new Map<number, Serving>()
  let lastId = 0
  let streams = 0

  function refuse(id: number, code: string, message: string, hint: string): void {
    send(() => encodeFrame({ type: 'error', id, code, message, hint }), 'call')
  }

  /** One session may have what no other needs. */
  function isHoldingTooMuch(): boolean {
    return budget.held > limits.heldBytes && components.budget.held > limits.totalHeldBytes
  }

  /** Nobody waits for the answer any more. */
  function drop(id: number, reason: ProtocolError): void {
    const dropped = serving.get(id)
    serving.delete(id)
    dropped?.controller.abort(reason)
  }

  async function answer(line: AnswerLine, { stream, method }: Request, result: unknown): Promise<void> {
    if (!isIterable(result)) {
      const bytes = roughBytes(result)
      // those that were taken on before it was too much must not add to it without end
      if (bytes > PART_BYTES && isHoldingTooMuch()) return sendError(line, notTaken())
      budget.hold(bytes)
      await sendResult(line, result)
      budget.hold(-bytes)
      return
    }
    if (!stream) return sendError(line, new ProtocolError('STREAM_REQUIRED', `${method} answers with a stream.`))
    if (streams >= limits.streams) {
      const hint = 'End one of them.'
      return sendError(line, new ProtocolError('BUSY', 'Too many streams are open on this session.', { hint }))
    }
    streams++
    await sendStream(line, result)
    streams--
  }

  async function run(request: Request, handler: Handler, { controller, outflow }: Serving): Promise<void> {
    const { id, method, body, timeoutMs } = request
    const { signal } = controller
    const line: AnswerLine = { id, signal, outflow, large, send }
    const timer = setTimeout(() => {
      drop(id, new ProtocolError('TIMED_OUT', 'The time of the request is over.'))
      refuse(id, 'TIMED_OUT', `${method} took longer than the ${timeoutMs} ms asked for.`, 'Allow more time.')
    }, timeoutMs)
    // A handler that ignores its signal must not hold the timer as well.
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
    try {
      const result = await handler(body, { peer, signal })
      // a stream may last; a result has to be taken in the time that was asked for
      if (isIterable(result)) clearTimeout(timer)
      await answer(line, request, result)
    } catch (error) {
      await sendError(line, error)
    }
    clearTimeout(timer)
    if (serving.get(id)?.controller === controller) serving.delete(id)
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
      if (isHoldingTooMuch() || !budget.take(size)) {
        return refuse(id, 'BUSY', 'The peer serves as many requests as it can.', 'Ask again in a moment.')
      }
      const begun: Serving = { controller: new AbortController(), outflow: createOutflow() }
      serving.set(id, begun)
      void run(request, handlers[method]!, begun).finally(() => {
        budget.give(size)
        onSettled()
      })
    },

    cancel(id) {
      drop(id, new ProtocolError('CANCELLED', 'The peer gave the request up.'))
    },

    credit(id, bytes) {
      serving.get(id)?.outflow.grant(bytes)
    },

    abortAll() {
      for (const id of [...serving.keys()])
        drop(id, new ProtocolError('CONNECTION_LOST', 'The session with the peer is over.'))
    },
  }
}

/** The request may have been carried out. */
function notTaken(): ProtocolError {
  const message = 'The answer was dropped: too many large ones wait to be taken.'
  return new ProtocolError('TIMED_OUT', message, { hint: 'Take answers before asking for more.' })
}

function isIterable(result: unknown): result is AsyncIterable<unknown> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result
}
