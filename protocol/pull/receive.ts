import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { ProtocolError } from '../errors.ts'
import { interrupted } from '../session/interrupted.ts'
import type { PullLimits } from './constants.ts'
import { encodeVarint } from './entries.ts'
import { createEntryReader } from './entry-reader.ts'
import { lost, offence, stalled } from './errors.ts'
import { farewell } from './farewell.ts'
import type { Intake } from './intake.ts'
import { encodeRequest, type PullRequest } from './request.ts'
import type { Sink } from './sink.ts'

export interface Reception {
  /** Tells that there may be room in the sink again, or that it failed: then nothing more is read. */
  onTurn(failure: unknown): void
  /** Resolves at the end of the walk, when the stream is closed. Rejects with why there is none, the stream being reset. */
  done: Promise<void>
}

export interface ReceptionParts {
  intake: Intake
  sink: Pick<Sink, 'push' | 'isFull'>
  onBlock(): void
}

/**
 * Asks on a stream that was just opened, and reads what comes. Back-pressure is the stream's own: it is not read while the sink is full,
 * and its window is smaller than what it may hold unread (specs/node.md).
 */
export function receive(
  stream: Stream,
  request: PullRequest,
  { intake, sink, onBlock }: ReceptionParts,
  { limits, signal }: { limits: PullLimits; signal: AbortSignal },
): Reception {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>()
  let isOver = false
  let isPaused = false
  let isResuming = false
  let received = 0
  let sinceCheck = 0
  let wasPaused = false

  const reader = createEntryReader({
    block(bytes) {
      sink.push(intake.block(bytes))
      onBlock()
    },
    missing: intake.absent,
    end() {
      intake.end()
      finish()
    },
    failure: (error) => fail(error),
  })

  function settle(): boolean {
    if (isOver) return false
    isOver = true
    clearTimeout(watch)
    signal.removeEventListener('abort', onAbort)
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('close', onClose)
    stream.removeEventListener('end', onEnd)
    return true
  }

  function fail(error: unknown): void {
    if (!settle()) return
    stream.abort(error as ProtocolError)
    reject(error)
  }

  function finish(): void {
    if (!settle()) return
    // what comes after the end is for nobody; the peer has closed its half, or does so now
    void farewell(stream, limits)
    resolve()
  }

  const onMessage = ({ data }: Pick<StreamMessageEvent, 'data'>): void => {
    if (isOver) return
    received += data.byteLength
    try {
      if (data instanceof Uint8Array) reader.feed(data)
      else for (const part of data) if (!isOver) reader.feed(part)
    } catch (error) {
      fail(error)
    }
    holdBack()
  }

  /** Pausing inside `resume` would be undone by it: it reopens the window when its listeners are through. */
  function holdBack(): void {
    if (isOver || isResuming || isPaused || !sink.isFull() || stream.readStatus !== 'readable') return
    isPaused = true
    wasPaused = true
    stream.pause()
  }

  function goOn(): void {
    if (isOver || !isPaused || sink.isFull() || stream.readStatus !== 'paused') return
    isPaused = false
    isResuming = true
    stream.resume()
    isResuming = false
    holdBack()
  }

  const onClose = (): void => fail(lost('The stream was reset.'))
  const onEnd = (): void => {
    const isCut = stream.status === 'open' && !reader.isBetween()
    fail(
      isCut
        ? offence('FRAME_TRUNCATED', 'The peer ended its stream inside an entry.')
        : lost('The stream ended before the transfer.'),
    )
  }
  const onAbort = (): void => fail(interrupted(signal))

  /** What is held back here is not held against the peer. */
  const check = (): void => {
    if (!wasPaused && received - sinceCheck < limits.stallBytes) fail(stalled('remote'))
    if (isOver) return
    wasPaused = isPaused
    sinceCheck = received
    watch = setTimeout(check, limits.stallMs)
  }
  let watch = setTimeout(check, limits.firstMs)

  signal.addEventListener('abort', onAbort, { once: true })
  stream.addEventListener('message', onMessage)
  stream.addEventListener('close', onClose)
  stream.addEventListener('end', onEnd)
  try {
    const body = encodeRequest(request)
    stream.send(Buffer.concat([encodeVarint(body.length), body]))
  } catch {
    fail(lost('The stream closed before it was used.'))
  }
  if (signal.aborted) onAbort()
  // who ended before it was asked said it to nobody
  else if (stream.readableEnded) onEnd()

  return {
    done,
    onTurn(failure) {
      if (failure !== undefined) fail(failure)
      else goOn()
    },
  }
}
