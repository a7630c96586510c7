import type { Limits } from '../constants.ts'
import { LARGE_ANSWERS, MAX_REMEMBERED_CANCELS, MAX_TIMEOUT_MS } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { encodeFrame, type Request } from '../wire/frame.ts'
import { unexpected } from './endings.ts'
import type { InflowParts } from './inflow.ts'
import { interrupted } from './interrupted.ts'
import { type Answer, createSingleReply, createStreamReply, type Reply, type ReplyParts } from './reply.ts'
import { createTurns } from './turns.ts'
import type { MakeFrame, Priority } from './writer.ts'

export interface RequestOptions {
  signal: AbortSignal
  timeoutMs?: number | undefined
  onSent?: (() => void) | undefined
}

/** The asking side of a session: numbers requests, keeps a bounded number in flight, and brings each to an end. */
export interface Requester {
  request(method: string, body: unknown, options: RequestOptions): Promise<unknown>
  /** Begins when the first item is asked for. Leaving the loop, or the signal, cancels it. */
  stream(method: string, body: unknown, options: RequestOptions): AsyncGenerator<unknown, void, undefined>
  /**
   * Hands a frame to whoever waits for it; false if nobody does any more.
   *
   * @throws ProtocolError FRAME_UNEXPECTED for what was never asked for, CREDIT_EXCEEDED
   */
  settle(answer: Answer, frameBytes: number): boolean
  /** Requests that were not sent yet fail with this error; those in flight go on. */
  failWaiting(error: ProtocolError): void
  failAll(error: ProtocolError): void
  /** in flight and waiting */
  readonly open: number
  readonly inFlight: number
}

interface Pending {
  readonly id: number
  readonly size: number
  /** its frame, until it is sent */
  frame: Uint8Array | undefined
  reply: Reply
  onSent: (() => void) | undefined
}

type RequesterLimits = Pick<Limits, 'inFlight' | 'inFlightBytes' | 'waiting' | 'waitingBytes' | 'requestMs'>

export interface RequesterParts {
  /** puts frames in the session's outgoing queue */
  send(make: MakeFrame, priority: Priority): void
  /** calls back when the peer may send more */
  beforeCredit(give: () => void): void
  /** of its large answers */
  window: InflowParts['window']
}

