import { ProtocolError } from '../errors.ts'
import type { Frame } from '../wire/frame.ts'
import { unexpected } from './endings.ts'
import { createInflow, type Inflow, type InflowParts } from './inflow.ts'

/** What may come back for a request. */
export type Answer = Extract<Frame, { type: 'accepted' | 'response' | 'item' | 'part' | 'end' | 'error' }>

/** What becomes of the answer to one request. */
export interface Reply {
  /** @returns whether it was the last. @throws ProtocolError when the frame has no place in this answer */
  take(answer: Answer, frameBytes: number): boolean
  fail(error: ProtocolError): void
  /** Nobody waits for it any more. */
  drop(): void
}

export interface ReplyParts extends InflowParts {
  /** the peer has begun to answer: its time is no longer counted */
  onBegun(): void
}

/** An answer of one value. */
export function createSingleReply(parts: ReplyParts): { reply: Reply; value: Promise<unknown> } {
  /** there once an answer comes in parts: most fit one frame */
  let inflow: Inflow | undefined
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const done = (value: unknown): true => {
    inflow?.end()
    resolve(value)
    return true
  }
  const fail = (error: ProtocolError): true => {
    inflow?.end()
    reject(error)
    return true
  }
  const reply: Reply = {
    take(answer, frameBytes) {
      if (answer.type === 'error') return fail(remoteError(answer))
      if (answer.type === 'response' && !inflow?.isInside) return done(answer.body)
      if (answer.type !== 'part' || !answer.final) throw unexpected(`${answer.type} in an answer that is no stream`)
      inflow ??= createInflow(parts)
      const whole = inflow.part(answer, frameBytes)
      return whole !== undefined && done(whole.value)
    },
    fail,
    drop: () => inflow?.end(),
  }
  return { reply, value: promise }
}

/** An answer of many values, kept until they are consumed: what waits is bounded by the credit that was granted. */
export function createStreamReply(parts: ReplyParts): {
  reply: Reply
  next(): Promise<IteratorResult<unknown, undefined>>
} {
  const inflow = createInflow(parts)
  let items: { value: unknown; bytes: number }[] = []
  let ended: { error?: ProtocolError } | undefined
  let wake: () => void = () => {}

  const end = (how: { error?: ProtocolError }): true => {
    ended ??= how
    inflow.end()
    wake()
    return true
  }
  const add = (value: unknown, bytes: number): void => {
    items.push({ value, bytes })
    wake()
  }
  const reply: Reply = {
    take(answer, frameBytes) {
      parts.onBegun()
      if (answer.type === 'accepted') return false
      if (answer.type === 'error') return end({ error: remoteError(answer) })
      if (answer.type === 'part') {
        const whole = inflow.part(answer, frameBytes)
        if (whole) add(whole.value, whole.bytes)
        return whole !== undefined && answer.final && end({})
      }
      if (inflow.isInside) throw unexpected(`${answer.type} inside an item`)
      if (answer.type === 'item') inflow.item(frameBytes)
      if (answer.type !== 'end') add(answer.body, answer.type === 'item' ? frameBytes : 0)
      return answer.type !== 'item' && end({})
    },
    fail: (error) => end({ error }),
    drop() {
      items = []
      end({})
    },
  }
  return {
    reply,
    async next() {
      while (items.length === 0) {
        if (ended?.error) throw ended.error
        if (ended) return { done: true, value: undefined }
        await new Promise<void>((resolve) => (wake = resolve))
      }
      const { value, bytes } = items.shift()!
      inflow.consumed(bytes)
      return { done: false, value }
    },
  }
}

function remoteError({ code, message, hint }: Extract<Frame, { type: 'error' }>): ProtocolError {
  return new ProtocolError(code, message, { hint, party: 'remote' })
}
