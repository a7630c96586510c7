import { setImmediate as endOfTurn } from 'node:timers/promises'
import { WRITE_BATCH_BYTES } from '../constants.ts'
import type { FramePort } from '../wire/frame-port.ts'

/** Makes the bytes of a frame when its turn comes, so that waiting answers hold no encoded copy; undefined if it is wanted no longer. */
export type MakeFrame = () => Uint8Array | undefined

/**
 * What goes before what: `control` keeps the session itself going, `call` is what somebody waits for (requests, and answers in one
 * frame), `bulk` are parts and items.
 */
export type Priority = 'control' | 'call' | 'bulk'

/**
 * The one queue in front of a port: frames of one priority leave in the order of `push`, bursts in one write, and each write waits for
 * the port. Each write has room for bulk as well, whatever else waits.
 *
 * What waits is bounded by whoever pushes: requests and answers by the limits in flight, the rest by `maxQueued`.
 */
export interface Writer {
  /** false: the queue is full, and the frame was not taken */
  push(make: MakeFrame, priority: Priority): boolean
  /** Drops what waits, sends this frame as the last one, and resolves when it is written or cannot be. Never rejects. */
  finish(make: MakeFrame): Promise<void>
  /** Resolves when nothing waits any more, whether it was written or not. Never rejects. */
  flushed(): Promise<void>
  readonly sent: { frames: number; bytes: number }
}

/**
 * @param onFailure is told once, with what the port rejected with, or what a frame's making threw
 * @param isBusy whether much is under way: then frames of one turn of the event loop leave together, which costs each some microseconds
 * and saves a write, the dearest part of a small frame. @default never
 */
export function createWriter(
  port: Pick<FramePort, 'send'>,
  limits: { maxQueued: number; writeMs: number },
  onFailure: (error: unknown) => void,
  isBusy: () => boolean = () => false,
): Writer {
  const sent = { frames: 0, bytes: 0 }
  /** One for all writes, since the first stall ends the session. */
  const stalled = new AbortController()
  let queues: Record<Priority, MakeFrame[]> = { control: [], call: [], bulk: [] }
  let state: 'open' | 'finishing' | 'failed' = 'open'
  let writing: Promise<void> | undefined

  const waiting = (): number => queues.control.length + queues.call.length + queues.bulk.length

  /** The frames of the next write. */
  function nextBatch(): Uint8Array[] {
    const batch: Uint8Array[] = []
    let bytes = 0
    const take = (priority: Priority): void => {
      const queue = queues[priority]
      let taken = 0
      while (taken < queue.length && bytes < WRITE_BATCH_BYTES) {
        const frame = queue[taken++]!()
        if (frame === undefined) continue
        bytes += frame.byteLength
        batch.push(frame)
      }
      queues[priority] = queue.slice(taken)
    }
    take('control')
    take('call')
    bytes = 0
    take('bulk')
    return batch
  }

  async function within(sending: Promise<void>): Promise<void> {
    const timer = setTimeout(() => stalled.abort(), limits.writeMs)
    await sending.finally(() => clearTimeout(timer))
  }

  async function drain(): Promise<void> {
    // Frames pushed by now leave together.
    await (isBusy() ? endOfTurn() : undefined)
    while (waiting() > 0) {
      try {
        const frames = nextBatch()
        if (frames.length === 0) continue
        const full = port.send(frames, { signal: stalled.signal })
        if (full !== undefined) await within(full)
        sent.frames += frames.length
        for (const frame of frames) sent.bytes += frame.byteLength
        // while bulk is sent, what comes is read and has its turn
        if (queues.bulk.length > 0) await endOfTurn()
      } catch (error) {
        queues = { control: [], call: [], bulk: [] }
        if (state !== 'failed') onFailure(error)
        state = 'failed'
        break
      }
    }
    // In the same turn as the last look at the queues: a frame pushed from now on starts a new round.
    writing = undefined
  }

  function start(): Promise<void> {
    writing ??= drain()
    return writing
  }

  return {
    sent,
    push(make, priority) {
      if (state !== 'open' || waiting() >= limits.maxQueued) return false
      queues[priority].push(make)
      void start()
      return true
    },
    async finish(make) {
      if (state !== 'open') return
      state = 'finishing'
      queues = { control: [make], call: [], bulk: [] }
      await start()
    },
    async flushed() {
      while (writing !== undefined) await writing
    },
  }
}
