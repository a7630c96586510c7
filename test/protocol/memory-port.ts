import { ProtocolError } from '../../protocol/errors.ts'
import { decodeFrame, encodeFrame, type Frame } from '../../protocol/wire/frame.ts'
import type { FramePort } from '../../protocol/wire/frame-port.ts'

/** A port whose other end is in this process. */
export interface MemoryPort extends FramePort {
  /** A frame that did not come from a session. */
  say(frame: Frame): Promise<void>
  sendRaw(bytes: Uint8Array): Promise<void>
  /** The next frame, decoded; null at the end. */
  hear(): Promise<Frame | null>
  /** From now on the other end's `send` waits, as if nobody read. */
  block(): void
}

const signal = AbortSignal.timeout(2 ** 31 - 1)

/** Two ends of a stream: what one sends the other receives, in order. */
export function createPortPair(): [MemoryPort, MemoryPort] {
  const ends = [createEnd(), createEnd()] as const
  return [portOf(ends[0], ends[1]), portOf(ends[1], ends[0])]
}

interface End {
  inbox: (Uint8Array | null)[]
  wake: PromiseWithResolvers<void>
  writable: PromiseWithResolvers<void>
  ended: boolean
  gone: PromiseWithResolvers<void>
  isGone: boolean
}

function createEnd(): End {
  const writable = Promise.withResolvers<void>()
  writable.resolve()
  return {
    inbox: [],
    wake: Promise.withResolvers(),
    writable,
    ended: false,
    gone: Promise.withResolvers(),
    isGone: false,
  }
}

function portOf(own: End, other: End): MemoryPort {
  const lost = (): ProtocolError =>
    new ProtocolError('CONNECTION_LOST', 'The pair of ports is gone.', { party: 'network' })

  function deliver(item: Uint8Array | null): void {
    other.inbox.push(item)
    other.wake.resolve()
  }

  function leave(): void {
    for (const end of [own, other]) {
      end.isGone = true
      end.gone.resolve()
      end.wake.resolve()
    }
  }

  const port: MemoryPort = {
    async send(frames, options) {
      const stalled = Promise.withResolvers<void>()
      options.signal.addEventListener('abort', () => stalled.resolve(), { once: true })
      await Promise.race([own.writable.promise, own.gone.promise, stalled.promise])
      if (own.isGone || own.ended || options.signal.aborted) throw lost()
      for (const frame of frames) deliver(frame)
    },
    async receive() {
      for (;;) {
        const item = own.inbox.shift()
        if (item !== undefined) return item
        if (own.isGone) throw lost()
        own.wake = Promise.withResolvers()
        await own.wake.promise
      }
    },
    async end() {
      if (own.ended) return
      own.ended = true
      deliver(null)
      if (other.ended) leave()
    },
    async ended(options) {
      const late = Promise.withResolvers<void>()
      options.signal.addEventListener('abort', () => late.resolve(), { once: true })
      await Promise.race([own.gone.promise, late.promise])
    },
    // nothing lies between the ends: what is not received waits in the inbox
    pause: () => undefined,
    resume: () => undefined,
    abort: leave,
    say: async (frame) => port.send([encodeFrame(frame)], { signal }),
    sendRaw: async (bytes) => port.send([bytes], { signal }),
    async hear() {
      const bytes = await port.receive()
      return bytes === null ? null : decodeFrame(bytes)
    },
    block() {
      other.writable = Promise.withResolvers()
    },
  }
  return port
}
