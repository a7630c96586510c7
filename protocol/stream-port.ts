import type { Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { pEvent } from 'p-event'
import { MAX_FRAME_BYTES, MAX_LENGTH_BYTES, MAX_READ_BUFFER_BYTES } from './constants.ts'
import { ProtocolError } from './errors.ts'
import type { FramePort } from './frame-port.ts'
import { decodeLength } from './length-prefix.ts'

/**
 * A libp2p stream as a port of frames.
 *
 * To be called on the first line of a stream handler, before any await: bytes that arrive while nobody listens can be lost
 * to a reader that starts later.
 */
export function createStreamPort(stream: Stream): FramePort {
  let insideFrame = false
  const lp = lpStream(stream, {
    maxDataLength: MAX_FRAME_BYTES,
    maxLengthLength: MAX_LENGTH_BYTES,
    maxBufferSize: MAX_READ_BUFFER_BYTES,
    lengthDecoder: (prefix) => {
      insideFrame = true
      return decodeLength(prefix.subarray())
    },
  })

  return {
    async send(frames, options) {
      try {
        await lp.writeV(frames, options)
      } catch {
        throw lost('The stream closed while a frame was being sent.')
      }
    },

    async receive() {
      try {
        insideFrame = false
        return (await lp.read()).subarray()
      } catch (error) {
        if (error instanceof ProtocolError) throw error
        if ((error as Error)?.name !== 'UnexpectedEOFError') throw lost('The stream was reset.')
        if (!insideFrame) return null
        // A peer that dies in the middle of a frame takes its connection along; one whose stream is still open cut the frame itself.
        if (stream.status !== 'open') throw lost('The stream ended in the middle of a frame.')
        throw new ProtocolError('FRAME_TRUNCATED', 'The peer ended its stream inside a frame.', { party: 'remote' })
      }
    },

    pause: () => stream.pause(),
    resume: () => stream.resume(),

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

function lost(message: string): ProtocolError {
  return new ProtocolError('CONNECTION_LOST', message, { party: 'network', hint: 'Ask again.' })
}
