import type { Limits } from './constants.ts'
import { MAX_TIMEOUT_MS } from './constants.ts'
import { ProtocolError } from './errors.ts'
import { encodeFrame, type Frame } from './frame.ts'
import { interrupted } from './interrupted.ts'

export interface RequestOptions {
  signal: AbortSignal
  timeoutMs?: number | undefined
  onSent?: (() => void) | undefined
}

/** The asking side of a session: numbers requests, keeps a bounded number in flight, and brings each to an end. */
export interface Requester {
  request(method: string, body: unknown, options: RequestOptions): Promise<unknown>
  /** Hands an answer to whoever waits for it; false if nobody does. */
  settle(answer: Extract<Frame, { type: 'response' | 'error' }>): boolean
  /** Requests that were not sent yet fail with this error; those in flight go on. */
  failWaiting(error: ProtocolError): void
  failAll(error: ProtocolError): void
  /** in flight and waiting */
  readonly open: number
  readonly inFlight: number
}

interface Pending {
  id: number
  bytes: Uint8Array
  sent: boolean
  onSent: (() => void) | undefined
  resolve(body: unknown): void
  reject(error: ProtocolError): void
}

type RequesterLimits = Pick<Limits, 'inFlight' | 'inFlightBytes' | 'waiting' | 'waitingBytes' | 'requestMs'>

/** @param send puts frames in the session's outgoing queue; onSettled is told when a request ended */
export function createRequester(
  limits: RequesterLimits,
  send: (bytes: Uint8Array) => void,
  onSettled: () => void = () => undefined,
): Requester {
  const pending = new Map<number, Pending>()
  // A queue in order of IDs: ascending IDs on the stream are what lets the peer see that none is used twice.
  const waiting = new Map<number, Pending>()
  let lastId = 0
  let sentBytes = 0
  let waitingBytes = 0

  function pump(): void {
    for (const request of waiting.values()) {
      const size = request.bytes.byteLength
      if (pending.size >= limits.inFlight || (pending.size > 0 && sentBytes + size > limits.inFlightBytes)) return
      waiting.delete(request.id)
      waitingBytes -= size
      pending.set(request.id, request)
      sentBytes += size
      request.sent = true
      request.onSent?.()
      send(request.bytes)
    }
  }

  function remove(request: Pending): void {
    const size = request.bytes.byteLength
    if (pending.delete(request.id)) sentBytes -= size
    else if (waiting.delete(request.id)) waitingBytes -= size
    pump()
    onSettled()
  }

  /** They leave the queue at once, lest an ending request makes room and sends them. */
  function failWaiting(error: ProtocolError): void {
    for (const request of waiting.values()) request.reject(error)
    waiting.clear()
    waitingBytes = 0
  }

  function encode(id: number, method: string, body: unknown, timeoutMs: number): Uint8Array {
    try {
      return encodeFrame({ type: 'request', id, method, body: body ?? null, timeoutMs })
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

  return {
    get open() {
      return pending.size + waiting.size
    },
    get inFlight() {
      return pending.size
    },

    async request(method, body, { signal, timeoutMs = limits.requestMs, onSent }) {
      if (signal.aborted) throw interrupted(signal)
      const deadline = Math.max(1, Math.min(MAX_TIMEOUT_MS, Math.floor(timeoutMs)))
      const bytes = encode(lastId + 1, method, body, deadline)
      const isFull =
        waiting.size >= limits.waiting || (waiting.size > 0 && waitingBytes + bytes.byteLength > limits.waitingBytes)
      if (isFull) {
        throw new ProtocolError('BUSY', 'Too many requests to this peer are waiting here already.', {
          hint: 'Ask again when some have ended.',
        })
      }
      const id = ++lastId
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      const request: Pending = { id, bytes, sent: false, onSent, resolve, reject }
      const giveUp = (error: ProtocolError): void => {
        if (request.sent) send(encodeFrame({ type: 'cancel', id }))
        reject(error)
      }
      const timer = setTimeout(() => {
        const message = `The peer did not answer ${method} within ${deadline} ms.`
        giveUp(new ProtocolError('TIMED_OUT', message, { party: 'network', hint: 'Ask again, or allow more time.' }))
      }, deadline)
      const onAbort = (): void => giveUp(interrupted(signal))
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(id, request)
      waitingBytes += bytes.byteLength
      pump()
      try {
        return await promise
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        remove(request)
      }
    },

    settle(answer) {
      const request = pending.get(answer.id)
      if (request === undefined) return false
      if (answer.type === 'response') request.resolve(answer.body)
      else request.reject(new ProtocolError(answer.code, answer.message, { hint: answer.hint, party: 'remote' }))
      return true
    },

    failWaiting,

    failAll(error) {
      failWaiting(error)
      for (const request of pending.values()) request.reject(error)
    },
  }
}
