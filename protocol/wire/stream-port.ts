import type { Stream } from '@libp2p/interface'
import { pEvent } from 'p-event'
import { ProtocolError } from '../errors.ts'
import type { FramePort } from './frame-port.ts'
import { createFrameReader } from './frame-reader.ts'
import { withLengths } from './length-prefix.ts'

/**
 * A libp2p stream as a port of frames.
 *
 * To be called on the first line of a stream handler, before any await: bytes that arrive while nobody listens can be lost
 * to a reader that starts later.
 */
export function createStreamPort(stream: Stream): FramePort {
  const reader = createFrameReader()
  /** why nothing more comes, other than the peer's having ended its side */
  let failure: ProtocolError | undefined
  let wake: () => void = () => {}

  const fail = (error: ProtocolError): void => {
    failure ??= error
    wake()
  }
  stream.addEventListener('message', ({ data }) => {
    if (failure !== undefined) return
    try {
      if (data instanceof Uint8Array) reader.feed(data)
      else for (const piece of data) reader.feed(piece)
    } catch (error) {
      fail(error as ProtocolError)
    }
    wake()
  })
  stream.addEventListener('remoteCloseWrite', () => wake())
  stream.addEventListener('close', ({ error }) => {
    if (error !== undefined) fail(lost('The stream was reset.'))
    wake()
  })

  const isAtEnd = (): boolean => stream.remoteWriteStatus !== 'writable' && stream.readBufferLength === 0

  function end(): null {
    if (!reader.isInside) return null
    // A peer that dies in the middle of a frame takes its connection along; one whose stream is still open cut the frame itself.
    if (stream.status !== 'open') throw lost('The stream ended in the middle of a frame.')
    throw new ProtocolError('FRAME_TRUNCATED', 'The peer ended its stream inside a frame.', { party: 'remote' })
  }

  return {
    send(frames, options) {
      try {
        if (stream.send(withLengths(frames))) return undefined
      } catch {
        throw cut()
      }
      return pEvent(stream, 'drain', { ...options, rejectionEvents: ['close'] }).then(
        () => undefined,
        () => Promise.reject(cut()),
      )
    },

    async receive() {
      for (;;) {
        const frame = reader.next()
        if (frame !== undefined) return frame
        if (failure !== undefined) throw failure
        if (isAtEnd()) return end()
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },

    // of a stream that has ended both throw
    pause: () => stream.readStatus === 'readable' && stream.pause(),
    resume: () => stream.readStatus === 'paused' && stream.resume(),

    async end(options) {
      await stream.close(options)
    },

    async ended(options) {
      if (isOver(stream)) return
      await pEvent(stream, 'close', { ...options, rejectionEvents: [] }).catch(() => undefined)
    },

    abort() {
      if (!isOver(stream)) stream.abort(new ProtocolError('STOPPED', 'The internode session ended.'))
    },
  }
}

function isOver(stream: Stream): boolean {
  return stream.status === 'closed' || stream.status === 'aborted' || stream.status === 'reset'
}

const cut = (): ProtocolError => lost('The stream closed while a frame was being sent.')

function lost(message: string): ProtocolError {
  return new ProtocolError('CONNECTION_LOST', message, { party: 'network', hint: 'Ask again.' })
}
