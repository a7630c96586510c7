import { WRITE_BATCH_BYTES } from './constants.ts'
import type { FramePort } from './frame-port.ts'

/** Makes the bytes of a frame when its turn comes, so that waiting answers hold no encoded copy. */
export type MakeFrame = () => Uint8Array

/**
 * The one queue in front of a port: frames leave in the order of `push`, bursts in one write, and each write waits for the port.
 *
 * What waits is bounded by whoever pushes: requests and answers by the limits in flight, the rest by `maxQueued`.
 */
export interface Writer {
  /** false: the queue is full, and the frame was not taken */
  push(make: MakeFrame): boolean
  /** Drops what waits, sends this frame as the last one, and resolves when it is written or cannot be. Never rejects. */
  finish(make: MakeFrame): Promise<void>
  /** Resolves when nothing waits any more, whether it was written or not. Never rejects. */
  flushed(): Promise<void>
  readonly sent: { frames: number; bytes: number }
}

/** @param onFailure is told once, with what the port rejected with, or what a frame's making threw */
export function createWriter(
  port: Pick<FramePort, 'send'>,
  limits: { maxQueued: number; writeMs: number },
  onFailure: (error: unknown) => void,
): Writer {
  const sent = { frames: 0, bytes: 0 }
  /** One for all writes, since the first stall ends the session. */
  const stalled = new AbortController()
  let queue: MakeFrame[] = []
  let state: 'open' | 'finishing' | 'failed' = 'open'
  let writing: Promise<void> | undefined

  async function drain(): Promise<void> {
    // Frames pushed in this turn of the event loop leave together.
    await Promise.resolve()
    while (queue.length > 0) {
      const frames: Uint8Array[] = []
      let bytes = 0
      let taken = 0
      try {
        while (taken < queue.length && bytes < WRITE_BATCH_BYTES) {
          const frame = queue[taken++]!()
          bytes += frame.byteLength
          frames.push(frame)
        }
        queue = queue.slice(taken)
        const timer = setTimeout(() => stalled.abort(), limits.writeMs)
        await port.send(frames, { signal: stalled.signal }).finally(() => clearTimeout(timer))
      } catch (error) {
        queue = []
        if (state !== 'failed') onFailure(error)
        state = 'failed'
        writing = undefined
        return
      }
      sent.frames += frames.length
      sent.bytes += bytes
    }
    // In the same turn as the last look at the queue: a frame pushed from now on starts a new round.
    writing = undefined
  }

  function start(): Promise<void> {
    writing ??= drain()
    return writing
  }

  return {
    sent,
    push(make) {
      if (state !== 'open' || queue.length >= limits.maxQueued) return false
      queue.push(make)
      void start()
      return true
    },
    async finish(make) {
      if (state !== 'open') return
      state = 'finishing'
      queue = [make]
      await start()
    },
    async flushed() {
      while (writing !== undefined) await writing
    },
  }
}
