/** How an answer leaves: in one frame if it fits one, else in parts; a stream item by item, as fast as the asker takes them. */
import { toCodedError } from '../coded-error.ts'
import { MAX_ANSWER_FRAME_BYTES, PART_BYTES } from '../constants.ts'
import { ProtocolError } from '../errors.ts'
import { encodeFrame } from '../wire/frame.ts'
import { encodePieces, partsOf } from '../wire/large-body.ts'
import { encodePart } from '../wire/part-frame.ts'
import { waitFor } from './interrupted.ts'
import type { Outflow } from './outflow.ts'
import type { Turns } from './turns.ts'
import type { MakeFrame, Priority } from './writer.ts'

/** Where the frames of one answer go. */
export interface AnswerLine {
  id: number
  /** aborted when nobody waits for the answer any more */
  signal: AbortSignal
  outflow: Outflow
  /** large answers of the session take turns */
  large: Turns
  send(make: MakeFrame, priority: Priority): void
}

/** Resolves when the last frame has had its turn, or nobody waits any more. Never rejects: what cannot be sent becomes an error. */
export async function sendResult(line: AnswerLine, result: unknown): Promise<void> {
  try {
    if (await sendWhole(line, result, true)) return
    await line.large.run(() => sendParts(line, result, true), line.signal)
  } catch (error) {
    await sendError(line, asSent(error))
  }
}

/**
 * Pulls the next item only when the one before has left. The iterator is told to stop when the asker goes away or an item cannot be sent.
 * Never rejects.
 */
export async function sendStream(line: AnswerLine, items: AsyncIterable<unknown>): Promise<void> {
  const { id, signal } = line
  const iterator = items[Symbol.asyncIterator]()
  void turn(line, () => encodeFrame({ type: 'accepted', id }), 'call')
  try {
    while (!signal.aborted) {
      await line.outflow.ready(signal)
      const { done, value } = await waitFor(Promise.resolve(iterator.next()), signal)
      if (done) return await turn(line, () => encodeFrame({ type: 'end', id }), 'call')
      if (!(await sendWhole(line, value, false))) await line.large.run(() => sendParts(line, value, false), signal)
    }
  } catch (error) {
    await sendError(line, asSent(error))
  } finally {
    // a generator that waits for something ends when that comes: nobody waits for it here
    Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}

/** In the class of the answer's other frames, so that it comes after them. */
export function sendError(line: AnswerLine, error: unknown): Promise<void> {
  return turn(line, () => encodeFrame({ type: 'error', id: line.id, ...toCodedError(error) }), 'call')
}

/** False, and nothing was sent: it is too large for one frame. */
async function sendWhole(line: AnswerLine, body: unknown, final: boolean): Promise<boolean> {
  const { id, outflow } = line
  if (roughBytes(body) > PART_BYTES) return false
  let failure: unknown
  let fits = true
  await turn(
    line,
    () => {
      try {
        const frame = encodeFrame({ type: final ? 'response' : 'item', id, body: body ?? null })
        fits = frame.length <= MAX_ANSWER_FRAME_BYTES
        if (!fits) return undefined
        if (!final) outflow.spend(frame.length)
        return frame
      } catch (error) {
        fits = !isTooLarge(error)
        if (fits) failure = error
        return undefined
      }
    },
    final ? 'call' : 'bulk',
  )
  if (failure !== undefined) throw failure
  return fits
}

async function sendParts(line: AnswerLine, body: unknown, final: boolean): Promise<void> {
  const { id, outflow, signal } = line
  const pieces = encodePieces(body)
  const size = pieces.reduce((sum, { length }) => sum + length, 0)
  for (const bytes of partsOf(pieces)) {
    await outflow.ready(signal)
    if (signal.aborted) return
    await turn(
      line,
      () => {
        const frame = encodePart({ id, bytes, size, final })
        outflow.spend(frame.length)
        return frame
      },
      'bulk',
    )
  }
}

/** Resolves when the frame has had its turn; it is not made when nobody waits for it any more. */
function turn({ signal, send }: AnswerLine, make: MakeFrame, priority: Priority): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
    send(() => {
      done()
      return signal.aborted ? undefined : make()
    }, priority)
  })
}

/** What the asker is told of an answer that cannot be sent. Errors of a handler's own are not touched. */
function asSent(error: unknown): unknown {
  if (!(error instanceof ProtocolError) || error.party !== 'local') return error
  if (!isTooLarge(error)) return error.code.startsWith('FRAME_') ? undefined : error
  return new ProtocolError('RESULT_TOO_LARGE', 'The result is larger than an answer can be.', {
    hint: 'Ask for a part of it.',
  })
}

const isTooLarge = (error: unknown): boolean => (error as ProtocolError).code === 'FRAME_TOO_LARGE'

/** At least so many bytes are in a value, as far as its fields and the items of lists in them tell: to know what is large without encoding it. */
export function roughBytes(value: unknown): number {
  const of = (one: unknown): number => (one instanceof Uint8Array || typeof one === 'string' ? one.length : 0)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return of(value)
  let bytes = 0
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    bytes += of(field)
    if (Array.isArray(field)) for (const item of field) bytes += of(item)
  }
  return bytes
}