/** @param onSettled is told when a request ended */
export function createRequester(
  limits: RequesterLimits,
  { send, beforeCredit, window }: RequesterParts,
  onSettled: () => void = () => undefined,
): Requester {
  const pending = new Map<number, Pending>()
  // A queue in order of IDs: ascending IDs on the stream are what lets the peer see that none is used twice.
  const waiting = new Map<number, Pending>()
  /** given up after they were sent, the oldest first: what crosses with their cancel is no offence */
  const cancelled = new Set<number>()
  const turns = createTurns(LARGE_ANSWERS)
  let lastId = 0
  let sentBytes = 0
  let waitingBytes = 0

  function pump(): void {
    for (const request of waiting.values()) {
      const { id, size } = request
      if (pending.size >= limits.inFlight || (pending.size > 0 && sentBytes + size > limits.inFlightBytes)) return
      waiting.delete(id)
      waitingBytes -= size
      pending.set(id, request)
      sentBytes += size
      send(() => {
        const { frame } = request
        if (!pending.has(id)) return undefined
        request.frame = undefined
        request.onSent?.()
        return frame
      }, 'call')
    }
  }

  function remove(request: Pending): void {
    const { id, size } = request
    if (pending.delete(id)) sentBytes -= size
    else if (waiting.delete(id)) waitingBytes -= size
    else return
    pump()
    onSettled()
  }

  function cancel(request: Pending): void {
    const { id } = request
    const isSent = pending.has(id) && request.frame === undefined
    remove(request)
    if (!isSent) return
    cancelled.add(id)
    if (cancelled.size > MAX_REMEMBERED_CANCELS) cancelled.delete(cancelled.keys().next().value!)
    send(() => encodeFrame({ type: 'cancel', id }), 'control')
  }

  /** They leave the queue at once, lest an ending request makes room and sends them. */
  function failWaiting(error: ProtocolError): void {
    const all = [...waiting.values()]
    waiting.clear()
    waitingBytes = 0
    for (const { reply } of all) reply.fail(error)
  }

  function admit(size: number): void {
    if (waiting.size < limits.waiting && (waiting.size === 0 || waitingBytes + size <= limits.waitingBytes)) return
    throw new ProtocolError('BUSY', 'Too many requests to this peer are waiting here already.', {
      hint: 'Ask again when some have ended.',
    })
  }

  /** Puts a request in line. Whoever asked calls `leave` when nothing more of it is wanted. */
  function enter<T extends { reply: Reply }>(
    { method, body, stream }: { method: string; body: unknown; stream: boolean },
    { signal, timeoutMs = limits.requestMs, onSent }: RequestOptions,
    create: (parts: ReplyParts) => T,
  ): T & { leave(): void } {
    if (signal.aborted) throw interrupted(signal)
    const deadline = Math.max(1, Math.min(MAX_TIMEOUT_MS, Math.floor(timeoutMs)))
    const id = lastId + 1
    const frame = encodeRequest({ type: 'request', id, method, body: body ?? null, stream, timeoutMs: deadline })
    admit(frame.byteLength)
    lastId = id
    const giveUp = (error: ProtocolError): void => {
      cancel(request)
      request.reply.fail(error)
    }
    const timer = setTimeout(() => {
      const message = `The peer did not answer ${method} within ${deadline} ms.`
      giveUp(new ProtocolError('TIMED_OUT', message, { party: 'network', hint: 'Ask again, or allow more time.' }))
    }, deadline)
    const created = create({
      turns,
      window,
      grant: (bytes) => beforeCredit(() => send(() => encodeFrame({ type: 'credit', id, bytes }), 'control')),
      onBegun: () => clearTimeout(timer),
    })
    const request: Pending = { id, size: frame.byteLength, frame, reply: created.reply, onSent }
    const onAbort = (): void => giveUp(interrupted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
    waiting.set(id, request)
    waitingBytes += request.size
    pump()
    const leave = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      cancel(request)
      request.reply.drop()
    }
    return { ...created, leave }
  }

  return {
    get open() {
      return pending.size + waiting.size
    },
    get inFlight() {
      return pending.size
    },

    async request(method, body, options) {
      const { value, leave } = enter({ method, body, stream: false }, options, createSingleReply)
      try {
        return await value
      } finally {
        leave()
      }
    },

    async *stream(method, body, options) {
      const { next, leave } = enter({ method, body, stream: true }, options, createStreamReply)
      try {
        for (let item = await next(); !item.done; item = await next()) yield item.value
      } finally {
        leave()
      }
    },

    settle(answer, frameBytes) {
      const request = pending.get(answer.id)
      if (request !== undefined && request.frame === undefined) {
        if (request.reply.take(answer, frameBytes)) remove(request)
        return true
      }
      if (cancelled.has(answer.id)) return false
      throw unexpected(`${answer.type} for nothing that was asked`)
    },

    failWaiting,

    failAll(error) {
      failWaiting(error)
      for (const { reply } of pending.values()) reply.fail(error)
    },
  }
}

function encodeRequest(request: Request): Uint8Array {
  try {
    return encodeFrame(request)
  } catch (error) {
    const { code, message } = error as ProtocolError
    if (code === 'FRAME_TOO_LARGE') {
      throw new ProtocolError('REQUEST_TOO_LARGE', 'The request is larger than a frame can be.', {
        hint: 'Send less at a time.',
      })
    }
    throw new ProtocolError('REQUEST_INVALID', `The request cannot be sent: ${message}`)
  }
}
